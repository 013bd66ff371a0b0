/** The one store that the stream feeds and every live part of a page reads. */
import type { Flow } from "../api/flow";
import { FlowStream, type Link } from "./flowStream";
import { addSample, type Sample } from "./rates";
import { readTotals } from "./steps";

export interface LiveFlow {
  link: Link;
  /** The last snapshot; kept while the connection is lost. */
  flow: Flow | null;
  samples: readonly Sample[];
}

export class FlowStore {
  #state: LiveFlow = { link: { kind: "connecting" }, flow: null, samples: [] };
  #listeners = new Set<() => void>();
  #stream = new FlowStream({
    onFlow: (flow) => this.#set({ flow, samples: addSample(this.#state.samples, toSample(flow)) }),
    onLink: (link) => {
      if (link.kind !== "live" || this.#state.link.kind !== "live") this.#set({ link });
    },
  });

  /** The stream is open while anybody listens. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#stream.start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stream.stop();
    };
  };

  read = (): LiveFlow => this.#state;

  retryNow = (): void => this.#stream.retryNow();

  #set(change: Partial<LiveFlow>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function toSample(flow: Flow): Sample {
  return { at_s: Date.parse(flow.at) / 1000, totals: readTotals(flow) };
}
