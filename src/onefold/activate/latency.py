"""How long items take from receipt to acceptance, as counts in buckets that grow by a fifth.

In: microseconds. Out: a bucket number, and the longest time in one.
The error is at most 20 %, the same at a millisecond and at an hour.
"""

from math import ceil, log

GROWTH = 1.2
_SCALE = 1 / log(GROWTH)
BUCKETS_MAX = 120
"""The last one holds all above 35 days (1.2 to the power of 120, in milliseconds)."""


def bucket_of(latency: int) -> int:
    """The bucket of a time in microseconds; 0 for up to a millisecond."""
    if latency <= 1000:
        return 0
    return min(ceil(log(latency / 1000) * _SCALE), BUCKETS_MAX)


def bucket_ms(bucket: int) -> float:
    """The longest time in a bucket."""
    return float(GROWTH**bucket)
