import { Button, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import type { ConnectionView, ConnectorPage } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { Count } from "../../components/Count";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { useFilters } from "../../components/useFilters";
import { SavedViews } from "../../components/views/SavedViews";
import { ConnectionState } from "./ConnectionState";
import { ConnectionSwitch } from "./ConnectionSwitch";
import classes from "./connection.module.css";
import { Favourite } from "./Favourite";

const PATH = "/api/v1/connections";
const FILTERS = ["search", "label"] as const;
const TYPED_MS = 200;

/** Every connection, favourites first: found by a word or a label, turned on and off in its row. */
export function List() {
  const [filters, setFilters] = useFilters(FILTERS);
  const { search: typed, label } = filters;
  // The address has it at once: what is written there later would take somebody back who has gone on.
  const [search] = useDebouncedValue(typed.trim(), TYPED_MS);
  const connections = useListing<ConnectionView>(
    PATH,
    { search, label, sort: "favourite" },
    { on: ["config", "deliveries", "runs"] },
  );
  const labels = useLabels(connections.data);
  const columns = useColumns();
  const isNarrowed = typed !== "" || label !== "";
  const isEmpty = connections.data?.length === 0 && !isNarrowed;
  return (
    <>
      {isEmpty ? null : (
        <div className={classes.filters}>
          <TextInput
            aria-label="Search connections"
            placeholder="Name, description, owner, label…"
            leftSection={<IconSearch size={16} stroke={1.6} />}
            value={typed}
            onChange={(event) =>
              setFilters({ search: event.currentTarget.value }, { replace: true })
            }
          />
          {[...new Set([...labels, ...(label ? [label] : [])])].map((one) => (
            <Button
              key={one}
              size="compact-sm"
              variant={one === label ? "light" : "default"}
              aria-pressed={one === label}
              onClick={() => setFilters({ label: one === label ? "" : one })}
            >
              {one}
            </Button>
          ))}
          <SavedViews of="connections" filters={filters} />
        </div>
      )}
      <ListingTable
        of={connections}
        columns={columns}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/connections/${one.id}`}
        empty={isNarrowed ? <NoneLikeThat /> : <NoneYet />}
      />
    </>
  );
}

function NoneLikeThat() {
  return (
    <Notice title="No connection is like that" level={2}>
      Search looks into names, descriptions, owners and labels.
    </Notice>
  );
}

function NoneYet() {
  const mayAdd = useMay("connect");
  return (
    <Notice
      title="No connection yet"
      command="onefold connections create --help"
      level={2}
      action={
        mayAdd ? (
          <Button component={Link} href="/connections?add=" size="sm">
            Add your first connection
          </Button>
        ) : null
      }
    >
      A connection is an account of a destination. Nothing leaves Onefold before one is on;{" "}
      <code>onefold braze-sandbox</code> is a destination to try it on.
    </Notice>
  );
}

function useColumns(): Column<ConnectionView>[] {
  const connectors = useItem<ConnectorPage>("/api/v1/connectors");
  const titleOf = (name: string) =>
    connectors.data?.items.find((one) => one.name === name)?.declaration?.title ?? name;
  return [
    { name: "Connection", show: (one) => one.name },
    { name: "To", show: (one) => titleOf(one.connector), isExtra: true },
    { name: "Status", show: (one) => <ConnectionState status={one.status} /> },
    { name: "Goals on", show: goalsOn, isNumber: true, isExtra: true },
    { name: "Waiting", show: (one) => <Count value={one.waiting} unit="items" />, isNumber: true },
    { name: "Labels", show: (one) => one.labels.join(", ") || "–", isExtra: true },
    { name: "Owner", show: (one) => one.owner || "–", isExtra: true },
    { name: "", show: (one) => <Favourite connection={one} />, isExtra: true },
    { name: "On", show: (one) => <ConnectionSwitch connection={one} /> },
  ];
}

/** Every label that was seen here, so that narrowing the list takes none away. */
function useLabels(shown: ConnectionView[] | undefined): string[] {
  const [seen, setSeen] = useState<string[]>([]);
  const now = [...new Set([...seen, ...(shown ?? []).flatMap((one) => one.labels)])].sort();
  if (now.length > seen.length) setSeen(now);
  return now;
}

function goalsOn(connection: ConnectionView): string {
  const on = connection.goals.filter((goal) => goal.enabled).length;
  return `${on} of ${connection.goals.length}`;
}
