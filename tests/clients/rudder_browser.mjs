// @rudderstack/analytics-js on a page of another origin; where and as whom stands in the page's address.
// The build with its plug-ins bundled: the other one fetches them from Rudder and sends nothing without.
import { RudderAnalytics } from "@rudderstack/analytics-js/bundled";
import { obeyOnPage } from "./sender_page.mjs";

const address = new URLSearchParams(location.search);
const analytics = new RudderAnalytics();
analytics.load(address.get("writeKey"), address.get("url"), { configUrl: address.get("url") });

obeyOnPage({
  identify: () => analytics.identify("u1", { plan: "pro" }),
  track: (event) => analytics.track(event, { price: 12.5 }),
  page: () => analytics.page("Home"),
  group: () => analytics.group("g1", { name: "Acme" }),
  alias: () => analytics.alias("u1", "a1"),
});
