"""What becomes of a request that was tried: closed with an outcome an item, halved, or put off.

In: a request in memory and its reply. Out: the cycle's writes (ledger, counters, latency, dead letters,
attempt, intent) and the outbox, which lets go what waited.
"""

from collections.abc import Container
from typing import NamedTuple

from onefold.activate.answer import sample_answer
from onefold.activate.latency import bucket_of
from onefold.activate.outbox import Parcels
from onefold.activate.plan import Desk
from onefold.activate.store import NewLetter
from onefold.errors import ConnectorError
from onefold.model.delivery import Attempt, AttemptState, Item
from onefold.model.outcome import Kind, Outcome
from onefold.plugin.declare import ConnectorInfo

Reply = list[Outcome] | ConnectorError


class Answer(NamedTuple):
    """A request, when it left, and what came of it."""

    parcels: Parcels
    sent_at: int
    reply: Reply


class Numbers:
    """The next number of a request; shared, for numbers are unique among all connections."""

    def __init__(self, start: int) -> None:
        self.next = start

    def take(self, count: int) -> int:
        """The first of `count` new numbers."""
        first = self.next
        self.next += count
        return first


def close(desk: Desk, info: ConnectorInfo, answer: Answer, outcomes: list[Outcome]) -> None:
    """Each item ended; the intent with them."""
    request = answer.parcels.request
    writes, now = desk.writes, desk.now
    prefix = f"{request.connection_id}/"
    subjects: dict[int, str] = {}
    for item, outcome in zip(request.items, outcomes, strict=True):
        goal_id = item.goal_id
        subject = subjects.get(goal_id)
        if subject is None:
            subject = subjects[goal_id] = f"{prefix}{goal_id}"
        passed = outcome.kind is Kind.PASSED
        writes.counts[subject, outcome.kind, outcome.code] += 1
        if passed:
            writes.latencies[subject, bucket_of(now - item.received_at)] += 1
            writes.costs[subject] += item.cost
        else:
            writes.letters.append(_letter(info, answer, item, outcome, subject))
        if item.marks is not None:
            desk.book.settle(item, passed=passed, writes=writes)
    if answer.sent_at:
        note_attempt(desk, answer, AttemptState.ANSWERED, "", [outcome.kind for outcome in outcomes])
    writes.closed.append(request.id)
    desk.outbox.close(answer.parcels, now)


def halve(desk: Desk, answer: Answer, numbers: Numbers, code: str) -> None:
    """The request was refused as a whole: two halves go instead, until the culprit is alone."""
    request = answer.parcels.request
    note_attempt(desk, answer, AttemptState.REFUSED, code, [Kind.DEFERRED] * len(request.items))
    desk.writes.opened += desk.outbox.split(answer.parcels, numbers.take(2))
    desk.writes.closed.append(request.id)


def take_back(desk: Desk, parcels: Parcels) -> None:
    """It will not go, and leaves no outcome: what it carried is planned anew when it can be sent."""
    request = parcels.request
    for item in request.items:
        desk.book.withdraw(item)
    desk.writes.closed.append(request.id)
    desk.outbox.close(parcels, desk.now)


def drop_goals(desk: Desk, parcels: Parcels, goal_ids: Container[int], code: str) -> bool:
    """Leave out what the request carries for these goals, for good; False when that was all.

    What only prepares others stays: the people that it creates or joins are counted on by other goals.
    """
    request = parcels.request
    prepares = desk.known_ledger
    dropped = [one for one in request.items if one.goal_id in goal_ids and one.ledger_id != prepares]
    if not dropped:
        return True
    for item in dropped:
        desk.book.withdraw(item)
        desk.writes.counts[f"{request.connection_id}/{item.goal_id}", Kind.FILTERED, code] += 1
    request.items = [one for one in request.items if one.goal_id not in goal_ids or one.ledger_id == prepares]
    if request.items:
        desk.writes.rewritten.append(request)
        return True
    desk.writes.closed.append(request.id)
    desk.outbox.close(parcels, desk.now)
    return False


def note_attempt(desk: Desk, answer: Answer, state: AttemptState, code: str, kinds: list[Kind]) -> None:
    """Keep the try: what it carried and how each item ended."""
    request = answer.parcels.request
    items = request.items
    attempt = Attempt(
        request.id,
        request.attempts,
        request.connection_id,
        request.channel,
        answer.sent_at,
        desk.now,
        state,
        code,
        request.maybe_doubled,
        [item.goal_id for item in items],
        [item.profile_id for item in items],
        [item.offset for item in items],
        [item.position for item in items],
        [item.part for item in items],
        kinds,
    )
    desk.writes.attempts.append(attempt)


def _letter(info: ConnectorInfo, answer: Answer, item: Item, outcome: Outcome, subject: str) -> NewLetter:
    request = answer.parcels.request
    return NewLetter(
        outcome.code,
        item.part,
        outcome.detail,
        info.hint(outcome.code),
        subject,
        item.body,
        connection_id=request.connection_id,
        channel=request.channel,
        item=item,
        answer=sample_answer(outcome.answer, item.body),
    )
