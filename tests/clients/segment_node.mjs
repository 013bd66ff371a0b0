// @segment/analytics-node, told what to send by lines on its input: see sender.mjs.
import { Analytics } from "@segment/analytics-node";
import { obey } from "./sender.mjs";

const [url, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host: url, flushAt: 5, flushInterval: 200, maxRetries: 20 });
const someone = { userId: "u1" };

obey({
  identify: () => analytics.identify({ ...someone, traits: { plan: "pro" } }),
  track: (event) => analytics.track({ ...someone, event, properties: { price: 12.5 } }),
  page: () => analytics.page({ ...someone, name: "Home" }),
  group: () => analytics.group({ ...someone, groupId: "g1", traits: { name: "Acme" } }),
  alias: () => analytics.alias({ userId: "u1", previousId: "a1" }),
  finish: () => analytics.closeAndFlush({ timeout: 90_000 }),
});
