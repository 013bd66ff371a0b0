import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { ConnectionView, ConnectorInfo, DataPoints as Points } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { type Column, DataTable } from "../../components/DataTable";
import { formatExact } from "../../components/format";
import { Notice } from "../../components/Notice";
import { Section } from "../../components/Section";
import { Shown } from "../../components/Shown";
import { Budget } from "./Budget";
import { BudgetWaiters } from "./BudgetWaiters";
import classes from "./connection.module.css";

type By = Points["by"];
type Row = Points["items"][number];
const WAYS: { value: By; label: string }[] = [
  { value: "day", label: "By day" },
  { value: "goal", label: "By goal" },
  { value: "field", label: "By field" },
];

/** What was spent at a destination that bills by field, what the ledger saved, and what may be spent. */
export function DataPoints({ connection }: { connection: ConnectionView }) {
  const [by, setBy] = useState<By>("day");
  const found = useItem<Points>(`/api/v1/connections/${connection.id}/data-points?by=${by}`, {
    on: ["deliveries", "config"],
    pace: "slow",
  });
  const connector = useItem<ConnectorInfo>(
    `/api/v1/connectors/${encodeURIComponent(connection.connector)}`,
  );
  const bills = connector.data?.goals.some((kind) => kind.bills_fields) ?? true;
  return (
    <Shown of={found}>
      {(points) =>
        !bills && points.spent === 0 && points.budget.length === 0 ? (
          <Notice title="This destination does not bill by field" level={2}>
            Where one does, what was spent and what was saved is counted here, and can be limited.
          </Notice>
        ) : (
          <div className={classes.stack}>
            <Budget connection={connection} periods={points.budget} />
            <BudgetWaiters connection={connection} />
            <Spent points={points} by={by} onBy={setBy} />
          </div>
        )
      }
    </Shown>
  );
}

function Spent({ points, by, onBy }: { points: Points; by: By; onBy(by: By): void }) {
  const columns: Column<Row>[] = [
    { name: points.by === "day" ? "Day" : points.by === "goal" ? "Goal" : "Field", show: nameOf },
    { name: "Spent", show: (one) => formatExact(one.spent), isNumber: true },
    {
      name: "Saved",
      show: (one) => (one.saved === null ? "–" : formatExact(one.saved)),
      isNumber: true,
    },
  ];
  return (
    <Section
      title="Data points, the last 30 days"
      aside={
        <SegmentedControl
          size="xs"
          data={WAYS}
          value={by}
          onChange={(value) => onBy(value as By)}
          aria-label="Data points by"
        />
      }
    >
      <p className={classes.sums}>
        {points.spent + points.saved === 0
          ? "Nothing was sent yet that is billed."
          : `${formatExact(points.spent)} spent, ${formatExact(points.saved)} saved by sending only what differs.`}
      </p>
      {points.items.length > 0 ? (
        <DataTable columns={columns} rows={points.items} keyOf={nameOf} />
      ) : null}
    </Section>
  );
}

function nameOf(row: Row): string {
  return row.day ?? row.field ?? row.goal ?? "";
}
