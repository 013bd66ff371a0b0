import { ApiError, postJson } from "../../api/client";

/** Views were kept by the browser once, of this page alone. */
const KEY = "onefold-views-/profiles";
const NAME_CHARS_MAX = 100;

interface Kept {
  name: string;
  query: string;
}

let running: Promise<boolean> | undefined;

/**
 * Sends the views that this browser kept to the server, once, and forgets those that stand there. Tells whether there
 * were any; what could not be sent is tried again the next time.
 */
export function takeOver(): Promise<boolean> {
  if (!running) {
    const kept = readKept(localStorage.getItem(KEY));
    running = kept.length > 0 ? sendAll(kept) : Promise.resolve(false);
  }
  return running;
}

async function sendAll(kept: Kept[]): Promise<boolean> {
  const left: Kept[] = [];
  for (const one of kept) {
    if (!(await send(one))) left.push(one);
  }
  if (left.length > 0) localStorage.setItem(KEY, JSON.stringify(left));
  else localStorage.removeItem(KEY);
  return left.length < kept.length;
}

/** Whether it stands on the server now, or never will: a name that is taken was taken over before. */
async function send({ name, query }: Kept): Promise<boolean> {
  try {
    await postJson("/api/v1/views", { page: "profiles", name: nameFrom(name), query });
    return true;
  } catch (error) {
    const code = error instanceof ApiError ? error.code : "";
    return ["api.name_taken", "api.invalid_view", "api.bad_request"].includes(code);
  }
}

/** A name that the server takes: it has no slash and no control characters. */
export function nameFrom(text: string): string {
  const plain = text.replaceAll(/[/\p{Cc}]/gu, " ").trim();
  return [...plain].slice(0, NAME_CHARS_MAX).join("").trim() || "View";
}

/** What the browser kept; nothing where it is not what this page wrote. */
export function readKept(text: string | null): Kept[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(found)) return [];
    return found.filter((one) => typeof one?.name === "string" && typeof one?.query === "string");
  } catch {
    return [];
  }
}
