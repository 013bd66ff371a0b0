"""How a change is taken back. Each route says it of itself (`may(…, undo=…)`); one way serves them all.

In: an entry of the audit trail, and how the thing is now. Out: the request of the API that puts it back as it
was, or why that cannot be. Nothing here changes anything, or knows a kind of thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from onefold.errors import RequestError
from onefold.model.json import JsonObject, JsonValue

BY_HAND = "Change it by hand: the entry tells what there was."


class Past(NamedTuple):
    """What an entry tells: fields that differed; None where there was, or is, nothing."""

    path: str
    before: JsonObject | None
    after: JsonObject | None


class TakenBack(NamedTuple):
    """A request that takes a change back, and what differs by it: fields now, and then."""

    method: Literal["POST", "PUT", "PATCH"]
    path: str
    body: JsonObject | None
    now: JsonObject | None
    then: JsonObject | None


class Undo(Protocol):
    """The way back from one kind of change."""

    @property
    def note(self) -> str:
        """What does not become as it was; empty if all does."""
        ...

    def subject(self, path: str) -> str:
        """The address of the thing that the entry of a path is about."""
        ...

    def fields(self, past: Past) -> list[str]:
        """Which fields it puts back; none: there is nothing to put back."""
        ...

    def wish(self, past: Past, now: JsonObject | None) -> TakenBack:
        """The request; raises RequestError where the thing is not as the entry left it."""
        ...


@dataclass(frozen=True, slots=True)
class PutBack:
    """The fields that were changed get their values again, by the same route."""

    names: tuple[str, ...]
    """Those that the route takes."""
    merged: tuple[str, ...] = ()
    """Of these the route takes what is given, and null takes one out."""
    note: str = ""

    def subject(self, path: str) -> str:
        """The thing itself."""
        return path

    def fields(self, past: Past) -> list[str]:
        """Those of the names that differed."""
        before, after = past.before or {}, past.after or {}
        return [name for name in self.names if name in before and name in after]

    def wish(self, past: Past, now: JsonObject | None) -> TakenBack:
        """Every field that differed, if each is still as the change left it."""
        before, after = past.before or {}, past.after or {}
        names = self.fields(past)
        held = _as_left(now, after, names)
        then = {name: before[name] for name in names}
        body = {
            name: {**dict.fromkeys(after[name]), **value} if name in self.merged else value
            for name, value in then.items()
        }
        return TakenBack("PATCH", past.path, body, held, then)


@dataclass(frozen=True, slots=True)
class PutWhole:
    """What its route takes whole is put as it was."""

    name: str
    """Of what the route takes, in the thing that it is about."""
    note: str = ""

    def subject(self, path: str) -> str:
        """The thing itself."""
        return path

    def fields(self, past: Past) -> list[str]:
        """All of it, if it differed."""
        return [self.name] if self.name in (past.before or {}) else []

    def wish(self, past: Past, now: JsonObject | None) -> TakenBack:
        """All of it, if it still is as the change left it."""
        before = (past.before or {})[self.name]
        held = _as_left(now, past.after or {}, [self.name])
        return TakenBack("PUT", past.path, before, held, {self.name: before})


@dataclass(frozen=True, slots=True)
class Turn:
    """Turned on or off, it is turned the other way, by the route beside."""

    act: Literal["enable", "disable"]
    note: str = ""

    def subject(self, path: str) -> str:
        """What was turned."""
        return path.rpartition("/")[0]

    def fields(self, past: Past) -> list[str]:
        """Nothing where it was so before."""
        return ["enabled"] if "enabled" in (past.before or {}) else []

    def wish(self, past: Past, now: JsonObject | None) -> TakenBack:
        """The other way."""
        held = _as_left(now, past.after or {}, ["enabled"])
        path = f"{self.subject(past.path)}/{self.act}"
        return TakenBack("POST", path, None, held, {"enabled": self.act == "enable"})


@dataclass(frozen=True, slots=True)
class PutInOrder:
    """A list of things gets its former order."""

    name: str
    """Of the list, in the thing that holds it and in the body of the route."""
    note: str = ""

    def subject(self, path: str) -> str:
        """What holds the list: `…/3` of `…/3/goals/order`."""
        return path.rsplit("/", 2)[0]

    def fields(self, past: Past) -> list[str]:
        """The list, if it was put into another order."""
        return [self.name] if self.name in (past.before or {}) else []

    def wish(self, past: Past, now: JsonObject | None) -> TakenBack:
        """By ids, the same things in the order before."""
        before, after = (side[self.name] if side else [] for side in (past.before, past.after))
        held = now[self.name] if now else []
        if _ids(held) != _ids(after):
            raise changed_since([self.name])
        names = {one["id"]: one["name"] for one in held}
        told = ({self.name: [names[one] for one in order]} for order in (_ids(held), _ids(before)))
        return TakenBack("PUT", past.path, {self.name: _ids(before)}, *told)


@dataclass(frozen=True, slots=True)
class MakeAgain:
    """What was deleted is made again, of what its route takes."""

    names: tuple[str, ...]
    note: str

    def subject(self, path: str) -> str:
        """What is gone."""
        return path

    def fields(self, past: Past) -> list[str]:
        """All of it, if there was something."""
        return [name for name in self.names if name in (past.before or {})]

    def wish(self, past: Past, now: JsonObject | None) -> TakenBack:
        """One more of the same."""
        if now is not None:
            raise changed_since([])
        then = {name: (past.before or {})[name] for name in self.fields(past)}
        return TakenBack("POST", past.path.rpartition("/")[0], then, None, then)


def no_undo(why: str, hint: str = BY_HAND) -> RequestError:
    """The answer where nothing leads back."""
    return RequestError("audit.no_undo", why, status=409, hint=hint)


def changed_since(names: Iterable[str]) -> RequestError:
    """The answer where the thing is another one by now."""
    which = ", ".join(names)
    return RequestError(
        "audit.changed_since",
        f"It was changed again since: {which}." if which else "It was changed again since.",
        status=409,
        hint="Nothing was undone. Look at what it is now, and change that, or undo the later change first.",
    )


def _as_left(now: JsonObject | None, after: JsonObject, names: list[str]) -> JsonObject:
    """Those fields now; raises RequestError where one is not as the change left it."""
    if now is None:
        raise no_undo(
            "It is not there any more.", "Undo its deletion first, if that can be, or make it anew."
        )
    others = [name for name in names if now.get(name) != after[name]]
    if others:
        raise changed_since(others)
    return {name: now.get(name) for name in names}


def _ids(things: JsonValue) -> list[int]:
    return [one["id"] for one in things]
