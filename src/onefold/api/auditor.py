"""The middleware that notes every change in the audit trail: who, what, from where, before and after.

Before and after are what GET says of the thing to who may not see people, so neither secrets nor values of
people are in them; of a thing that is made, or goes by another name now, the answer, without the fields that
the route `hides` and likewise masked. Of what concerns one person nothing but the act is kept. An entry is
durable before the answer leaves.
"""

import asyncio
import re

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from onefold.api.answer import HeldAnswer
from onefold.api.audit_undo import SECRETS_GIVEN, UNDO_HEADER, is_undoable, past_of
from onefold.api.caller import SAFE_METHODS, WATCHING_SCOPE_KEY, Connection, address_of
from onefold.api.inside import ask_inside
from onefold.api.mask import hide
from onefold.api.veil import plan_of_route
from onefold.backends.embedded.control.audit import Entry
from onefold.model.access import Right
from onefold.model.json import JsonObject, JsonValue

STATE_BYTES_MAX = 32 * 1024
"""Of one side of a change; longer ones are said to be so."""
BEFORE = "before"
IDS = "ids"
UNSETTLED = frozenset(
    {
        *("counts", "status", "progress", "runs", "next_run", "starts_at", "hint"),
        *("last_seen_at", "updated_at", "revision", "members", "waiting", "waiting_for_budget"),
    }
)
"""Fields that change by themselves, also of the goals of a connection."""
GOALS = "goals"
_NAMED = re.compile(r"\{(\w+)[^}]*\}")


def auditor(app: ASGIApp) -> ASGIApp:
    """Around every route."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_change(scope):
            await app(scope, receive, send)
            return
        held = HeldAnswer(send)  # type: ignore[arg-type]
        await app(scope, receive, held.take)  # type: ignore[arg-type]
        if held.status < 400:
            state = scope["litestar_app"].state
            for entry in await _entries(scope, held):
                kept = entry._replace(id=await asyncio.to_thread(state.workspace.audit.add, entry))
                if is_undoable(state.undos, kept.action, past_of(kept)):
                    held.add_header(UNDO_HEADER, f"/api/v1/audit/{kept.id}/undo")
        await held.release()

    return answer


async def look_before(connection: Connection, _handler: BaseRouteHandler) -> None:
    """A guard, behind the one that lets callers in: how the thing is that they are about to change."""
    scope = connection.scope
    if _is_change(scope) and (subject := _subject(scope)):
        connection.state[BEFORE] = await _look(scope, subject)
        connection.state[IDS] = await asyncio.to_thread(_ids, scope, connection.state[BEFORE])


async def _entries(scope: Scope, held: HeldAnswer) -> list[Entry]:
    """One; of a route that changes several things at once, one a thing, as its answer tells them."""
    tell = scope["route_handler"].opt.get("tells")
    if tell is not None:
        told = tell(hide(held.json(), plan_of_route(scope["route_handler"])))
        return [_entry(scope, held.status, before, after)._replace(path=path) for path, before, after in told]
    after = await _look(scope, _subject(scope)) or _made(scope, held)
    return [_entry(scope, held.status, scope["state"].get(BEFORE), after)]


def _is_change(scope: Scope) -> bool:
    opt = scope["route_handler"].opt
    if scope.get("method") in SAFE_METHODS:
        return False
    return bool(opt.get("audited", opt.get("allow") == "signed_in"))


def _subject(scope: Scope) -> str:
    """The address of the thing that changes: up to the last name in it; empty where it is yet to be made.

    What stands alone, as the rules of identity, is replaced at its own address. Empty, too, where it is a
    person.
    """
    if scope["route_handler"].opt["allow"] is Right.ERASE:
        return ""
    named = [place for place, part in enumerate(_template(scope).split("/")) if part.startswith("{")]
    if not named:
        return str(scope["path"]).rstrip("/") if scope.get("method") == "PUT" else ""
    return "/".join(str(scope["path"]).rstrip("/").split("/")[: named[-1] + 1])


def _template(scope: Scope) -> str:
    return str(scope.get("path_template", "")).rstrip("/")


async def _look(scope: Scope, path: str) -> JsonValue:
    """What GET says of it, values of people hidden; None where there is nothing."""
    if not path:
        return None
    found = await ask_inside(scope, "GET", path, caller=(WATCHING_SCOPE_KEY, True))
    return found.json() if found.status == 200 else None


def _made(scope: Scope, held: HeldAnswer) -> JsonValue:
    opt = scope["route_handler"].opt
    made = held.json() if isinstance(opt["allow"], Right) and opt["allow"] is not Right.ERASE else None
    made = hide(made, plan_of_route(scope["route_handler"]))
    if isinstance(made, dict):
        return {name: value for name, value in made.items() if name not in opt.get("hides", ())}
    return None


def _entry(scope: Scope, status: int, before: JsonValue, after: JsonValue) -> Entry:
    workspace = scope["litestar_app"].state.workspace
    caller = scope["state"]["caller"]
    before, after = _settled(before), _settled(after)
    if isinstance(before, dict) and isinstance(after, dict):
        if GOALS in before and GOALS in after:
            before[GOALS], after[GOALS] = _differing(before[GOALS], after[GOALS])
        changed = {name for name in before | after if before.get(name) != after.get(name)}
        before = {name: before[name] for name in sorted(changed & set(before))}
        after = {name: after[name] for name in sorted(changed & set(after))}
        if given := scope["state"].get(SECRETS_GIVEN):
            after[SECRETS_GIVEN] = given
    return Entry(
        *(0, workspace.clock(), scope["state"].get("acts_as") or caller.name),
        "" if caller.kind == "local" else address_of(workspace, ASGIConnection(scope)),
        scope["route_handler"].handler_name,
        _path(scope),
        status,
        _text(before),
        _text(after),
    )


def _settled(state: JsonValue) -> JsonValue:
    if not isinstance(state, dict):
        return state
    kept = {name: value for name, value in state.items() if name not in UNSETTLED}
    if isinstance(goals := kept.get(GOALS), list):
        kept[GOALS] = [_settled(goal) for goal in goals]
    return kept


def _differing(before: list[JsonObject], after: list[JsonObject]) -> tuple[JsonValue, JsonValue]:
    """Both lists, in their order, each thing by id and name, with what differs: the rest says nothing."""

    def reduced(these: list[JsonObject], those: list[JsonObject]) -> JsonValue:
        others = {one["id"]: one for one in those}
        told = ("id", "name")
        return [
            {
                name: value
                for name, value in one.items()
                if name in told or one["id"] not in others or others[one["id"]].get(name) != value
            }
            for one in these
        ]

    return reduced(before, after), reduced(after, before)


def _ids(scope: Scope, before: JsonValue) -> dict[str, int]:
    """By the names in the address: of what was called by its name, the id."""
    workspace, called = scope["litestar_app"].state.workspace, scope["path_params"]
    found = {
        name: find(str(called[name]))
        for name, find in (("connection", workspace.connections.find), ("source", workspace.sources.find))
        if name in called
    }
    ids = {name: one.id for name, one in found.items() if one is not None}
    if isinstance(before, dict) and isinstance(before.get("id"), int):
        ids.setdefault(_NAMED.findall(_template(scope))[-1], before["id"])
    return ids


def _path(scope: Scope) -> str:
    """The address, without values of people in it, and with ids in the place of names: those may change."""
    if "value" in scope["path_params"]:
        return _template(scope)
    called = scope["path_params"] | (scope["state"].get(IDS) or {})
    # What may hold slashes of its own comes with the one before it.
    return _NAMED.sub(lambda name: str(called[name[1]]).removeprefix("/"), _template(scope))


def _text(state: JsonValue) -> str:
    if state is None:
        return ""
    text = msgspec.json.encode(state)
    return text.decode() if len(text) <= STATE_BYTES_MAX else f'{{"too_long": {len(text)}}}'
