"""What applying a whole config would do, object by object, and what became of it."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Literal

import msgspec

from onefold.config.plan import Change, difference
from onefold.model.json import JsonObject

Action = Literal["create", "change", "none", "delete", "unmanaged"]
"""`unmanaged`: it exists, and no document speaks of it; it stays as it is."""


class ObjectPlan(msgspec.Struct, frozen=True):
    """What happens to one object."""

    kind: str
    name: str
    action: Action
    changes: list[Change] = []
    """Of one that is made: what its document says."""
    warnings: list[str] = []
    """What cannot be taken back, or costs something."""
    words: str = ""
    """Of a segment: what it will ask, in words."""
    renamed_from: str = ""
    """The name that it has until then."""


class GoalEffect(msgspec.Struct, frozen=True):
    """What a goal that is on would send first; of one that sends events, on a day."""

    goal: str
    looked_at: float = 0
    """People whom it is for, or events that it wants."""
    sent: float = 0
    data_points: float = 0
    is_daily: bool = False
    is_exact: bool = True
    reason: str = ""
    """Why it cannot be told."""


class Effect(msgspec.Struct, frozen=True):
    """What an object's change means for people."""

    kind: str
    name: str
    people: int | None = None
    """Of a segment: who would be in it. Null where only a fill can tell."""
    entering: int | None = None
    leaving: int | None = None
    is_exact: bool = True
    reason: str = ""
    """Why it cannot be told."""
    goals: list[GoalEffect] = []
    holding: int | None = None
    """Of identity: profiles with an identifier that events would not bring any more. They keep it."""


class ConfigPlan(msgspec.Struct, frozen=True):
    """What applying documents does; `fingerprint` says of which config that is true."""

    fingerprint: str
    objects: list[ObjectPlan]
    effects: list[Effect] = []


class ObjectResult(msgspec.Struct, frozen=True):
    """What became of one object; `not_tried` after our own store failed."""

    kind: str
    name: str
    action: Action
    state: Literal["applied", "failed", "not_tried"]
    id: int = 0
    """Of the object; 0 where it was not made."""
    changes: list[Change] = []
    code: str = ""
    message: str = ""
    hint: str = ""


class ConfigResult(msgspec.Struct, frozen=True):
    """What became of a plan: only what was to be changed is listed."""

    applied: bool
    """All of it."""
    results: list[ObjectResult]


def made(spec: JsonObject) -> list[Change]:
    """The changes of something new: each field that its document gives."""
    return difference({}, spec, "spec")


def unmade(spec: JsonObject) -> list[Change]:
    """The changes of what goes."""
    return difference(spec, {}, "spec")


def in_order(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Names, each behind those that it needs; as they come where they need one another in a circle."""
    try:
        return list(TopologicalSorter({name: sorted(set(of)) for name, of in needs.items()}).static_order())
    except CycleError:
        return list(needs)
