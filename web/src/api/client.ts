/** Asks the control API for JSON; every failure becomes an ApiError that says who has to act. */

export type Failure = "signed-out" | "unreachable" | "refused";

export class ApiError extends Error {
  constructor(
    readonly failure: Failure,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** A server that takes longer than this to answer is treated as gone. */
const ANSWER_MS_MAX = 8_000;

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(ANSWER_MS_MAX);
  const response = await fetch(path, {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    cache: "no-store",
    signal: signal ? AbortSignal.any([signal, limit]) : limit,
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ApiError("unreachable", "The server does not answer.");
  });
  if (response.status === 401) throw new ApiError("signed-out", "Not signed in.");
  if (response.status >= 500) throw new ApiError("unreachable", `HTTP ${response.status}`);
  if (!response.ok) throw new ApiError("refused", `HTTP ${response.status}`);
  return (await response.json()) as T;
}
