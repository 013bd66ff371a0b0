import type { components } from "../../api/schema";

export type Test = components["schemas"]["Test"];
/** Types that a value of a condition may have. */
export type ValueKind = "text" | "number" | "flag";
