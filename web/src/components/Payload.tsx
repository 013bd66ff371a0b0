import classes from "./Payload.module.css";

/** What was sent or answered, as it was: JSON laid out for reading, anything else as it came. */
export function Payload({ title, value }: { title: string; value: unknown }) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <figure className={classes.payload}>
      <figcaption>{title}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre tabIndex={0}>{value === null || text === "" ? "nothing" : text}</pre>
    </figure>
  );
}
