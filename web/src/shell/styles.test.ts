import { expect, test } from "vitest";

const SOURCES = import.meta.glob<string>(["../**/*.tsx", "../**/*.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});
/** The components that have a file of styles. */
const STYLED = Object.keys(import.meta.glob("../../node_modules/@mantine/core/styles/*.css")).map(
  nameOf,
);

test("each component of the library comes with its styles", () => {
  const styled = [...(SOURCES["../main.tsx"] ?? "").matchAll(/core\/styles\/(\w+)\.css/g)].map(
    (one) => one[1],
  );
  const used = Object.values(SOURCES).flatMap((source) =>
    [...source.matchAll(/import \{([^}]*)\} from "@mantine\/core"/g)].flatMap((one) =>
      (one[1] ?? "").split(",").map((name) => name.trim()),
    ),
  );
  expect(used).toContain("Button");
  expect(STYLED).toContain("Button");
  expect(used.filter((name) => STYLED.includes(name) && !styled.includes(name))).toEqual([]);
});

function nameOf(path: string): string {
  return path.replace(/^.*\/(.*)\.css$/, "$1");
}
