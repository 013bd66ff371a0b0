"""What a kind of object declares to be part of the config as code. A new kind adds one file and one line.

A kind says which objects there are, writes them as documents, tells what a document would change, and
changes it by the same functions as the routes of that kind. `config_kinds.py` lists them all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import msgspec

from onefold.api.caller import Caller
from onefold.api.problem import FieldProblem, InvalidError
from onefold.api.workspace import Workspace
from onefold.config.config_plan import Effect, ObjectPlan
from onefold.config.decode import find_problems
from onefold.model.access import Right
from onefold.model.json import JsonObject, JsonValue

CODE = "config.invalid_documents"


class Given(NamedTuple):
    """A document, its place among those given, and the object that it is about."""

    place: int
    document: JsonObject
    id: int
    """Negative: it is yet to be made."""
    former: str = ""
    """The name that the object has, where the document gives it another."""

    @property
    def name(self) -> str:
        """The name that it shall have."""
        return str(self.document["name"])

    @property
    def is_new(self) -> bool:
        """Nothing of that name exists."""
        return self.id < 0


@dataclass(frozen=True, slots=True)
class Scene:
    """The config as it will be: documents by kind, and ids by kind and name, negative before they are made.

    `now` are those that there are; what a plan deletes is in `now` alone.
    """

    given: dict[str, list[Given]] = field(default_factory=dict)
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    now: dict[str, dict[str, int]] = field(default_factory=dict)
    gone: dict[str, list[Given]] = field(default_factory=dict)
    """What a plan deletes, by the documents that it has now."""

    def names(self, kind: str) -> dict[int, str]:
        """Names by id, the coming ones before those of today."""
        return {id_: name for ids in (self.now, self.ids) for name, id_ in ids[kind].items()}

    def made_ids(self, kind: str) -> dict[str, int]:
        """Those that exist by now."""
        return {name: id_ for name, id_ in self.ids[kind].items() if id_ > 0}


class Kind(Protocol):
    """One kind of object that is kept as code."""

    @property
    def name(self) -> str:
        """What its documents say in `kind`."""
        ...

    @property
    def right(self) -> Right:
        """What whoever applies a change of one needs."""
        ...

    @property
    def is_deletable(self) -> bool:
        """Whether one may go for good."""
        ...

    @property
    def document(self) -> type[msgspec.Struct]:
        """The type of its documents, from which the schema is made."""
        ...

    def ids(self, workspace: Workspace) -> dict[str, int]:
        """Those that there are, by name."""
        ...

    def held(self, workspace: Workspace) -> JsonValue:
        """All that is kept of them, without secrets: what a fingerprint is made of."""
        ...

    def export(self, workspace: Workspace) -> list[JsonObject]:
        """Their documents, by name."""
        ...

    def in_order(self, given: Sequence[Given]) -> list[Given]:
        """The order in which they are applied: each behind those of its kind that it needs."""
        ...

    def planner(self, workspace: Workspace, scene: Scene) -> Callable[[Given], ObjectPlan]:
        """What a document would change; raises RequestError when it cannot be applied."""
        ...

    def plan_deletion(self, workspace: Workspace, name: str, id_: int) -> ObjectPlan:
        """What its going would mean."""
        ...

    async def effect(self, workspace: Workspace, given: Given, scene: Scene, caller: Caller) -> Effect | None:
        """What a change that was planned means for people; raises RequestError when it cannot be told."""
        ...

    async def apply(self, workspace: Workspace, given: Given, scene: Scene, by: str) -> int:
        """Make it so; its id. Raises RequestError when it cannot be done."""
        ...

    async def delete(self, workspace: Workspace, id_: int) -> None:
        """Gone; raises RequestError when it is still needed."""
        ...


def check_form(document: JsonObject, as_type: Any) -> None:
    """Refuse a document that has not the form of its kind.

    Raises:
        InvalidError: with every problem.
    """
    problems = find_problems(document, as_type)
    if problems:
        raise InvalidError(CODE, [FieldProblem(one.path, one.message) for one in problems])


def refuse(path: str, message: str, *, value: JsonValue = None, remedy: str = "") -> InvalidError:
    """The answer to one field of a document."""
    return InvalidError(CODE, [FieldProblem(path, message, value, remedy)])
