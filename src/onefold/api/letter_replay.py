"""Sending dead letters on their way again, one or many.

Letters of capture and unify are judged by capture's own rules and appended as events that name the letter.
Letters of activation get a decision, which deliver notices. A crash between appending and deciding leaves the
letter open: replayed again, its event has the same message id and counts once.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.decisions import LetterDecision
from onefold.backends.embedded.letters import FILES, StoredLetter
from onefold.capture.judge import message_id_of
from onefold.capture.refusal import Refusal
from onefold.capture.replay import replay_letter
from onefold.errors import RequestError
from onefold.model.letter import LetterState
from onefold.model.outcome import Count, Kind
from onefold.model.record import Record

STAGE = "capture"
ROW_HINT = "Mend the file and import it again (rows that were taken are skipped), or give a whole event."
"""A row of a file is no event: what it should become only its mapping knows."""


class Ready(NamedTuple):
    """A letter that can go, its event if it has one."""

    stored: StoredLetter
    record: Record | None
    message_id: str


class Refused(NamedTuple):
    """A letter that cannot, and why."""

    stored: StoredLetter
    refusal: Refusal


def prepare(
    workspace: Workspace, letters: Sequence[StoredLetter], payload: str | None = None
) -> tuple[list[Ready], list[Refused]]:
    """Judge letters: what can go again and what cannot. `payload` replaces that of the letter."""
    ready, refused = [], []
    targets = _Targets(workspace)
    for stored in letters:
        if stored.letter.stage == "activate":
            found: Ready | Refusal = targets.judge(stored)
        else:
            found = _judge_event(workspace, stored, payload)
        if isinstance(found, Refusal):
            refused.append(Refused(stored, found))
        else:
            ready.append(found)
    return ready, refused


async def send(workspace: Workspace, ready: Sequence[Ready], by: str) -> set[str]:
    """Let them go; returns the letters that someone else replayed meanwhile.

    Raises:
        StorageError: nothing was appended.
    """
    records = [one.record for one in ready if one.record is not None]
    if records:
        passed = Counter(str(record.source_id) for record in records)
        counts = [Count(STAGE, source, Kind.PASSED, "", count) for source, count in passed.items()]
        await workspace.append(records, counts)
    at = workspace.clock()
    decided = [
        LetterDecision(one.stored.letter.id, LetterState.REPLAYED, at, by, one.message_id, "")
        for one in ready
    ]
    return await asyncio.to_thread(decide, workspace, decided)


def decide(workspace: Workspace, decided: Sequence[LetterDecision]) -> set[str]:
    """Keep decisions; returns the letters that were replayed before."""
    if not decided:
        return set()
    done = workspace.decisions.decide(decided)
    stages = {decision.letter_id.partition("-")[0] for decision in decided}
    for stage in stages & FILES.keys():
        workspace.decisions.forget(stage, workspace.letters.oldest(stage))
    if "activate" in stages:
        workspace.wake("deliver")
    return done


def refuse_replayed(stored: StoredLetter) -> None:
    """Once is enough.

    Raises:
        RequestError: the letter was replayed before.
    """
    if stored.letter.state is LetterState.REPLAYED:
        raise already_replayed(stored)


def already_replayed(stored: StoredLetter) -> RequestError:
    """The answer to replaying or discarding what was replayed."""
    letter = stored.letter
    return RequestError(
        "dead_letters.already_replayed",
        f"{letter.id} was replayed before" + (f", as {letter.replayed_as}." if letter.replayed_as else "."),
        status=409,
        hint="If it failed again there is a new dead letter: replay that one.",
    )


def _judge_event(workspace: Workspace, stored: StoredLetter, payload: str | None) -> Ready | Refusal:
    letter = stored.letter
    source = workspace.sources.find(str(letter.source_id))
    if source is None:
        return Refusal(
            "dead_letters.no_source", "source_id", "Its source does not exist any more.", "Discard it."
        )
    text = letter.payload if payload is None else payload
    found = replay_letter(letter, text, source, workspace.capture, received_at=workspace.clock())
    if isinstance(found, Record):
        return Ready(stored, found, message_id_of(found.body))
    if letter.code.startswith("acquire."):
        return Refusal(found.code, found.field, found.message, ROW_HINT)
    return found


class _Targets:
    """Whether activation could deliver: read once for many letters, when the first asks."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._goals: dict[int, str] | None = None

    def judge(self, stored: StoredLetter) -> Ready | Refusal:
        """A letter whose goal is there and on."""
        if self._goals is None:
            self._goals = self._read()
        goal_id = stored.item.goal_id if stored.item else 0
        problem = self._goals.get(goal_id, "Its goal does not exist any more.")
        if problem:
            hint = "Turn it on, then replay." if goal_id in self._goals else "Discard it."
            return Refusal("dead_letters.goal_is_off", "goal_id", problem, hint)
        return Ready(stored, None, "")

    def _read(self) -> dict[int, str]:
        """What hinders each goal; empty: nothing."""
        connections = {one.id: one for one in self._workspace.connections.page()}
        found = {}
        for goal in self._workspace.connections.goals():
            connection = connections.get(goal.connection_id)
            if connection is None or not connection.enabled:
                found[goal.id] = f"The connection {connection.name if connection else ''} is off."
            else:
                found[goal.id] = "" if goal.enabled else f"The goal {goal.name} is off."
        return found
