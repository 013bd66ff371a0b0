import { describe, expect, it } from "vitest";
import type { ConnectionView } from "../../../api/schema";
import { changeBody, changesOf, draftOf, EMPTY, newBody, withoutSecrets } from "./draft";

const KEPT = {
  name: "Braze EU",
  settings: { endpoint: "https://a.example.org", concurrency: 8 },
  description: "",
  owner: "",
  labels: ["production"],
  notices: {},
  version: 4,
} as unknown as ConnectionView;

describe("what is sent of a connection", () => {
  it("names settings that differ, and null for one that is gone", () => {
    expect(changesOf({ a: 1, b: [1], c: "x" }, { a: 2, b: [1], d: true })).toEqual({
      a: 2,
      c: null,
      d: true,
    });
  });

  it("keeps the version that the editing began from", () => {
    const draft = { ...draftOf(KEPT), settings: { endpoint: "https://b.example.org" } };
    const body = changeBody({ ...KEPT, version: 7 }, draft);
    expect(body.version).toBe(4);
    expect(body.settings).toEqual({ endpoint: "https://b.example.org", concurrency: null });
  });

  it("leaves out secrets that nobody typed, and names those to erase", () => {
    const secrets = { api_key: "", s3_secret: null, token: "t" };
    expect(changeBody(KEPT, { ...draftOf(KEPT), secrets }).secrets).toEqual({
      s3_secret: null,
      token: "t",
    });
  });

  it("makes a new one that is off, without settings that hold nothing", () => {
    const draft = { ...EMPTY, name: "Braze", settings: { endpoint: "https://a", s3_bucket: null } };
    const body = newBody("braze", draft);
    expect(body).toMatchObject({ enabled: false, settings: { endpoint: "https://a" } });
    expect(body).not.toHaveProperty("version");
  });

  it("writes no secret down", () => {
    expect(withoutSecrets({ ...EMPTY, secrets: { api_key: "k" } }).secrets).toEqual({});
  });
});
