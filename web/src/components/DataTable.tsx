import { Button } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import {
  lazy,
  memo,
  type ReactNode,
  type RefObject,
  Suspense,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { Link } from "wouter";
import type { Listing } from "../api/useListing";
import classes from "./DataTable.module.css";
import { Shown } from "./Shown";

const RowsInView = lazy(() => import("./RowsInView"));

/** Of a list longer than this only what is in view is drawn; the search of the browser finds all of a shorter one. */
const WHOLE_MAX = 200;

export interface Column<T> {
  name: string;
  show(row: T): ReactNode;
  isNumber?: boolean;
  /** Left out where there is little room. */
  isExtra?: boolean;
}

interface TableProps<T> {
  columns: Column<T>[];
  rows: T[];
  keyOf(row: T): string | number;
  /** Where a row leads: its first cell becomes the link. */
  hrefOf?(row: T): string;
}

/** Rows under headings; numbers at the right. */
export function DataTable<T>({ columns, rows, keyOf, hrefOf }: TableProps<T>) {
  const isLong = rows.length > WHOLE_MAX;
  const table = useRef<HTMLTableElement>(null);
  const shares = useShares(table, isLong);
  const drawn = (row: T, index?: number, measure?: Measure) => (
    <Row
      key={keyOf(row)}
      columns={columns}
      row={row}
      href={hrefOf?.(row)}
      index={index}
      measure={measure}
    />
  );
  const whole = <tbody>{rows.slice(0, WHOLE_MAX).map((row) => drawn(row))}</tbody>;
  return (
    <div className={classes.scroll}>
      <table
        ref={table}
        className={classes.table}
        data-fixed={shares ? true : undefined}
        aria-rowcount={isLong ? rows.length + 1 : undefined}
      >
        <thead>
          <tr aria-rowindex={isLong ? 1 : undefined}>
            {columns.map((column, place) => (
              <th
                key={column.name}
                scope="col"
                className={classOf(column)}
                style={shares ? { width: shares[place] } : undefined}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        {isLong ? (
          <Suspense fallback={whole}>
            <RowsInView rows={rows} keyOf={keyOf}>
              {drawn}
            </RowsInView>
          </Suspense>
        ) : (
          whole
        )}
      </table>
    </div>
  );
}

/** Each column's share of a long table, as its first rows gave it: others in view must not move the columns. */
function useShares(
  table: RefObject<HTMLTableElement | null>,
  isLong: boolean,
): string[] | undefined {
  // Where there is little room columns are left out, so that the shares are others.
  const isNarrow = useMediaQuery("(max-width: 760px)", false, { getInitialValueInEffect: false });
  const [seen, setSeen] = useState<{ isNarrow: boolean; shares: string[] }>();
  const shares = isLong && seen?.isNarrow === isNarrow ? seen.shares : undefined;
  useLayoutEffect(() => {
    const whole = table.current?.offsetWidth ?? 0;
    if (!isLong || shares || whole === 0) return;
    const headings = [...(table.current?.querySelectorAll("th") ?? [])];
    setSeen({
      isNarrow,
      shares: headings.map((each) => `${(each.offsetWidth / whole) * 100}%`),
    });
  }, [table, isLong, isNarrow, shares]);
  return shares;
}

type Measure = (element: Element | null) => void;

interface RowProps<T> {
  columns: Column<T>[];
  row: T;
  href: string | undefined;
  /** Its place in a list of which only a part is drawn. */
  index: number | undefined;
  measure: Measure | undefined;
}

/** Drawn again only when it changed: a list of thousands grows and is kept fresh without a pause. */
const Row = memo(function Row<T>({ columns, row, href, index, measure }: RowProps<T>) {
  return (
    <tr
      ref={measure}
      data-index={index}
      aria-rowindex={index === undefined ? undefined : index + 2}
    >
      {columns.map((column, place) => (
        <td key={column.name} className={classOf(column)}>
          {place === 0 && href ? (
            <Link href={href} className={classes.link}>
              {column.show(row)}
            </Link>
          ) : (
            column.show(row)
          )}
        </td>
      ))}
    </tr>
  );
}) as <T>(props: RowProps<T>) => ReactNode;

interface ListingProps<T> extends Omit<TableProps<T>, "rows"> {
  of: Listing<T>;
  /** In place of a table without rows. */
  empty: ReactNode;
}

/** A listing of the API as a table, with more rows on demand. */
export function ListingTable<T>({ of, empty, ...table }: ListingProps<T>) {
  return (
    <Shown of={of}>
      {(rows) =>
        rows.length === 0 ? (
          empty
        ) : (
          <>
            <DataTable {...table} rows={rows} />
            {of.hasMore ? (
              <Button
                className={classes.more}
                variant="default"
                size="sm"
                loading={of.isLoadingMore}
                onClick={of.loadMore}
              >
                Show more
              </Button>
            ) : null}
          </>
        )
      }
    </Shown>
  );
}

function classOf<T>(column: Column<T>): string | undefined {
  return (
    [column.isNumber ? classes.number : "", column.isExtra ? classes.extra : ""].join(" ").trim() ||
    undefined
  );
}
