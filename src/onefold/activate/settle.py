"""What becomes of a request that was tried: closed with an outcome an item, halved, or put off.

In: a request in memory and its reply. Out: the cycle's writes (ledger, counters, latency, dead letters,
attempt, intent) and the outbox, which lets go what waited.
"""

from collections.abc import Container
from typing import NamedTuple

from onefold.activate.answer import sample_answer
from onefold.activate.desk import Desk
from onefold.activate.latency import bucket_of
from onefold.activate.meter import note_spent
from onefold.activate.numbers import Numbers
from onefold.activate.outbox import Parcels
from onefold.activate.store import NewLetter
from onefold.errors import ConnectorError
from onefold.model.delivery import Attempt, AttemptState, Item
from onefold.model.outcome import Kind, Outcome, filtered
from onefold.plugin.declare import ConnectorInfo

Reply = list[Outcome] | ConnectorError


class Answer(NamedTuple):
    """A request, when it left, and what came of it."""

    parcels: Parcels
    sent_at: int
    reply: Reply


def close(desk: Desk, info: ConnectorInfo, answer: Answer, outcomes: list[Outcome]) -> None:
    """Each item ended; the intent with them."""
    note_ends(desk, list(zip(answer.parcels.request.items, outcomes, strict=True)))
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
            note_spent(writes, request.connection_id, item)
        elif outcome.kind is Kind.FILTERED:
            if item.ledger_id == desk.known_ledger:
                desk.again[item.profile_id] = item
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
        desk.runs.plan(item.run, -1)
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
    note_dropped(desk, parcels, [(item, filtered(code)) for item in dropped])
    for item in dropped:
        desk.book.cancel(item, desk.writes, may_be_held=request.maybe_doubled)
    gone = {id(item) for item in dropped}
    return keep(desk, parcels, [item for item in request.items if id(item) not in gone])


def keep(desk: Desk, parcels: Parcels, kept: list[Item]) -> bool:
    """Have a request carry no more than these items; closed, and False, where there are none."""
    request = parcels.request
    request.items = kept
    if kept:
        desk.writes.repacked.append(request)
        return True
    desk.writes.closed.append(request.id)
    desk.outbox.close(parcels, desk.now)
    return False


def note_dropped(desk: Desk, parcels: Parcels, dropped: list[tuple[Item, Outcome]]) -> None:
    """Count items that do not leave."""
    note_ends(desk, dropped)
    prefix = f"{parcels.request.connection_id}/"
    for item, outcome in dropped:
        desk.writes.counts[f"{prefix}{item.goal_id}", outcome.kind, outcome.code] += 1


def note_ends(desk: Desk, ended: list[tuple[Item, Outcome]]) -> None:
    """Count each end in the run that planned the item, and keep the first few of each to look at."""
    found: dict[tuple[int, Kind, str], int] = {}
    rooms: dict[tuple[int, Kind, str], int] = {}
    for item, outcome in ended:
        key = (item.run, outcome.kind, outcome.code)
        count = found[key] = found.get(key, 0) + 1
        room = rooms.get(key)
        if room is None:
            room = rooms[key] = desk.runs.room(*key)
        if count <= room:
            desk.sampled.append((item, outcome))
    for key, count in found.items():
        desk.runs.count(*key, count)


def drop(desk: Desk, runs: set[int], outcome: Outcome) -> None:
    """Let what has not been sent of these runs go no further: each item ends so."""
    for parcels in desk.outbox.unsent():
        request = parcels.request
        dropped = [item for item in request.items if item.run in runs]
        if not dropped:
            continue
        note_dropped(desk, parcels, [(item, outcome) for item in dropped])
        for item in dropped:
            desk.book.withdraw(item)
        # One that is empty by now keeps its place, for the order of those that wait for it, until its turn.
        request.items = [item for item in request.items if item.run not in runs]
        desk.writes.repacked.append(request)


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
