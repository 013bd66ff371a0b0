import type { BudgetWaiterView, ConnectionView } from "../../api/schema";
import { useListing } from "../../api/useListing";
import { type Column, ListingTable } from "../../components/DataTable";
import { formatExact } from "../../components/format";
import { Section } from "../../components/Section";
import classes from "./connection.module.css";

const COLUMNS: Column<BudgetWaiterView>[] = [
  { name: "Person", show: (one) => `Person ${one.profile_id}` },
  { name: "Goal that sends them", show: (one) => one.goal },
];

/** Who waits for room in the budget; nothing while nobody does. */
export function BudgetWaiters({ connection }: { connection: ConnectionView }) {
  const { id, waiting_for_budget: count } = connection;
  const waiting = useListing<BudgetWaiterView>(
    `/api/v1/connections/${id}/waiting-for-budget`,
    {},
    { on: ["deliveries", "config"], pace: "slow" },
  );
  if (count === 0) return null;
  return (
    <Section title={`Waiting for room in the budget (${formatExact(count)})`}>
      <p className={classes.sums}>
        They are sent, as they are then, once the next day or month begins, or the budget is raised.
      </p>
      <ListingTable
        of={waiting}
        columns={COLUMNS}
        keyOf={(one) => `${one.goal_id} ${one.profile_id}`}
        hrefOf={(one) => `/profiles/${one.profile_id}`}
        empty={<p>Only events wait: the runs of their goals count them.</p>}
      />
    </Section>
  );
}
