import type { ReactNode } from "react";
import { Command } from "./Command";
import classes from "./Notice.module.css";

interface Props {
  title: string;
  /** One sentence: what it means or what to do. */
  children: ReactNode;
  command?: string;
  action?: ReactNode;
  /** Inside a section instead of in place of the page. */
  isSmall?: boolean;
}

/** The one shape for "nothing here yet" and "not possible now": a title, a sentence, a command. */
export function Notice({ title, children, command, action, isSmall = false }: Props) {
  const Title = isSmall ? "h3" : "h1";
  return (
    <section className={isSmall ? classes.small : classes.notice}>
      <Title className={classes.title}>{title}</Title>
      <p className={classes.text}>{children}</p>
      {command ? <Command text={command} /> : null}
      {action}
    </section>
  );
}
