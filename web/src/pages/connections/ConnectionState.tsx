import type { ConnectionStatus } from "../../api/schema";
import { Status, type Tone } from "../../components/Status";

const WORDS: Record<ConnectionStatus["state"], [Tone, string]> = {
  ok: ["ok", "On"],
  limited: ["warn", "Limited"],
  paused: ["warn", "Paused"],
  failing: ["bad", "Failing"],
  failed: ["bad", "Failed"],
  off: ["idle", "Off"],
};

/** How a connection, or a goal, fares. */
export function ConnectionState({ status }: { status: ConnectionStatus }) {
  const [tone, word] = WORDS[status.state];
  return <Status tone={tone} word={word} />;
}
