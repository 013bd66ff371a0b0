import type { LinkView, ProfileView } from "../../api/schema";
import classes from "./graph.module.css";
import { type Point, placeNodes } from "./layout";
import { linkWords } from "./linkWords";

const LABEL_CHARS = 30;
/** About, at 12 px. */
const CHAR_WIDTH = 7.2;

interface Props {
  profile: ProfileView;
  links: LinkView[];
  /** The identifier whose evidence is shown, as `kind:value`. */
  chosen: string;
  choose(of: string): void;
}

/** Identifiers as nodes, evidence as lines; a refused link is dashed. The table below says the same in words. */
export function Graph({ profile, links, chosen, choose }: Props) {
  const nodes = profile.identifier_details.map((one) => `${one.kind}:${one.value}`);
  const ends = links.map((link) => ({
    link,
    first: `${link.first.kind}:${link.first.value}`,
    second: `${link.second.kind}:${link.second.value}`,
  }));
  const { points, width, height } = placeNodes(
    nodes,
    ends.filter(({ link }) => link.decision !== "refused"),
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section className={classes.scroll} aria-label="Identity graph" tabIndex={0}>
      <svg width={width + 24} height={height} viewBox={`-12 0 ${width + 24} ${height}`}>
        <title>Identifiers and the evidence between them</title>
        {ends.map(({ link, first, second }) => (
          <Line
            key={link.id}
            from={points.get(first)}
            to={points.get(second)}
            labelWidth={widthOf(leftOf(points, first, second))}
            isRefused={link.decision === "refused"}
            isChosen={chosen !== "" && (first === chosen || second === chosen)}
            words={linkWords(link)}
          />
        ))}
        {[...points].map(([node, point]) => (
          <Node
            key={node}
            node={node}
            point={point}
            isChosen={node === chosen}
            choose={() => choose(node === chosen ? "" : node)}
          />
        ))}
      </svg>
    </section>
  );
}

function labelOf(node: string): string {
  const value = node.slice(node.indexOf(":") + 1);
  return value.length > LABEL_CHARS ? `${value.slice(0, LABEL_CHARS - 1)}…` : value;
}

function widthOf(node: string): number {
  const chars = Math.max(labelOf(node).length, node.indexOf(":"));
  return 16 + chars * CHAR_WIDTH;
}

function leftOf(points: Map<string, Point>, first: string, second: string): string {
  return (points.get(first)?.x ?? 0) <= (points.get(second)?.x ?? 0) ? first : second;
}

interface LineProps {
  from: Point | undefined;
  to: Point | undefined;
  /** Of the node at the left. */
  labelWidth: number;
  isRefused: boolean;
  isChosen: boolean;
  words: string;
}

function Line({ from, to, labelWidth, isRefused, isChosen, words }: LineProps) {
  if (!from || !to) return null;
  const [left, right] = from.x <= to.x ? [from, to] : [to, from];
  const isSide = left.x === right.x;
  // Beside the label, not through it.
  const start = isSide ? left.x : left.x + labelWidth;
  const bend = isSide ? left.x - 40 : (start + right.x) / 2;
  return (
    <path
      className={classes.line}
      data-refused={isRefused || undefined}
      data-chosen={isChosen || undefined}
      d={`M${start} ${left.y}C${bend} ${left.y} ${bend} ${right.y} ${right.x} ${right.y}`}
    >
      <title>{words}</title>
    </path>
  );
}

interface NodeProps {
  node: string;
  point: Point;
  isChosen: boolean;
  choose(): void;
}

function Node({ node, point, isChosen, choose }: NodeProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing holds no button
    <g
      className={classes.node}
      role="button"
      tabIndex={0}
      aria-pressed={isChosen}
      transform={`translate(${point.x} ${point.y})`}
      onClick={choose}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        choose();
      }}
    >
      <circle r={5} />
      <text className={classes.kind} x={10} y={-4}>
        {node.slice(0, node.indexOf(":"))}
      </text>{" "}
      <text x={10} y={10}>
        {labelOf(node)}
      </text>
    </g>
  );
}
