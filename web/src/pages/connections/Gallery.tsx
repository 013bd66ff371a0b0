import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "wouter";
import type { ConnectorView } from "../../api/schema";
import { Notice } from "../../components/Notice";
import { Status } from "../../components/Status";
import classes from "./gallery.module.css";

/** Every connector that is installed, with what it can do; found by a word. */
export function Gallery({ connectors }: { connectors: ConnectorView[] }) {
  const [typed, setTyped] = useState("");
  const found = connectors.filter((one) => holds(one, typed));
  return (
    <>
      <TextInput
        aria-label="Search connectors"
        placeholder="Name, or what it shall do…"
        leftSection={<IconSearch size={16} stroke={1.6} />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        maw={420}
      />
      {found.length === 0 ? (
        <Notice title="None is like that" level={2}>
          Connectors are Python packages: another one appears here once it is installed.
        </Notice>
      ) : (
        <ul className={classes.gallery}>
          {found.map((one) => (
            <li key={one.name} className={classes.card}>
              <Card of={one} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Card({ of: one }: { of: ConnectorView }) {
  if (!one.declaration) {
    return (
      <>
        <h2>{one.name}</h2>
        <Status tone="bad" word="Could not be loaded" />
        <p className={classes.dim}>{one.reason}</p>
      </>
    );
  }
  const { title, description, goals } = one.declaration;
  return (
    <>
      <h2>
        <Link href={`/connections?add=${encodeURIComponent(one.name)}`} className={classes.link}>
          {title}
        </Link>
      </h2>
      <p>{description}</p>
      <ul className={classes.goals}>
        {goals.map((goal) => (
          <li key={goal.name}>{goal.title}</li>
        ))}
      </ul>
    </>
  );
}

function holds({ name, declaration }: ConnectorView, typed: string): boolean {
  const texts = [name, declaration?.title, declaration?.description];
  for (const goal of declaration?.goals ?? []) texts.push(goal.title, goal.description);
  const all = texts.join("\n").toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}
