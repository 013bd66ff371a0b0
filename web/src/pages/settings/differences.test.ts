import { describe, expect, it } from "vitest";
import { differencesOf } from "./differences";

describe("what a change changed", () => {
  it("is a line for each field, gone into where both are objects", () => {
    const before = { owner: "", settings: { endpoint: "https://a", concurrency: 8 }, version: 1 };
    const after = {
      owner: "crm@example.org",
      settings: { endpoint: "https://b", concurrency: 8 },
      version: 2,
    };
    expect(differencesOf(before, after)).toEqual([
      { name: "owner", before: "nothing", after: "crm@example.org" },
      { name: "settings.endpoint", before: "https://a", after: "https://b" },
    ]);
  });

  it("reads lists of texts as they are said", () => {
    expect(differencesOf({ labels: [] }, { labels: ["eu", "test"] })).toEqual([
      { name: "labels", before: "nothing", after: "eu, test" },
    ]);
  });

  it("names the one of a list that differs", () => {
    const goals = [
      { name: "VIP", enabled: true },
      { name: "All", enabled: false },
    ];
    const changed = [
      { name: "VIP", enabled: false },
      { name: "All", enabled: false },
    ];
    expect(differencesOf({ goals }, { goals: changed })).toEqual([
      { name: "goals.VIP.enabled", before: "true", after: "false" },
    ]);
  });

  it("shows what was made, and what is gone, field by field", () => {
    expect(differencesOf(null, { name: "web" })).toEqual([
      { name: "name", before: undefined, after: "web" },
    ]);
    expect(differencesOf({ text: "x".repeat(500) }, null)[0]?.before).toHaveLength(500);
    expect(differencesOf(null, null)).toEqual([]);
  });
});
