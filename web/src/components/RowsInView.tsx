import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type Ref, useEffect, useLayoutEffect, useRef, useState } from "react";
import classes from "./DataTable.module.css";

const HEIGHT_PX = 34;
const BEYOND = 20;

interface Props<T> {
  rows: T[];
  keyOf(row: T): string | number;
  /** One row; `measure` belongs on its element, which says its place as `data-index`. */
  children(row: T, index: number, measure: (element: Element | null) => void): ReactNode;
}

/** The bodies of a long table: only the rows in view and some beyond are drawn, empty room stands for the others. */
export default function RowsInView<T>({ rows, keyOf, children }: Props<T>) {
  const start = useRef<HTMLTableSectionElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(HEIGHT_PX);
  // What stands above may grow and shrink with any change of the page.
  useLayoutEffect(() => {
    if (!start.current) return;
    setTop(start.current.getBoundingClientRect().top + window.scrollY);
    const row = start.current.nextElementSibling?.querySelector("tr");
    if (row) setHeight(row.getBoundingClientRect().height);
  });
  const view = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => height,
    getItemKey: (index) => keyOf(rows[index] as T),
    overscan: BEYOND,
    scrollMargin: top,
    useFlushSync: false,
  });
  // Rows are about as high as the first of them: what is below must not move while it is clicked on.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heights that were guessed are others then
  useEffect(() => view.measure(), [height]);
  const items = view.getVirtualItems();
  const above = (items[0]?.start ?? top) - top;
  const below = view.getTotalSize() - ((items.at(-1)?.end ?? top) - top);
  return (
    <>
      <Room ref={start} height={above} />
      <tbody>
        {items.map((item) => children(rows[item.index] as T, item.index, view.measureElement))}
      </tbody>
      <Room height={below} />
    </>
  );
}

function Room({ height, ref }: { height: number; ref?: Ref<HTMLTableSectionElement> }) {
  return (
    <tbody ref={ref} className={classes.room} aria-hidden="true">
      <tr>
        <td style={{ height }} />
      </tr>
    </tbody>
  );
}
