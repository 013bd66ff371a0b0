import { Tabs } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { useSearchParams } from "wouter";
import classes from "./PageTabs.module.css";

export interface PageTab {
  /** As `?tab=` in the address. */
  id: string;
  title: string;
  show(): ReactNode;
}

interface Props {
  tabs: PageTab[];
  /** The one that is shown where the address names none. */
  first: string;
}

/** The parts of a page side by side; the address says which is open, and only that one is made. */
export function PageTabs({ tabs, first }: Props) {
  const [params, setParams] = useSearchParams();
  const asked = params.get("tab");
  const value = tabs.some((tab) => tab.id === asked) ? asked : first;
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const chosen = value && list.current?.querySelector("[aria-selected=true]");
    if (chosen) chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [value]);

  return (
    <Tabs
      value={value}
      onChange={(tab) => setParams(tab && tab !== first ? { tab } : {})}
      keepMounted={false}
    >
      <Tabs.List ref={list} className={classes.list}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.id} value={tab.id}>
            {tab.title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {tabs.map((tab) => (
        <Tabs.Panel key={tab.id} value={tab.id} pt="lg">
          {tab.id === value ? tab.show() : null}
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}
