// @segment/analytics-next on a page of another origin; where and as whom stands in the page's address.
import { AnalyticsBrowser } from "@segment/analytics-next";
import { obeyOnPage } from "./sender_page.mjs";

const address = new URLSearchParams(location.search);
const analytics = AnalyticsBrowser.load({ writeKey: address.get("writeKey"), cdnURL: address.get("url") });

obeyOnPage({
  identify: () => analytics.identify("u1", { plan: "pro" }),
  track: (event) => analytics.track(event, { price: 12.5 }),
  page: () => analytics.page("Home"),
  group: () => analytics.group("g1", { name: "Acme" }),
  alias: () => analytics.alias("u1", "a1"),
});
