/** What the server says, with what stands between backticks as code. */
export function Words({ text }: { text: string }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text keep their order
  return text.split("`").map((part, place) => (place % 2 ? <code key={place}>{part}</code> : part));
}
