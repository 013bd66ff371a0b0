import type { ReactNode } from "react";
import { Command } from "./Command";
import classes from "./Notice.module.css";

interface Props {
  title: string;
  /** One sentence: what it means or what to do. */
  children: ReactNode;
  command?: string;
  action?: ReactNode;
  /** In place of the page (1), on it (2), or in a section of it (3). */
  level?: 1 | 2 | 3;
}

/** The one shape for "nothing here yet" and "not possible now": a title, a sentence, a command. */
export function Notice({ title, children, command, action, level = 1 }: Props) {
  const Title = `h${level}` as const;
  return (
    <section className={level === 1 ? classes.notice : classes.small}>
      <Title className={classes.title}>{title}</Title>
      <p className={classes.text}>{children}</p>
      {command ? <Command text={command} /> : null}
      {action}
    </section>
  );
}
