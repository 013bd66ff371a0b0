import { IconX } from "@tabler/icons-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./IconButton";
import classes from "./SidePanel.module.css";

interface Props {
  title: ReactNode;
  onClose(): void;
  children: ReactNode;
}

/** One thing of a list, beside the list; Escape closes it. What lies behind stays in reach. */
export function SidePanel({ title, onClose, children }: Props) {
  const id = useId();
  const panel = useRef<HTMLElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus();
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") close.current();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <aside ref={panel} className={classes.panel} aria-labelledby={id} tabIndex={-1}>
      <header className={classes.head}>
        <h2 id={id}>{title}</h2>
        <IconButton label="Close" onClick={onClose}>
          <IconX size={16} />
        </IconButton>
      </header>
      <div className={classes.body}>{children}</div>
    </aside>
  );
}
