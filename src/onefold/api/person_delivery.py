"""/api/v1/profiles/{id}/deliveries: by connection, what the destination holds of a person; what is due."""

from collections.abc import Iterator
from typing import Literal

import msgspec
from litestar import get
from litestar.params import FromPath

from onefold.activate.contest import shared_ledger
from onefold.api.letter_view import LetterView, letter_view
from onefold.api.page import Page
from onefold.api.profile import find_profile
from onefold.api.right import SEE
from onefold.api.workspace import Here
from onefold.model.goal import Goal
from onefold.model.letter import LetterState
from onefold.observe.store import Config

FieldState = Literal["accepted", "refused", "unknown"]


class FieldHeld(msgspec.Struct, frozen=True):
    """A field that the destination was told. `refused`: it took no such value, so it is not sent again."""

    field: str
    state: FieldState
    goal_id: int | None
    """The goal that keeps it up to date; null for a field that several write."""
    goal: str


class ConnectionHolds(msgspec.Struct, frozen=True):
    """What one connection has to do with the person."""

    connection_id: int
    connection: str
    enabled: bool
    fields: list[FieldHeld]
    waiting: int
    """Items under way, or held until a time."""
    dead_letters: list[LetterView]
    """Open ones, the newest first."""


@get("/{profile_id:int}/deliveries", opt=SEE, sync_to_thread=True)
def list_deliveries(workspace: Here, profile_id: FromPath[int]) -> Page[ConnectionHolds]:
    """What each destination holds of the person as far as it has told us, what waits, and what was given up.

    Of fields the names: values are kept as hashes only. Tries of requests stand in the timeline.
    """
    profile = find_profile(workspace, profile_id)
    config = workspace.observatory.look().config
    ledgers = [goal.id for goal in config.goals] + [shared_ledger(one.id) for one in config.connections]
    found = workspace.delivery.of_person(workspace.timeline.ids_of(profile.id), ledgers)
    letters = [stored for one in found.letters if (stored := workspace.letters.find(one)) is not None]
    views = [letter_view(stored) for stored in letters if stored.letter.state is LetterState.OPEN]
    items = []
    for connection in sorted(config.connections, key=lambda one: one.name):
        held = ConnectionHolds(
            connection_id=connection.id,
            connection=connection.name,
            enabled=connection.enabled,
            fields=list(_fields(connection.id, config, found.marks)),
            waiting=found.waiting[connection.id],
            dead_letters=[one for one in views if one.connection_id == connection.id],
        )
        if held.fields or held.waiting or held.dead_letters:
            items.append(held)
    return Page(items, None)


def _fields(connection_id: int, config: Config, marks: dict[int, dict[str, int]]) -> Iterator[FieldHeld]:
    goals: list[Goal | None] = [goal for goal in config.goals if goal.connection_id == connection_id]
    for goal in [*goals, None]:
        ledger_id = shared_ledger(connection_id) if goal is None else goal.id
        for field, mark in sorted(marks.get(ledger_id, {}).items()):
            yield FieldHeld(field, _state(mark), goal.id if goal else None, goal.name if goal else "")


def _state(mark: int) -> FieldState:
    if mark == 0:
        return "unknown"
    return "accepted" if mark > 0 else "refused"
