import { SegmentedControl } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useSearchParams } from "wouter";
import type { GrowthDayView, GrowthView } from "../../api/schema";
import { useItem } from "../../api/useItem";
import { type Column, DataTable } from "../../components/DataTable";
import { Fold } from "../../components/Fold";
import { formatExact, formatUtcDay } from "../../components/format";
import { Section } from "../../components/Section";
import type { Follows } from "../../live/follows";
import { wordsOf } from "./growth";
import classes from "./growth.module.css";

const GrowthChart = lazy(() => import("./GrowthChart"));

const FOLLOWS: Follows = { on: ["segments"], pace: "slow" };
const RANGES = [30, 90, 365];
const RANGE = 90;
const COLUMNS: Column<GrowthDayView>[] = [
  { name: "Day (UTC)", show: (one) => formatUtcDay(one.day) },
  { name: "Entered", show: (one) => formatExact(one.entered), isNumber: true },
  { name: "Left", show: (one) => formatExact(one.left), isNumber: true },
  { name: "People", show: (one) => formatExact(one.people), isNumber: true },
];

/** How many people were in the segment, day by day. */
export function Growth({ id }: { id: number }) {
  const [params, setParams] = useSearchParams();
  const asked = RANGES.find((days) => String(days) === params.get("days")) ?? RANGE;
  const growth = useItem<GrowthView>(`/api/v1/segments/${id}/growth?days=${asked}`, FOLLOWS).data;
  if (!growth || growth.days.length === 0) return null;
  const words = wordsOf(growth, asked);
  const ask = (days: string) =>
    setParams(
      (before) => {
        before.set("days", days);
        return before;
      },
      { replace: true },
    );
  const isYoung = growth.days.length === 1;
  const ranges = (
    <SegmentedControl
      size="xs"
      value={String(asked)}
      onChange={ask}
      data={RANGES.map((days) => ({ value: String(days), label: `${days} days` }))}
      aria-label="Days shown"
    />
  );
  return (
    <Section title="Growth" aside={isYoung ? null : ranges}>
      <div className={classes.growth}>
        <p className={classes.words}>
          {words}
          {isYoung ? " From tomorrow on, there is a chart here." : ""}
        </p>
        {isYoung ? null : <Days days={growth.days} words={words} />}
      </div>
    </Section>
  );
}

function Days({ days, words }: { days: GrowthDayView[]; words: string }) {
  return (
    <>
      <Suspense fallback={<div className={classes.plots} />}>
        <GrowthChart days={days} summary={`People in the segment by day. ${words}`} />
      </Suspense>
      <Fold title="Day by day" note={`${days.length} days in a table`} isLazy>
        <DataTable columns={COLUMNS} rows={days.toReversed()} keyOf={(one) => one.day} />
      </Fold>
    </>
  );
}
