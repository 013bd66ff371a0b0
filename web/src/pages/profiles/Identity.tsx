import { Button } from "@mantine/core";
import { useSearchParams } from "wouter";
import type { LinkView, ProfileView } from "../../api/schema";
import type { Listing } from "../../api/useListing";
import { type Column, ListingTable } from "../../components/DataTable";
import { formatExact } from "../../components/format";
import { Section } from "../../components/Section";
import { When } from "../../components/When";
import { Graph } from "./Graph";
import { DECISIONS, linkWords } from "./linkWords";
import classes from "./profile.module.css";

/** More are read better in the table. */
const NODES_MAX = 60;

interface Props {
  profile: ProfileView;
  links: Listing<LinkView>;
  sourceName(id: number | null): string;
}

/** The identifiers, the evidence between them, and who became one with the person so far. */
export function Identity({ profile, links, sourceName }: Props) {
  const [params, setParams] = useSearchParams();
  const chosen = params.get("of") ?? "";
  const choose = (of: string) => setParams(of ? { tab: "identity", of } : { tab: "identity" });
  const all = links.data ?? [];
  const merges = all.filter((link) => link.decision === "merge");
  const shown = { ...links, data: links.data?.filter((link) => touches(link, chosen)) };
  const columns: Column<LinkView>[] = [
    { name: "When", show: (one) => <When at={one.at} /> },
    { name: "First", show: (one) => `${one.first.kind}: ${one.first.value}` },
    { name: "Second", show: (one) => `${one.second.kind}: ${one.second.value}` },
    { name: "Decision", show: (one) => DECISIONS[one.decision] ?? one.decision },
    { name: "By", show: (one) => one.rule, isExtra: true },
    { name: "Source", show: (one) => sourceName(one.source_id) || "–", isExtra: true },
    { name: "Reason", show: (one) => one.reason || "–", isExtra: true },
  ];
  return (
    <div className={classes.column}>
      {profile.identifier_details.length <= NODES_MAX ? (
        <Graph profile={profile} links={all} chosen={chosen} choose={choose} />
      ) : (
        <p className={classes.dim}>
          {formatExact(profile.identifier_details.length)} identifiers are too many to draw; the
          evidence follows.
        </p>
      )}
      <Section
        title="Evidence"
        aside={
          chosen ? (
            <Button size="compact-sm" variant="subtle" onClick={() => choose("")}>
              Show all, not only {chosen.slice(chosen.indexOf(":") + 1)}
            </Button>
          ) : null
        }
      >
        <ListingTable
          of={shown}
          columns={columns}
          keyOf={(one) => one.id}
          empty={<p className={classes.dim}>One identifier alone needs no evidence.</p>}
        />
      </Section>
      <Section title="Merges so far" aside={merges.length || null}>
        {merges.length > 0 ? (
          <ul className={classes.list}>
            {merges.map((link) => (
              <li key={link.id}>
                {linkWords(link)}{" "}
                <span className={classes.small}>
                  {sourceName(link.source_id)} <When at={link.at} />
                </span>
              </li>
            ))}
          </ul>
        ) : (
          <p className={classes.dim}>This person was always one.</p>
        )}
      </Section>
    </div>
  );
}

function touches(link: LinkView, chosen: string): boolean {
  if (!chosen) return true;
  return [link.first, link.second].some((end) => `${end.kind}:${end.value}` === chosen);
}
