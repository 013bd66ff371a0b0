import { Button } from "@mantine/core";
import { memo, type ReactNode } from "react";
import { Link } from "wouter";
import type { Listing } from "../api/useListing";
import classes from "./DataTable.module.css";
import { Shown } from "./Shown";

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
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={classOf(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={keyOf(row)} columns={columns} row={row} href={hrefOf?.(row)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps<T> {
  columns: Column<T>[];
  row: T;
  href: string | undefined;
}

/** Drawn again only when it changed: a list of thousands grows and is kept fresh without a pause. */
const Row = memo(function Row<T>({ columns, row, href }: RowProps<T>) {
  return (
    <tr>
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
