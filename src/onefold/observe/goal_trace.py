"""What each goal made of one event: passed, filtered, rejected or deferred, and why.

In: a receipt and what the worker made of it. Out: one `GoalTrace` a goal that had to do with it. Tries, open
requests and dead letters say what was done. Why nothing was sent is kept nowhere: planning is run again for
the one event, against the goal and the profile as they are now, and the answer says so.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from onefold.clock import to_iso
from onefold.model.access import Personal
from onefold.model.delivery import NO_POSITION, Attempt, AttemptState, ConnectionState, GoalProgress
from onefold.model.goal import Goal
from onefold.model.letter import Letter
from onefold.model.outcome import Kind
from onefold.observe.store import Config, Folded, GoalLetter, Receipt, TraceStore, Waiting
from onefold.run.schedule import words_of

Ending = Literal["passed", "filtered", "rejected", "deferred"]
ENDINGS: Mapping[Kind, Ending] = {
    Kind.PASSED: "passed",
    Kind.FILTERED: "filtered",
    Kind.REJECTED: "rejected",
    Kind.DEFERRED: "deferred",
}
WAITING = "activate.waiting"
NOT_PLANNED = "Activation has not come to it yet."
NOBODY = "The event names nobody, so there is no profile to deliver."
NEXT_RUN = "What it changed goes with the next run of this goal"
NOT_SENT = "Nothing was sent for it then; as the goal and the profile are now, something would be."
TOO_LONG_AGO = "It is too long ago: tries of that time are no longer kept. The goal sends such events."
LETTER_GONE = "The destination refused it; its dead letter is no longer kept."
TAKEN_BACK = "It was taken back, and goes once the connection may send it."
STANDING = ("paused", "failed", "limited", "waiting")
"""States of a connection that may be why something waits."""


class LetterTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """Its dead letter; `answer` is what the destination said, cut, with people's values masked."""

    id: str
    code: str
    field: str
    reason: Personal[str]
    hint: str
    at: str
    answer: Personal[str] = ""


class AttemptTrace(msgspec.Struct, frozen=True):
    """One try of a request that carried it."""

    request_id: int
    number: int
    channel: str
    part: str
    sent_at: str
    answered_at: str
    outcome: Ending
    code: str
    maybe_doubled: bool


class RequestTrace(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request that carries it and is not answered yet: so often tried, again at `retry_at`."""

    request_id: int
    part: str
    attempts: int
    maybe_doubled: bool
    retry_at: str = ""


class GoalTrace(msgspec.Struct, frozen=True):
    """What a goal made of the event, or of what it changed of its profile."""

    connection_id: int
    connection: str
    goal_id: int
    goal: str
    outcome: Ending
    code: str
    """Why, for all but passed; empty where it cannot be told."""
    message: Personal[str]
    note: str
    """How far to trust it: set where it was told from what is there now."""
    attempts: list[AttemptTrace]
    waiting: list[RequestTrace]
    letter: LetterTrace | None


class _Told(NamedTuple):
    outcome: Ending
    code: str = ""
    message: str = ""
    note: str = ""


class _Facts(NamedTuple):
    """What is kept of one goal and the event."""

    goal: Goal
    tries: list[tuple[AttemptTrace, bool, bool]]
    """With: of the event itself, not its profile; answered."""
    waiting: list[RequestTrace]
    letter: GoalLetter | None
    is_planned: bool
    state: ConnectionState | None


class GoalTracer:
    """Traces the goals of one event after the other."""

    def __init__(self, store: TraceStore, config: Config) -> None:
        self._store = store
        self._config = config
        self._names = {one.id: one.name for one in config.connections}

    def trace(self, receipt: Receipt, folded: Folded) -> list[GoalTrace]:
        """Every goal that is on, or that had to do with the event."""
        store = self._store
        attempts = store.attempts(receipt, folded)
        waiting = store.waiting(receipt, folded)
        letters = store.goal_letters(receipt, folded)
        states, change, progress = store.states(), store.change_of(folded), store.progress()
        found = []
        for goal in self._config.goals:
            facts = _Facts(
                goal,
                [one for attempt in attempts for one in _tries(attempt, goal.id)],
                [_request(one) for one in waiting if one.goal_id == goal.id],
                next((one for one in reversed(letters) if one.goal_id == goal.id), None),
                is_planned=_is_planned(progress.get(goal.id), change, folded),
                state=states.get(goal.connection_id),
            )
            if goal.enabled or facts.tries or facts.waiting or facts.letter:
                found.append(self._show(facts, self._tell(facts, receipt, folded)))
        return found

    def _show(self, facts: _Facts, told: _Told) -> GoalTrace:
        goal, letter = facts.goal, facts.letter
        return GoalTrace(
            goal.connection_id,
            self._names.get(goal.connection_id, ""),
            goal.id,
            goal.name,
            *told,
            [one for one, _, _ in facts.tries],
            facts.waiting,
            show_letter(letter.letter, letter.answer) if letter else None,
        )

    def _tell(self, facts: _Facts, receipt: Receipt, folded: Folded) -> _Told:
        if facts.waiting:
            return _Told("deferred", WAITING, _why_waiting(facts))
        if facts.letter:
            return _Told("rejected", facts.letter.letter.code, facts.letter.letter.reason)
        sent = self._tell_sent(facts)
        if sent is not None:
            return sent
        if not folded.profile_id:
            return _Told("filtered", "", NOBODY)
        if not facts.is_planned:
            return _Told("deferred", WAITING, _with_state(NOT_PLANNED, facts.state))
        return self._judge(facts.goal, receipt, folded)

    def _tell_sent(self, facts: _Facts) -> _Told | None:
        """By the last answer, if something of it was sent at all."""
        tries = facts.tries
        if self._store.follows_events(facts.goal):
            # What went for the person beside it (an alias joined) says nothing of the event.
            tries = [one for one in tries if one[1]]
        if not tries:
            return None
        answered = [one for one, _, is_answered in tries if is_answered]
        if not answered:
            code = tries[-1][0].code
            if facts.state is not None and facts.state.state == "limited":
                return _Told("deferred", code, _with_state(TAKEN_BACK, facts.state))
            return _Told("rejected", code, LETTER_GONE)
        last = answered[-1]
        return _Told(last.outcome, "", LETTER_GONE if last.outcome == "rejected" else "")

    def _judge(self, goal: Goal, receipt: Receipt, folded: Folded) -> _Told:
        note = "Told by the goal and the profile as they are now."
        if goal.changed_at > folded.committed_at:
            at = to_iso(goal.changed_at)
            note = f"Told by the goal as it is now: it was changed after this event, at {at}."
        verdict = self._store.judge(goal, receipt, folded)
        if verdict.kind is None:
            return _Told("filtered", verdict.code, verdict.reason)
        if verdict.kind is not Kind.PASSED:
            return _Told(ENDINGS[verdict.kind], verdict.code, verdict.reason, note)
        if not goal.schedule.is_continuous:
            return _Told("deferred", WAITING, f"{NEXT_RUN} ({words_of(goal.schedule)}).", note)
        since = self._store.tried_since()
        if since > folded.committed_at and self._store.follows_events(goal):
            return _Told("passed", "", TOO_LONG_AGO, note)
        return _Told("filtered", "", NOT_SENT, note)


def show_letter(letter: Letter, answer: str = "") -> LetterTrace:
    """A letter as traces show it."""
    return LetterTrace(
        letter.id, letter.code, letter.field, letter.reason, letter.hint, to_iso(letter.at), answer
    )


def _is_planned(progress: GoalProgress | None, change: int, folded: Folded) -> bool:
    """Whether the goal has come to the event, by its change or, of the past, by its batch."""
    if progress is None or progress.cursor < change:
        return False
    return not progress.is_reading or progress.scanned_to >= folded.batch_offset


def _why_waiting(facts: _Facts) -> str:
    first = facts.waiting[0]
    if not first.attempts and first.retry_at:
        return _with_state(f"It is held back until {first.retry_at}.", facts.state)
    if not first.attempts:
        return _with_state("It waits to be sent.", facts.state)
    times = f"{first.attempts} {'time' if first.attempts == 1 else 'times'}"
    again = f"; again at {first.retry_at}" if first.retry_at else ", and waits for the answer"
    return _with_state(f"Tried {times}{again}.", facts.state)


def _with_state(message: str, state: ConnectionState | None) -> str:
    if state is None or state.state not in STANDING:
        return message
    name = "failing" if state.state == "waiting" else state.state
    return f"{message} The connection is {name}: {state.reason}"


def _tries(attempt: Attempt, goal_id: int) -> list[tuple[AttemptTrace, bool, bool]]:
    is_answered = attempt.state is AttemptState.ANSWERED
    return [
        (
            AttemptTrace(
                attempt.request_id,
                attempt.number,
                attempt.channel,
                part,
                to_iso(attempt.sent_at),
                to_iso(attempt.answered_at),
                ENDINGS[kind] if is_answered else "deferred",
                attempt.code,
                attempt.maybe_doubled,
            ),
            position != NO_POSITION,
            is_answered,
        )
        for goal, part, kind, position in zip(
            attempt.goals, attempt.parts, attempt.kinds, attempt.positions, strict=True
        )
        if goal == goal_id
    ]


def _request(one: Waiting) -> RequestTrace:
    retry_at = to_iso(one.retry_at) if one.retry_at else ""
    return RequestTrace(one.request_id, one.part, one.attempts, one.maybe_doubled, retry_at)
