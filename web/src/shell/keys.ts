import { PAGES } from "./pages";

/** After `g`: the first letter of a page that none before it has. */
export const GO_KEYS: ReadonlyMap<string, string> = assignKeys(
  PAGES.map(({ path, name }) => ({ path, name })),
);

export function assignKeys(pages: readonly { path: string; name: string }[]): Map<string, string> {
  const keys = new Map<string, string>();
  for (const { path, name } of pages) {
    const letter = [...name.toLowerCase()].find((one) => /[a-z]/.test(one) && !keys.has(one));
    if (letter) keys.set(letter, path);
  }
  return keys;
}

/** Whether keys are being typed into something, where a letter is a letter. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
