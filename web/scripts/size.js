// Prints each built file with its size as sent (gzip), and fails when the first view outgrows its limit.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

// One second on a slow line (about 1.6 Mbit/s) is 200 kB; fonts come after the first text.
const FIRST_VIEW_BYTES_MAX = 160_000;

const folder = new URL("../dist/assets/", import.meta.url);
const html = readFileSync(new URL("../dist/index.html", import.meta.url), "utf8");
let first = 0;
for (const name of readdirSync(folder).sort()) {
  if (name.endsWith(".woff2")) continue;
  const bytes = gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length;
  const eager = html.includes(name) || name.startsWith("overview-Page-");
  if (eager) first += bytes;
  console.log(`${String(bytes).padStart(8)}  ${eager ? "first view" : "later     "}  ${name}`);
}
console.log(`${String(first).padStart(8)}  first view in total (limit ${FIRST_VIEW_BYTES_MAX})`);
if (first > FIRST_VIEW_BYTES_MAX) process.exitCode = 1;
