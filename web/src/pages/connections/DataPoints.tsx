import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { DataPoints as Points } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { type Column, DataTable } from "../../components/DataTable";
import { formatExact } from "../../components/format";
import { Notice } from "../../components/Notice";
import { Section } from "../../components/Section";
import classes from "./connection.module.css";

type By = Points["by"];
type Row = Points["items"][number];
const WAYS: { value: By; label: string }[] = [
  { value: "day", label: "By day" },
  { value: "goal", label: "By goal" },
  { value: "field", label: "By field" },
];

/** What was spent at a destination that bills by field, and what the ledger saved. */
export function DataPoints({ path }: { path: string }) {
  const [by, setBy] = useState<By>("day");
  const found = useItem<Points>(`${path}/data-points?by=${by}`, 10_000);
  const points = found.data;
  if (!points) return null;
  if (points.spent + points.saved === 0) {
    return (
      <Notice title="No data points yet" level={2}>
        Where a destination bills each field that is sent, what was spent and saved is counted here.
      </Notice>
    );
  }
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
          onChange={(value) => setBy(value as By)}
          aria-label="Data points by"
        />
      }
    >
      <p className={classes.sums}>
        {formatExact(points.spent)} spent, {formatExact(points.saved)} saved by sending only what
        differs.
        {points.budget.map((one) => (
          <span key={one.period}>
            {" "}
            Of this {one.period}'s budget, {formatExact(one.spent)} of {formatExact(one.limit)} are
            spent.
          </span>
        ))}
      </p>
      <DataTable columns={columns} rows={points.items} keyOf={nameOf} />
    </Section>
  );
}

function nameOf(row: Row): string {
  return row.day ?? row.field ?? row.goal ?? "";
}
