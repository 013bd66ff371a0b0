// @rudderstack/rudder-sdk-node, told what to send by lines on its input: see sender.mjs.
import Analytics from "@rudderstack/rudder-sdk-node";
import { obey } from "./sender.mjs";

const [url, writeKey] = process.argv.slice(2);
const analytics = new Analytics(writeKey, {
  dataPlaneUrl: url,
  flushAt: 5,
  flushInterval: 200,
  retryCount: 10,
  logLevel: "error",
});
const someone = { userId: "u1" };

// Each call has its own callback: the client answers it once the call is delivered or given up.
const waiting = [];
const sent = (call) => waiting.push(new Promise((resolve) => call(resolve)));

obey({
  identify: () => sent((done) => analytics.identify({ ...someone, traits: { plan: "pro" } }, done)),
  track: (event) => sent((done) => analytics.track({ ...someone, event, properties: { price: 12.5 } }, done)),
  page: () => sent((done) => analytics.page({ ...someone, name: "Home" }, done)),
  group: () => sent((done) => analytics.group({ ...someone, groupId: "g1", traits: { name: "Acme" } }, done)),
  alias: () => sent((done) => analytics.alias({ userId: "u1", previousId: "a1" }, done)),
  finish: () => Promise.all(waiting),
});
