import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ApiError, sendJson } from "./client";
import type { SegmentPreviewView } from "./schema";
import { asApiError } from "./useItem";

interface SegmentPreview {
  /** The last answer, maybe of the condition before. */
  data: SegmentPreviewView | undefined;
  error: ApiError | null;
  /** Whether the answer to this condition is awaited. */
  isAwaited: boolean;
}

/** Who would be in a segment: asked at each new condition (none: not asked); what was asked before is given up. */
export function useSegmentPreview(condition: string | null, segment: string): SegmentPreview {
  const found = useQuery({
    queryKey: ["segment-preview", segment, condition],
    queryFn: ({ signal }) =>
      sendJson<SegmentPreviewView>(
        "POST",
        "/api/v1/segments/preview",
        { condition: JSON.parse(condition ?? "{}"), segment },
        { signal },
      ),
    enabled: condition !== null,
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
  return { data: found.data, error: asApiError(found.error), isAwaited: found.isFetching };
}
