import { Button } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Link, useSearchParams } from "wouter";
import { useMay } from "../../api/useMe";
import { ConfigAsCode } from "../../components/ConfigAsCode";
import { PageFrame } from "../../components/PageFrame";
import { List } from "./List";

const Add = lazy(() => import("./Add"));

/** Where does your data go, and does it arrive? */
export default function Page() {
  const [params] = useSearchParams();
  const mayAdd = useMay("connect");
  const added = params.get("add");
  if (added !== null) {
    return (
      <Suspense fallback={null}>
        <Add connector={added} />
      </Suspense>
    );
  }
  return (
    <PageFrame
      title="Connections"
      meaning="Accounts of destinations that Onefold keeps up to date."
      action={
        <>
          <ConfigAsCode
            kind="connection"
            commands={[["Show what this page shows", "onefold connections list"]]}
          />
          {mayAdd ? (
            <Button component={Link} href="/connections?add=" size="sm">
              Add connection
            </Button>
          ) : null}
        </>
      }
    >
      <List />
    </PageFrame>
  );
}
