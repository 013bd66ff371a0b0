"""What needs a person's attention, in plain words with what to do; worst first.

In: a `Look`. Out: a list, empty when all is well. Pure. Names are those that the user gave, never people's.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from onefold.clock import MINUTE, SECOND, to_iso
from onefold.log.settings import LogSettings
from onefold.model.outcome import Kind
from onefold.observe.balance import check_balance
from onefold.observe.look import QUIET_MINUTES, Look

LAG_WARNING_S = 10
"""Behind by so much is more than a batch that takes its time."""
LAG_ERROR_S = 60
FULL_SHARE = 0.9
"""Of the log's size limit: at the limit nothing is taken any more."""
DISK_FACTOR = 2
"""Warn at twice the bytes that must stay free."""
RECENT_MINUTES = 5
AHEAD_MAX = 2 * MINUTE
"""Of the fold's clock against now: less is the difference of two readings, or a small step back."""
THROTTLED = "activate.http.throttled"
SPANS = ((86_400, "days"), (3600, "h"), (60, "min"))
RESTART = "`onefold serve` starts a role again by itself; its diagnostics say why it went."
EFFECTS = {
    "web": "Nothing is captured.",
    "worker": "Events are kept but not unified.",
    "deliver": "Nothing is delivered.",
    "tasks": "Imports and fills stand still.",
}


class Attention(msgspec.Struct, frozen=True):
    """One thing to look at."""

    level: Literal["error", "warning"]
    code: str
    message: str
    hint: str


def find_attention(look: Look, log_settings: LogSettings) -> list[Attention]:
    """All that stands out."""
    found = [
        *_roles(look),
        *_clock(look),
        *_balance(look),
        *_storage(look, log_settings),
        *_connections(look),
        *_lag(look),
        *_rejected(look),
        *_quiet(look),
    ]
    return sorted(found, key=lambda one: one.level != "error")


def _roles(look: Look) -> Iterator[Attention]:
    for one in look.roles:
        if one.status == "down":
            effect = EFFECTS.get(one.role, "")
            yield Attention("error", "observe.role_down", f"The role {one.role} is down. {effect}", RESTART)


def _clock(look: Look) -> Iterator[Attention]:
    if look.clock_step:
        way = "forward" if look.clock_step > 0 else "back"
        yield Attention(
            "error",
            "observe.clock_stepped",
            f"The clock of this machine was set {way} by {_span(abs(look.clock_step) // SECOND)}. "
            "Onefold goes on by the time before.",
            "See the machine's time and its time server. If the new time is wrong, set it right: nothing has "
            "happened. If it is right, do nothing: it is followed once it has lasted for 10 minutes.",
        )
    ahead = look.worker.clock - look.at
    if ahead > AHEAD_MAX:
        yield Attention(
            "error",
            "observe.clock_ahead",
            f"The log holds records of {to_iso(look.worker.clock)}, {_span(ahead // SECOND)} from now. Until "
            "then nobody leaves a window of time, and people may be missing in one.",
            "If the machine's clock is behind, set it right. If it was ahead when those records came, wait "
            "until then, or go back to a backup from before it and have the events since sent again.",
        )


def _balance(look: Look) -> Iterator[Attention]:
    for problem in check_balance(look):
        yield Attention(
            "error",
            "observe.unbalanced",
            f"The books do not balance: {problem}.",
            "Start the server again: it adds everything up anew. If that does not help, it is a fault of "
            "ours: keep the data directory as it is, and report it.",
        )


def _storage(look: Look, settings: LogSettings) -> Iterator[Attention]:
    limit, used = settings.bytes_max, look.log.used_bytes
    hint = (
        "`onefold retention run --days N` makes room at once; then set log.retention_days, or raise "
        "log.bytes_max. Senders get 429 at the limit and try again."
    )
    if limit and used >= limit:
        yield Attention("error", "observe.log_full", "The log is full: no events are taken.", hint)
    elif limit and used >= limit * FULL_SHARE:
        share = used * 100 // limit
        yield Attention("warning", "observe.log_filling", f"The log has used {share} % of its limit.", hint)
    free, kept = look.log.disk_free_bytes, settings.disk_free_bytes_min
    hint = "Make room on the disk, or move the data directory to a larger one."
    if free and free < kept:
        yield Attention("error", "observe.disk_full", "The disk is full: no events are taken.", hint)
    elif free and free < kept * DISK_FACTOR:
        left = free // 1024**2
        yield Attention("warning", "observe.disk_filling", f"The disk has only {left} MiB left.", hint)


def _connections(look: Look) -> Iterator[Attention]:
    for one in look.config.connections:
        state = look.delivery.states.get(one.id)
        if not one.enabled or state is None or state.code == THROTTLED:
            continue
        match state.state:
            case "paused":
                yield Attention("error", state.code, f"{one.name} is paused: {state.reason}", state.hint)
            case "failed":
                yield Attention("error", state.code, f"{one.name} has failed: {state.reason}", state.hint)
            case "limited" | "waiting":
                message = f"{one.name}: {state.reason}{waiting_words(look, one.id)}"
                yield Attention("warning", state.code, message, state.hint)
            case "running" if state.code:
                yield Attention("warning", state.code, f"{one.name}: {state.reason}", state.hint)


def waiting_words(look: Look, connection_id: int) -> str:
    """How much waits for room in a budget, as a sentence behind another; empty for nothing."""
    count = look.delivery.for_budget.get(connection_id, 0)
    if not count:
        return ""
    return f" {count:,} people and events wait for it." if count > 1 else " One person or event waits for it."


def _lag(look: Look) -> Iterator[Attention]:
    behind_s = (look.at - look.log.waiting_since) // SECOND if look.log.waiting_since else 0
    if behind_s >= LAG_WARNING_S:
        count = look.waiting.get("unify", 0)
        yield Attention(
            "error" if behind_s >= LAG_ERROR_S else "warning",
            "observe.unify_behind",
            f"Unify is {_span(behind_s)} behind; {count:,} events wait.",
            "A burst is worked off by itself. If it grows, the machine is too small or the worker is down.",
        )
    unplanned_s = (look.at - look.planned_since) // SECOND if look.planned_since else 0
    if unplanned_s >= LAG_WARNING_S:
        yield Attention(
            "error" if unplanned_s >= LAG_ERROR_S else "warning",
            "observe.activate_behind",
            f"Activation is {_span(unplanned_s)} behind.",
            "It goes on by itself. If it grows, the destination's rate limit or this machine is too slow.",
        )


def _rejected(look: Look) -> Iterator[Attention]:
    first = look.at // MINUTE - RECENT_MINUTES
    counts: dict[str, dict[str, int]] = {}
    for row in look.recent:
        if row.kind is Kind.REJECTED and row.minute >= first:
            codes = counts.setdefault(row.stage, {})
            codes[row.code] = codes.get(row.code, 0) + row.count
    for stage, codes in counts.items():
        top = max(codes, key=lambda code: codes[code])
        total = sum(codes.values())
        yield Attention(
            "warning",
            "observe.rejected",
            f"{total:,} {'item was' if total == 1 else 'items were'} rejected at {stage} in the last "
            f"{RECENT_MINUTES} minutes, most by {top}.",
            "See them, mend them and replay them: `onefold dead-letters list`.",
        )


def _quiet(look: Look) -> Iterator[Attention]:
    names = {source.id: source.name for source in look.config.sources}
    for source_id in look.quiet_sources:
        yield Attention(
            "warning",
            "observe.source_silent",
            f"Source {names.get(source_id, source_id)} is silent since {QUIET_MINUTES} min; it was busy.",
            "See whether the last release of its sender still carries the write key.",
        )


def _span(seconds: int) -> str:
    for length, unit in SPANS:
        if seconds >= 2 * length:
            return f"{seconds // length:,} {unit}"
    return f"{seconds} s"
