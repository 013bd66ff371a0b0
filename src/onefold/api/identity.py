"""/api/v1/identity: by which rules events say who somebody is.

What the workspace sets travels to the worker as a record of the log, and holds for every event behind it.
Where it sets nothing, the server's settings decide (`[unify]`).
"""

import asyncio
from typing import Any, Literal

import msgspec
from litestar import Request, Response, Router, get, put
from litestar.params import JSONBody
from msgspec import UNSET

from onefold.api.problem import FieldProblem, InvalidError
from onefold.api.revision import check_match, etag
from onefold.api.right import SEE, may
from onefold.api.undo import PutWhole
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.identity import StoredIdentity
from onefold.backends.embedded.control.segments import NOT_PUT
from onefold.clock import to_iso
from onefold.model.access import Right
from onefold.model.identity_rules import FIELDS, IdentityChoice, IdentityPut, IdentityRules, resolve
from onefold.model.record import Record, RecordKind
from onefold.unify.rule_check import check_choice

BAD_RULES = "unify.bad_rules"
CHANGED = may(Right.CONNECT, undo=PutWhole("choice", "What was read meanwhile stays as it was read."))
WhereFrom = Literal["workspace", "server", "built_in"]
"""Who says so: this workspace, the server's settings, or nobody, so that it is as it comes."""


class IdentityOrigins(msgspec.Struct, frozen=True):
    """Who says each of the rules."""

    phone_region: WhereFrom
    currency: WhereFrom
    trait_identifiers: WhereFrom
    blocked_values: WhereFrom


class IdentityStatus(msgspec.Struct, frozen=True):
    """Whether the worker reads by them, and from when on; null: from the first event on, or not yet."""

    is_in_force: bool
    since: str | None


class IdentityView(msgspec.Struct, frozen=True):
    """The rules, who says each of them, and what they would be if the workspace said nothing."""

    rules: IdentityRules
    origins: IdentityOrigins
    choice: IdentityChoice
    """What the workspace sets; PUT takes the same."""
    server: IdentityRules
    version: int
    """Grows with every change; 0: the workspace has set nothing yet."""
    status: IdentityStatus
    updated_at: str | None
    revision: str
    """What `If-Match` takes."""


@get("/", opt=SEE, sync_to_thread=True)
def show_identity(workspace: Here) -> Response[IdentityView]:
    """The rules of identity; the ETag is the revision that `If-Match` takes."""
    return _tagged(workspace, workspace.identity.get())


@put("/", opt=CHANGED)
async def set_identity(
    workspace: Here, data: JSONBody[IdentityChoice], request: Request[Any, Any, Any]
) -> Response[IdentityView]:
    """Set the rules of identity, for every event from here on.

    What is left out is as the server's settings say. Profiles stay as they are: what an event said is known
    by the rules that held when it came, and a replay folds it by those.
    """
    stored = await choose_identity(workspace, data, request.headers.get("if-match", ""))
    return await asyncio.to_thread(_tagged, workspace, stored)


async def choose_identity(workspace: Workspace, choice: IdentityChoice, if_match: str = "") -> StoredIdentity:
    """The choice, stored and in the log; the same as there is changes nothing.

    Raises:
        RequestError: something is wrong with it, or it is not as `if_match` says.
    """
    refuse_bad_rules(choice, BAD_RULES)
    stored = await asyncio.to_thread(workspace.identity.get)
    check_match(if_match, stored.version, "identity")
    if choice == stored.choice and (not stored.version or stored.put_offset != NOT_PUT):
        return stored
    return await _save(workspace, stored, choice)


async def reconcile_identity(workspace: Workspace) -> None:
    """Bring into the log what a crash kept from it, or what the server's settings say otherwise by now.

    The log alone shall tell the rules, once it tells any: so a change of the settings is a record, too.
    """
    stored = await asyncio.to_thread(workspace.identity.get)
    if not stored.version:
        return
    if stored.put_offset == NOT_PUT:
        await _put(workspace, stored)
    elif stored.put_rules != resolve(stored.choice, workspace.server_rules):
        await _save(workspace, stored, stored.choice)


def refuse_bad_rules(choice: IdentityChoice, code: str, prefix: str = "") -> None:
    """Make sure that the rules can be used.

    Raises:
        InvalidError: with everything that is wrong.
    """
    problems = check_choice(choice)
    if problems:
        raise InvalidError(code, [FieldProblem(f"{prefix}{one.field}", *one[1:]) for one in problems])


async def _save(workspace: Workspace, stored: StoredIdentity, choice: IdentityChoice) -> StoredIdentity:
    def save() -> StoredIdentity:
        held = workspace.people.identity()
        # Of an older backup of control.db, too: the worker passes over versions that it knows.
        version = max(stored.version, held.version if held else 0) + 1
        return workspace.identity.save(stored, version, choice, workspace.clock())

    return await _put(workspace, await asyncio.to_thread(save))


async def _put(workspace: Workspace, stored: StoredIdentity) -> StoredIdentity:
    """Bring it into the log. Safe to repeat after a crash."""
    rules = resolve(stored.choice, workspace.server_rules)
    body = msgspec.json.encode(IdentityPut(stored.version, rules))
    offset = await workspace.append([Record(RecordKind.IDENTITY_PUT, 0, 0, 0, body)])
    await asyncio.to_thread(workspace.identity.set_put, stored.version, offset, rules)
    return msgspec.structs.replace(stored, put_offset=offset, put_rules=rules)


def _tagged(workspace: Workspace, stored: StoredIdentity) -> Response[IdentityView]:
    rules = resolve(stored.choice, workspace.server_rules)
    server = resolve(IdentityChoice(), workspace.server_rules)
    view = IdentityView(
        rules=rules,
        origins=IdentityOrigins(**{name: _origin(stored.choice, server, name) for name in FIELDS}),
        choice=stored.choice,
        server=server,
        version=stored.version,
        status=_status(workspace, stored),
        updated_at=to_iso(stored.updated_at) if stored.version else None,
        revision=str(stored.version),
    )
    return Response(view, headers=etag(view.revision))


def _origin(choice: IdentityChoice, server: IdentityRules, name: str) -> WhereFrom:
    if getattr(choice, name) is not UNSET:
        return "workspace"
    return "built_in" if getattr(server, name) == getattr(IdentityRules(), name) else "server"


def _status(workspace: Workspace, stored: StoredIdentity) -> IdentityStatus:
    if not stored.version:
        return IdentityStatus(is_in_force=True, since=None)
    held = workspace.people.identity()
    is_in_force = held is not None and held.version >= stored.version
    return IdentityStatus(is_in_force, to_iso(held.at) if held is not None and is_in_force else None)


router = Router("/identity", route_handlers=[show_identity, set_identity], tags=["Identity"])
