import { Popover } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import type { Reason, Stage } from "../../api/flow";
import { Command } from "../../components/Command";
import { formatExact, formatShort } from "../../components/format";
import classes from "./Pipeline.module.css";

const KINDS = [
  {
    outcome: "rejected",
    word: "rejected",
    meaning: "Kept as dead letters until someone changes something.",
    command: "onefold dead-letters list",
  },
  { outcome: "deferred", word: "waiting", meaning: "Tried again by itself.", command: null },
  { outcome: "filtered", word: "filtered", meaning: "Left out on purpose.", command: null },
] as const;

type Kind = (typeof KINDS)[number];

/** What a stage did not pass on, by outcome; each number opens its reasons. */
export function HeldBack({ stage }: { stage: Stage }) {
  return KINDS.filter((kind) => stage[kind.outcome] > 0).map((kind) => (
    <Outcome
      key={kind.outcome}
      kind={kind}
      count={stage[kind.outcome]}
      reasons={stage.reasons.filter((reason) => reason.outcome === kind.outcome)}
    />
  ));
}

interface Props {
  kind: Kind;
  count: number;
  reasons: Reason[];
}

/** Opens under the pointer for a look, and stays open after a click. */
function Outcome({ kind, count, reasons }: Props) {
  const [isHovered, setHovered] = useState(false);
  const [isPinned, setPinned] = useState(false);
  const close = () => {
    setPinned(false);
    setHovered(false);
  };
  return (
    <Popover opened={isHovered || isPinned} onDismiss={close} position="bottom-start" withinPortal>
      <Popover.Target>
        <button
          type="button"
          className={classes.outcome}
          data-tone={kind.outcome}
          onPointerEnter={(event) => event.pointerType === "mouse" && setHovered(true)}
          onPointerLeave={() => setHovered(false)}
          onClick={() => setPinned(!isPinned)}
          onKeyDown={(event) => event.key === "Escape" && close()}
        >
          {formatShort(count)} {kind.word}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes.reasons}>
          <p>
            {formatExact(count)} {kind.word}. {kind.meaning}
          </p>
          <ReasonTable reasons={reasons} />
          {kind.command ? <Command text={kind.command} /> : null}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function ReasonTable({ reasons }: { reasons: Reason[] }) {
  if (reasons.length === 0) return null;
  return (
    <table>
      <tbody>
        {[...reasons]
          .sort((a, b) => b.count - a.count)
          .map((reason) => (
            <tr key={reason.code}>
              <td>
                {reason.outcome === "rejected" ? (
                  <Link href={`/dead-letters?code=${encodeURIComponent(reason.code)}`}>
                    {reason.code}
                  </Link>
                ) : (
                  reason.code
                )}
              </td>
              <td>{formatExact(reason.count)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  );
}
