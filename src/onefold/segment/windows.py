"""Adding up the buckets of a window, and when that changes without an event.

In: buckets (UTC day or hour number -> amount), the present bucket, the window's length. Out: a total or
a truth; the moments at which it may change are added to `dues`. A window of n holds the present bucket
and the n-1 before it. An event may lie a few minutes ahead of the clock, so one bucket ahead may exist:
it counts once its time has come.
"""

from collections.abc import Mapping

from onefold.model.profile import Amount
from onefold.segment.compare import time_of

Buckets = Mapping[int, Amount]


def total(buckets: Buckets) -> Amount:
    """Everything that ever happened."""
    return sum(buckets.values())


def total_between(buckets: Buckets, first: int, last: int) -> Amount:
    """The total of the buckets first..last, both included."""
    return sum([amount for at, amount in buckets.items() if first <= at <= last])


def rolling_total(buckets: Buckets, now: int, length: int, unit: int, dues: list[int]) -> Amount:
    """The total of the window; due when its oldest bucket leaves or the one ahead enters."""
    counted = [at for at in buckets if now - length < at <= now]
    if counted:
        dues.append((min(counted) + length) * unit)
    _add_ahead(buckets, now, unit, dues)
    return sum([buckets[at] for at in counted])


def has_rolling(  # noqa: PLR0917  # called by generated code: names would cost a quarter of the call
    buckets: Buckets, wanted: int, now: int, length: int, unit: int, dues: list[int]
) -> bool:
    """Whether a count (never negative) reaches `wanted` (> 0); due only when that truth may change.

    Newest first: the answer stays true until the bucket that completed it leaves.
    """
    counted = 0
    ahead = False
    for at in sorted(buckets, reverse=True):
        if at > now:
            ahead = True
            continue
        if at <= now - length:
            break
        counted += buckets[at]  # type: ignore[assignment]  # counts are whole numbers
        if counted >= wanted:
            dues.append((at + length) * unit)
            return True
    if ahead:
        _add_ahead(buckets, now, unit, dues)
    return False


def within_last(value: object, today: int, days: int, day: int, dues: list[int]) -> bool:
    """Whether a time lies in the last so many days; due when it enters or leaves them."""
    at = time_of(value)
    if at is None:
        return False
    on = at // day
    if on > today:
        dues.append(on * day)
        return False
    if on <= today - days:
        return False
    dues.append((on + days) * day)
    return True


def _add_ahead(buckets: Buckets, now: int, unit: int, dues: list[int]) -> None:
    ahead = [at for at in buckets if at > now]
    if ahead:
        dues.append(min(ahead) * unit)
