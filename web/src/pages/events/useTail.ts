import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, getJson } from "../../api/client";
import type { ReceivedPage } from "../../api/schema";
import { asApiError, type Loaded } from "../../api/useItem";
import { addressOf } from "../../api/useListing";
import { store } from "../../live/flowStore";
import { type Asked, type Follows, isDue } from "../../live/follows";
import { addNewer, addOlder, countWaiting, ROWS_MAX, startTail, type Tail } from "./tail";

const PATH = "/api/v1/events";
const FOLLOWS: Follows = { on: ["events", "people", "deliveries", "config"], pace: "quick" };
/** To begin with, and each time that older ones are asked for. */
const ITEMS = 100;

export type Query = Record<string, string>;

export interface LiveTail extends Loaded<Tail> {
  isPaused: boolean;
  /** Came while paused. */
  waiting: number;
  isLookingBack: boolean;
  togglePause(): void;
  /** Stops what is shown, and adds what was before. */
  lookBack(): void;
}

/** Events as they come in, those that fit the query: looked for as the stream tells that something moved. */
export function useTail(query: Query): LiveTail {
  const [tail, setTail] = useState<Tail>();
  const [error, setError] = useState<ApiError | null>(null);
  const [isPaused, setPaused] = useState(false);
  const [waiting, setWaiting] = useState(0);
  const [isLookingBack, setLookingBack] = useState(false);
  const [round, setRound] = useState(0);
  const held = useRef<{ tail?: Tail | undefined; isPaused: boolean }>({ isPaused: false });
  held.current = { tail, isPaused };
  const lookNow = useRef(() => {});
  const key = JSON.stringify(query);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round begins anew
  useEffect(() => {
    const ended = new AbortController();
    const wanted = JSON.parse(key) as Query;
    let isFirst = true;
    let isLooking = false;
    let asked: Asked = { at_ms: 0, marks: null };

    async function look() {
      isLooking = true;
      asked = { at_ms: Date.now(), marks: store.marks() };
      try {
        const after = isFirst ? "" : (held.current.tail?.marks[0] ?? "");
        const limit = after ? ROWS_MAX : ITEMS;
        const page = await getJson<ReceivedPage>(
          addressOf(PATH, { ...wanted, limit, after }),
          ended.signal,
        );
        if (ended.signal.aborted) return;
        const isAll = Object.keys(wanted).every((name) => name === "source");
        setError(null);
        // As it is now: more may have been looked at, or paused, meanwhile.
        const { tail: known, isPaused: isHeld } = held.current;
        if (!known || !after) setTail(startTail(page));
        else if (isHeld) setWaiting(countWaiting(known, page, isAll));
        else setTail(addNewer(known, page, isAll));
        isFirst = false;
      } catch (failure) {
        if (ended.signal.aborted) return;
        setError(asApiError(failure));
        asked.marks = null;
      }
      isLooking = false;
    }
    function lookIfDue() {
      const marks = store.marks();
      if (!isLooking && marks && isDue(FOLLOWS, asked, marks, Date.now())) void look();
    }
    lookNow.current = () => {
      if (!isLooking) void look();
    };
    setPaused(false);
    setWaiting(0);
    void look();
    const leave = store.subscribe(lookIfDue);
    return () => {
      ended.abort();
      leave();
    };
  }, [key, round]);

  // What came while it was paused has moved nothing since it was counted.
  useEffect(() => {
    if (!isPaused) lookNow.current();
  }, [isPaused]);

  const togglePause = useCallback(() => {
    setWaiting(0);
    setPaused((was) => !was);
  }, []);

  async function lookBack() {
    if (!tail?.older) return;
    setPaused(true);
    setLookingBack(true);
    try {
      const address = addressOf(PATH, { ...query, limit: ITEMS, cursor: tail.older });
      const page = await getJson<ReceivedPage>(address);
      setTail((known) => known && addOlder(known, page));
    } catch (failure) {
      setError(asApiError(failure));
    } finally {
      setLookingBack(false);
    }
  }

  return {
    data: tail,
    error,
    isPending: tail === undefined,
    retry: () => setRound((count) => count + 1),
    isPaused,
    waiting,
    isLookingBack,
    togglePause,
    lookBack: () => void lookBack(),
  };
}
