import { IconChevronDown, IconChevronUp, IconGripVertical } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import classes from "./OrderedList.module.css";

interface Props<T> {
  items: readonly T[];
  /** What an item is called, for whoever hears it: "goal People", "row 2". */
  nameOf(item: T, place: number): string;
  /** What an item is known by; its place, where it has nothing of its own. */
  keyOf?(item: T): string | number;
  onMove(from: number, to: number): void;
  isFixed?: boolean;
  className?: string | undefined;
  children(item: T, place: number): ReactNode;
}

type Way = "up" | "down";

/** Items in an order that is changed by dragging, or by buttons where there is no mouse. */
export function OrderedList<T>(props: Props<T>) {
  const { items, nameOf, keyOf, onMove, isFixed = false, className, children } = props;
  const list = useRef<HTMLOListElement>(null);
  const follow = useRef<{ to: number; way: Way } | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once the items stand in their new order
  useEffect(() => {
    if (follow.current && list.current) focusOn(list.current, follow.current);
    follow.current = null;
  }, [items]);

  function move(from: number, way: Way) {
    const to = way === "up" ? from - 1 : from + 1;
    follow.current = { to, way };
    onMove(from, to);
  }

  function drop(to: number) {
    if (dragged !== null && dragged !== to) onMove(dragged, to);
    setDragged(null);
    setOver(null);
  }

  return (
    <ol ref={list} className={[classes.list, className].filter(Boolean).join(" ")}>
      {items.map((item, place) => (
        <li
          key={keyOf ? keyOf(item) : place}
          className={classes.item}
          data-over={over === place && dragged !== null && dragged !== place}
          data-dragged={dragged === place}
          onDragOver={(event) => {
            if (dragged === null) return;
            event.preventDefault();
            setOver(place);
          }}
          onDrop={(event) => {
            event.preventDefault();
            drop(place);
          }}
        >
          <div className={classes.order}>
            {isFixed || items.length < 2 ? null : (
              <>
                <Grip
                  onStart={() => setDragged(place)}
                  onEnd={() => {
                    setDragged(null);
                    setOver(null);
                  }}
                />
                <MoveButton
                  way="up"
                  name={nameOf(item, place)}
                  isOff={place === 0}
                  onClick={() => move(place, "up")}
                />
                <MoveButton
                  way="down"
                  name={nameOf(item, place)}
                  isOff={place === items.length - 1}
                  onClick={() => move(place, "down")}
                />
              </>
            )}
          </div>
          {children(item, place)}
        </li>
      ))}
    </ol>
  );
}

/** What the mouse takes hold of; the whole item is what it drags. */
function Grip({ onStart, onEnd }: { onStart(): void; onEnd(): void }) {
  return (
    <span
      className={classes.grip}
      draggable
      aria-hidden="true"
      data-grip
      onDragStart={(event) => {
        const item = event.currentTarget.closest("li");
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", "");
        if (item) event.dataTransfer.setDragImage(item, 12, 12);
        onStart();
      }}
      onDragEnd={onEnd}
    >
      <IconGripVertical size={16} stroke={1.6} />
    </span>
  );
}

interface MoveProps {
  way: Way;
  name: string;
  isOff: boolean;
  onClick(): void;
}

function MoveButton({ way, name, isOff, onClick }: MoveProps) {
  const Icon = way === "up" ? IconChevronUp : IconChevronDown;
  return (
    <button
      type="button"
      className={classes.move}
      data-way={way}
      disabled={isOff}
      aria-label={`Move ${name} ${way}`}
      onClick={onClick}
    >
      <Icon size={16} stroke={1.6} />
    </button>
  );
}

/** The button that moved an item goes with it, so that it can be pressed again. */
function focusOn(list: HTMLElement, { to, way }: { to: number; way: Way }) {
  const buttons = list.children[to]?.querySelectorAll<HTMLButtonElement>("[data-way]") ?? [];
  const usable = [...buttons].filter((button) => !button.disabled);
  (usable.find((button) => button.dataset.way === way) ?? usable[0])?.focus();
}
