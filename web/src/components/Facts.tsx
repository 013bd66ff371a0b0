import type { ReactNode } from "react";
import classes from "./Facts.module.css";

/** Names and values, one below the other; null values are left out. */
export function Facts({ facts }: { facts: Record<string, ReactNode> }) {
  const given = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined);
  return (
    <dl className={classes.facts}>
      {given.map(([name, value]) => (
        <div key={name} className={classes.fact}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
