/** The one store that the stream feeds and every live part of a page reads. */
import type { Flow } from "../api/flow";
import type { Marks } from "../api/schema";
import { FlowStream, type Link } from "./flowStream";
import { addSample, type Sample } from "./rates";
import { readTotals } from "./steps";

export interface LiveFlow {
  link: Link;
  /** The last snapshot; kept while the connection is lost. */
  flow: Flow | null;
  samples: readonly Sample[];
}

class FlowStore {
  #state: LiveFlow = { link: { kind: "connecting" }, flow: null, samples: [] };
  #listeners = new Set<() => void>();
  #stream = new FlowStream({
    onFlow: (flow) => this.#set({ flow, samples: addSample(this.#state.samples, toSample(flow)) }),
    onLink: (link) => {
      if (link.kind !== "live" || this.#state.link.kind !== "live") this.#set({ link });
    },
  });

  /** Opens the stream; what it returns closes it. */
  open = (): (() => void) => {
    this.#stream.start();
    return () => this.#stream.stop();
  };

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  read = (): LiveFlow => this.#state;

  marks = (): Marks | null => this.#state.flow?.marks ?? null;

  retryNow = (): void => this.#stream.retryNow();

  #set(change: Partial<LiveFlow>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** One a tab. */
export const store = new FlowStore();

function toSample(flow: Flow): Sample {
  return { at_s: Date.parse(flow.at) / 1000, totals: readTotals(flow) };
}
