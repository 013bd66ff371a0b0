import { useDebouncedValue } from "@mantine/hooks";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useLocation } from "wouter";
import { Dialog } from "../components/Dialog";
import classes from "./Palette.module.css";
import { useFindings } from "./useFindings";

/** Everything by its name: type, choose with the arrows, Enter opens. */
export function Palette({ close }: { close(): void }) {
  const [typed, setTyped] = useState("");
  const [searched] = useDebouncedValue(typed.trim(), 120);
  const findings = useFindings(typed.trim(), searched);
  const [chosen, setChosen] = useState(0);
  const [, go] = useLocation();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const place = Math.min(chosen, Math.max(findings.length - 1, 0));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the one that is chosen has to be in view
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [place]);

  function open(href: string | undefined) {
    if (!href) return;
    close();
    go(href);
  }

  function onKey(event: KeyboardEvent) {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      setChosen((place + step + findings.length) % Math.max(findings.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      open(findings[place]?.href);
    }
  }

  return (
    <Dialog title="Find anything" isBare onClose={close}>
      {() => (
        <>
          <input
            className={classes.box}
            role="combobox"
            aria-expanded="true"
            aria-controls={id}
            aria-activedescendant={findings.length > 0 ? `${id}-${place}` : undefined}
            aria-label="Find a page, a person, a segment, a connection"
            placeholder="Find a page, a person, a segment, a connection…"
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              setChosen(0);
            }}
            onKeyDown={onKey}
          />
          <div ref={list} id={id} className={classes.found} role="listbox" aria-label="Found">
            {findings.map((one, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: keys are taken by the box, which keeps the focus
              <div
                key={`${one.kind}:${one.href}`}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === place}
                onMouseMove={() => setChosen(index)}
                onClick={() => open(one.href)}
              >
                <span>{one.name}</span>
                <span className={classes.kind}>{one.kind}</span>
              </div>
            ))}
          </div>
          <p className={classes.foot} role="status">
            {findings.length === 0
              ? "Nothing has that in its name."
              : "↑ ↓ choose · Enter opens · Esc leaves"}
          </p>
        </>
      )}
    </Dialog>
  );
}
