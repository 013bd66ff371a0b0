/** Where identifiers and the evidence between them stand in a drawing: in columns, by how far they are from the
 * strongest identifier. The same input always gives the same drawing. */

export interface Edge {
  first: string;
  second: string;
}

export interface Point {
  x: number;
  y: number;
}

const COLUMN = 260;
const ROW = 40;
const STRENGTH = ["user_id", "email", "phone"];

export interface Drawing {
  points: Map<string, Point>;
  width: number;
  height: number;
}

export function placeNodes(nodes: readonly string[], edges: readonly Edge[]): Drawing {
  const near = new Map<string, string[]>(nodes.map((node) => [node, []]));
  for (const { first, second } of edges) {
    near.get(first)?.push(second);
    near.get(second)?.push(first);
  }
  const columns: string[][] = [];
  const seen = new Set<string>();
  for (const start of [...nodes].sort(byStrength)) {
    if (seen.has(start)) continue;
    seen.add(start);
    let layer = [start];
    for (let depth = 0; layer.length > 0; depth++) {
      columns[depth] = [...(columns[depth] ?? []), ...layer];
      const next: string[] = [];
      for (const other of layer.flatMap((node) => near.get(node) ?? [])) {
        if (!seen.has(other) && near.has(other)) {
          seen.add(other);
          next.push(other);
        }
      }
      layer = next;
    }
  }
  const rows = Math.max(0, ...columns.map((column) => column.length));
  const points = new Map<string, Point>();
  columns.forEach((column, depth) => {
    column.forEach((node, place) => {
      const top = ((rows - column.length) * ROW) / 2;
      points.set(node, { x: depth * COLUMN, y: top + place * ROW + ROW / 2 });
    });
  });
  return { points, width: columns.length * COLUMN, height: rows * ROW };
}

function byStrength(one: string, other: string): number {
  return rank(one) - rank(other) || one.localeCompare(other);
}

function rank(node: string): number {
  const place = STRENGTH.indexOf(node.slice(0, node.indexOf(":")));
  return place < 0 ? STRENGTH.length : place;
}
