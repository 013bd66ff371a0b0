import { describe, expect, it } from "vitest";
import type { GoalKind, GoalView } from "../../../api/schema";
import { changeOf, draftOf, freeName, isSame, newDraft, wishOf, withSetting } from "./draft";

const KIND = { name: "export", title: "Keep up to date", feed: "profiles" } as GoalKind;
const DRAFT = newDraft(KIND, undefined, []);
const KEPT = {
  ...DRAFT,
  id: 3,
  version: 4,
  enabled: true,
  settings: { leaving: "null", create: "create" },
} as unknown as GoalView;

describe("a new draft", () => {
  it("has a name that no other goal of the connection has", () => {
    expect(newDraft(KIND, undefined, ["Keep up to date"]).name).toBe("Keep up to date 2");
    expect(freeName("A", ["A", "A 2"])).toBe("A 3");
  });

  it("begins with the settings of its preset", () => {
    const preset = { name: "p", title: "Weekly", description: "", settings: { url: "/x" } };
    expect(newDraft(KIND, preset, [])).toMatchObject({ name: "Weekly", settings: { url: "/x" } });
  });

  it("brings people in only where that is its kind", () => {
    expect(DRAFT.intake).toBeNull();
    expect(newDraft({ ...KIND, feed: "rows" }, undefined, []).intake?.create).toBe(false);
  });

  it("is kept off", () => {
    expect(wishOf(DRAFT).enabled).toBe(false);
  });
});

describe("a change", () => {
  it("takes back settings that were taken out", () => {
    const draft = withSetting(draftOf(KEPT), "leaving", null);
    expect(changeOf(draft, KEPT, 4).settings).toEqual({ leaving: null, create: "create" });
  });

  it("names the version that it began from, and nothing that cannot be changed", () => {
    const change = changeOf(draftOf(KEPT), KEPT, 2);
    expect(change.version).toBe(2);
    expect(change).not.toHaveProperty("kind");
    expect(change).not.toHaveProperty("intake");
  });

  it("is none when all is as it was, in whatever order it was said", () => {
    const draft = draftOf(KEPT);
    expect(isSame(withSetting(draft, "leaving", "null"), draft)).toBe(true);
    expect(isSame(withSetting(draft, "leaving", "keep"), draft)).toBe(false);
    expect(isSame({ ...draft, mappings: [] }, draft)).toBe(false);
  });
});
