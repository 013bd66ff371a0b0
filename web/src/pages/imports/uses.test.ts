import { describe, expect, it } from "vitest";
import type { ColumnUse } from "../../api/schema";
import { changeColumn, changeKind, isEventFile, questionOf, type Uses } from "./uses";

function use(name: string, role: ColumnUse["role"]): ColumnUse {
  return { name, role, target: name, type: "as_is", why: "" };
}

const PEOPLE: Uses = {
  columns: [use("id", "identifier"), use("plan", "trait"), use("at", "ignore")],
  event: "",
  id: [],
};

const rolesOf = (uses: Uses) => uses.columns.map((one) => one.role);

describe("what columns are", () => {
  it("changes one of them", () => {
    expect(rolesOf(changeColumn(PEOPLE, "plan", { role: "ignore" }))).toEqual([
      "identifier",
      "ignore",
      "ignore",
    ]);
  });

  it("has one time and one name of events", () => {
    const first = changeColumn(PEOPLE, "at", { role: "time" });
    expect(rolesOf(changeColumn(first, "plan", { role: "time" }))).toEqual([
      "identifier",
      "time",
      "ignore",
    ]);
  });

  it("turns people into events, and back", () => {
    const events = changeKind(PEOPLE, true);
    expect([isEventFile(events), events.event, rolesOf(events)[1]]).toEqual([
      true,
      "Imported",
      "property",
    ]);
    expect(changeKind(events, false)).toEqual(PEOPLE);
  });

  it("asks for a suggestion until something is said", () => {
    expect(questionOf("f", null).columns).toBeNull();
    expect(questionOf("f", PEOPLE).columns).toHaveLength(3);
  });

  it("needs no name where a column has them", () => {
    const named = changeColumn({ ...PEOPLE, event: "Imported" }, "plan", { role: "event" });
    expect([isEventFile(named), questionOf("f", named).event]).toEqual([true, ""]);
  });
});
