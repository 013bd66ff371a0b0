/** Keeps one event stream open: tells the state of the connection and hands on every snapshot. */
import { ApiError, getJson } from "../api/client";
import type { Flow } from "../api/flow";

export type Link = { kind: "connecting" } | { kind: "live" } | Lost | { kind: "signed-out" };

export interface Lost {
  kind: "reconnecting";
  since_ms: number;
  retry_ms: number;
}

export interface StreamListener {
  onFlow(flow: Flow): void;
  onLink(link: Link): void;
}

/** The stream speaks once a second; five silent ones mean that the line is dead, whatever TCP says. */
const SILENCE_MS_MAX = 5_000;
/** First try again soon, then ever slower, so that a server that comes up is not stormed. */
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 10_000;

export function retryDelay(attempt: number): number {
  return Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.max(0, attempt - 1));
}

export class FlowStream {
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #lost_ms = 0;
  #isStopped = true;

  constructor(readonly listener: StreamListener) {}

  start(): void {
    this.#isStopped = false;
    void this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#close();
  }

  /** Tries at once instead of waiting for the next turn. */
  retryNow(): void {
    this.#close();
    void this.#connect();
  }

  /** Asks once before listening: an EventSource cannot tell "not signed in" from "not there". */
  async #connect(): Promise<void> {
    try {
      const flow = await getJson<Flow>("/api/v1/flow");
      if (this.#isStopped) return;
      this.listener.onFlow(flow);
      this.#listen();
    } catch (error) {
      if (this.#isStopped) return;
      if (error instanceof ApiError && error.failure === "signed-out") {
        this.listener.onLink({ kind: "signed-out" });
      } else {
        this.#retryLater();
      }
    }
  }

  #listen(): void {
    this.#close();
    const source = new EventSource("/api/v1/flow/stream");
    this.#source = source;
    this.#expectWord();
    source.onmessage = (event: MessageEvent<string>) => {
      this.#attempt = 0;
      this.#lost_ms = 0;
      this.#expectWord();
      this.listener.onFlow(JSON.parse(event.data) as Flow);
      this.listener.onLink({ kind: "live" });
    };
    source.onerror = () => this.#retryLater();
  }

  #expectWord(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#retryLater(), SILENCE_MS_MAX);
  }

  #retryLater(): void {
    this.#close();
    this.#attempt += 1;
    this.#lost_ms ||= Date.now();
    const delay_ms = retryDelay(this.#attempt);
    const link = { since_ms: this.#lost_ms, retry_ms: Date.now() + delay_ms };
    this.listener.onLink({ kind: "reconnecting", ...link });
    this.#timer = setTimeout(() => void this.#connect(), delay_ms);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}
