import type { ReactNode } from "react";
import { useEffect } from "react";
import { Link } from "wouter";
import classes from "./PageFrame.module.css";

interface Props {
  title: string;
  /** One line: what the page answers, or what the thing is. */
  meaning?: ReactNode;
  /** The list that this thing is of. */
  up?: { href: string; name: string };
  /** What can be done, at the right. */
  action?: ReactNode;
  children: ReactNode;
}

/** The head that every page has, and what stands below it. */
export function PageFrame({ title, meaning, up, action, children }: Props) {
  useEffect(() => {
    document.title = `${title} · Onefold`;
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.names}>
          {up ? (
            <Link className={classes.up} href={up.href}>
              {up.name}
            </Link>
          ) : null}
          <h1>{title}</h1>
          {meaning ? <p className={classes.meaning}>{meaning}</p> : null}
        </div>
        {action ? <div className={classes.action}>{action}</div> : null}
      </header>
      {children}
    </div>
  );
}
