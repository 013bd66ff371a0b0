import { TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import type { ProfileView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { useMay } from "../../api/useMe";
import { type Column, ListingTable } from "../../components/DataTable";
import { Notice } from "../../components/Notice";
import { PageFrame } from "../../components/PageFrame";
import { When } from "../../components/When";
import { nameOf } from "./nameOf";

const COLUMNS: Column<ProfileView>[] = [
  { name: "Person", show: nameOf },
  {
    name: "Identifiers",
    show: (one) => one.identifier_details.length,
    isNumber: true,
    isExtra: true,
  },
  {
    name: "Segments",
    show: (one) => one.segments.map((segment) => segment.name).join(", ") || "–",
  },
  { name: "First seen", show: (one) => <When at={one.first_seen} />, isExtra: true },
  { name: "Last seen", show: (one) => <When at={one.last_seen} /> },
];

/** Who is known? */
export default function Page() {
  const [params] = useSearchParams();
  const [, go] = useLocation();
  const [typed, setTyped] = useState(params.get("search") ?? "");
  const [search] = useDebouncedValue(typed.trim(), 200);
  const mayFind = useMay("personal");
  const people = useListing<ProfileView>("/api/v1/profiles", { search });
  useEffect(() => {
    go(search ? `/profiles?search=${encodeURIComponent(search)}` : "/profiles", { replace: true });
  }, [search, go]);
  return (
    <PageFrame title="Profiles" meaning="Everyone that you know, one profile a person.">
      {mayFind ? (
        <TextInput
          aria-label="Search by an identifier"
          placeholder="Beginning of an e-mail address, user id, phone…"
          leftSection={<IconSearch size={16} stroke={1.6} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          maw={420}
        />
      ) : null}
      <ListingTable
        of={people}
        columns={COLUMNS}
        keyOf={(one) => one.id}
        hrefOf={(one) => `/profiles/${one.id}`}
        empty={
          search ? (
            <Notice title="Nobody has an identifier that begins so" level={2}>
              Values are compared as they are kept: e-mail addresses in lower case, phone numbers
              with their country.
            </Notice>
          ) : (
            <Notice title="Nobody is known yet" command="onefold sources create my-site" level={2}>
              A profile comes to be with the first event that names somebody. Make a source, and
              send one.
            </Notice>
          )
        }
      />
    </PageFrame>
  );
}
