/** Asks the control API for JSON; every failure becomes an ApiError that says who has to act. */

import type { FieldProblem } from "./schema";
import { noteSession } from "./session";

export type Failure = "signed-out" | "unreachable" | "refused";

export class ApiError extends Error {
  constructor(
    readonly failure: Failure,
    message: string,
    /** What the server advises, for people. */
    readonly hint = "",
    readonly code = "",
    /** Each field at fault, as the server names it: `settings.endpoint`. */
    readonly problems: readonly FieldProblem[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** What went wrong, and what to do. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof ApiError)) return "Something went wrong. Try again.";
  return error.hint ? `${error.message} ${error.hint}` : error.message;
}

const SIGNED_OUT = "api.unauthorised";
/** A server that takes longer than this to answer is treated as gone. */
const ANSWER_MS_MAX = 8_000;

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(path, { headers: { Accept: "application/json" } }, signal);
  if (!response.ok) throw await refusalOf(response);
  return (await response.json()) as T;
}

export function postJson<T>(path: string, body?: unknown): Promise<T> {
  return sendJson("POST", path, body);
}

interface Sending {
  signal?: AbortSignal;
  /** The revision that was read: the server refuses when there is another by now. */
  ifMatch?: string | undefined;
  /** How long the answer may take, where the server asks somebody else first. */
  answerMsMax?: number | undefined;
  /** Hears the address that takes the change back, where one does. */
  onUndo?: (path: string) => void;
}

/** Sends JSON; what the server refuses comes as an ApiError in the server's own words. */
export async function sendJson<T>(
  method: string,
  path: string,
  body?: unknown,
  { signal, ifMatch, answerMsMax, onUndo }: Sending = {},
): Promise<T> {
  const headers: Record<string, string> = {
    Accept: "application/json",
    "Content-Type": "application/json",
  };
  if (ifMatch) headers["If-Match"] = `"${ifMatch}"`;
  const sent = body === undefined ? null : JSON.stringify(body);
  const response = await ask(path, { method, headers, body: sent }, signal, answerMsMax);
  if (!response.ok) throw await refusalOf(response);
  const undo = response.headers.get("onefold-undo");
  if (undo) onUndo?.(undo);
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}

async function refusalOf(response: Response): Promise<ApiError> {
  return refusalFrom(response.status, await response.text());
}

/** The error that an answer tells; the shell hears of a session that is over. */
export function refusalFrom(status: number, text: string): ApiError {
  const problem = readProblem(text);
  const failure =
    problem.code === SIGNED_OUT ? "signed-out" : status >= 500 ? "unreachable" : "refused";
  if (failure === "signed-out") noteSession(true);
  return new ApiError(
    failure,
    problem.detail ?? `HTTP ${status}`,
    problem.hint ?? "",
    problem.code ?? "",
    problem.problems ?? [],
  );
}

export async function getText(path: string, type: string, signal?: AbortSignal): Promise<string> {
  const response = await ask(path, { headers: { Accept: type } }, signal);
  if (!response.ok) throw await refusalOf(response);
  return response.text();
}

function ask(
  path: string,
  options: RequestInit,
  signal?: AbortSignal,
  answerMsMax = ANSWER_MS_MAX,
): Promise<Response> {
  const limit = AbortSignal.timeout(answerMsMax);
  return fetch(path, {
    ...options,
    credentials: "same-origin",
    cache: "no-store",
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError("unreachable", "The server does not answer.");
  });
}

interface Problem {
  detail?: string;
  hint?: string;
  code?: string;
  problems?: FieldProblem[];
}

function readProblem(text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return {};
  }
}
