/** Asks the control API for JSON; every failure becomes an ApiError that says who has to act. */

import type { FieldProblem } from "./schema";

export type Failure = "signed-out" | "unreachable" | "refused";

export class ApiError extends Error {
  constructor(
    readonly failure: Failure,
    message: string,
    /** What the server advises, for people. */
    readonly hint = "",
    readonly code = "",
    /** What is wrong with which field of what was sent. */
    readonly problems: FieldProblem[] = [],
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

/** Sends JSON; what the server refuses comes as an ApiError in the server's own words. */
export async function sendJson<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await ask(path, {
    method,
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw await refusalOf(response);
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}

async function refusalOf(response: Response): Promise<ApiError> {
  const problem = readProblem(await response.text());
  return new ApiError(
    failureOf(response.status),
    problem.detail ?? `HTTP ${response.status}`,
    problem.hint ?? "",
    problem.code ?? "",
    problem.problems ?? [],
  );
}

function failureOf(status: number): Failure {
  if (status === 401) return "signed-out";
  return status >= 500 ? "unreachable" : "refused";
}

function ask(path: string, options: RequestInit, signal?: AbortSignal): Promise<Response> {
  const limit = AbortSignal.timeout(ANSWER_MS_MAX);
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
