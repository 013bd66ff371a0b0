/** What people say of a file's columns, before the server makes a mapping of it. */
import type { ColumnUse, FilePreview, ImportPreviewView } from "../../api/schema";

export interface Uses {
  columns: ColumnUse[];
  event: string;
  id: string[];
}

/** What the server suggests, to begin with. */
export function usesOf(preview: ImportPreviewView): Uses {
  const columns = preview.columns.map(({ name, role, target, type }) => ({
    name,
    role,
    target,
    type,
    why: "",
  }));
  return { columns, event: preview.event, id: preview.id };
}

/** With one column changed. What only one column can be, the others are no more. */
export function changeColumn(uses: Uses, name: string, change: Partial<ColumnUse>): Uses {
  const isSingle = change.role === "time" || change.role === "event";
  const columns = uses.columns.map((one): ColumnUse => {
    if (one.name === name) return { ...one, ...change };
    return isSingle && one.role === change.role ? { ...one, role: "ignore" } : one;
  });
  return { ...uses, columns };
}

/** Rows are people, or events: what belonged to the one belongs to the other. */
export function changeKind(uses: Uses, isEvent: boolean): Uses {
  const [from, to] = isEvent ? (["trait", "property"] as const) : (["property", "trait"] as const);
  const columns = uses.columns.map(
    (one): ColumnUse => ({ ...one, role: one.role === from ? to : one.role }),
  );
  if (isEvent) return { ...uses, columns, event: uses.event || "Imported" };
  return {
    columns: columns.map((one) => (one.role === "event" ? { ...one, role: "ignore" } : one)),
    event: "",
    id: [],
  };
}

export function isEventFile(uses: Uses): boolean {
  return uses.event !== "" || hasNames(uses);
}

/** Whether a column says what each event is called. */
export function hasNames(uses: Uses): boolean {
  return uses.columns.some((one) => one.role === "event");
}

/** What to ask the server; without uses it suggests. */
export function questionOf(file: string, uses: Uses | null): FilePreview {
  const question = { file, path: "", event: "", mapping: null };
  if (!uses) return { ...question, columns: null };
  return {
    ...question,
    columns: uses.columns,
    id: uses.id,
    event: hasNames(uses) ? "" : uses.event,
  };
}
