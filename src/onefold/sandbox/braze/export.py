"""POST /users/export/ids: profiles by identifier, in the form that Braze exports.

In: the decoded body. Out: users with the fields asked for, empty ones left out, and the identifiers not
found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.exported_user import EXPORT_FIELDS, exported_user
from onefold.sandbox.braze.identifiers import JsonObject, normal_phone, read_alias
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.rates import EXPORT, EXPORT_FAST
from onefold.sandbox.braze.settings import SandboxSettings

if TYPE_CHECKING:
    from onefold.sandbox.braze.journal import Entry
    from onefold.sandbox.braze.workspace import Workspace

IDS_MAX = 50
DEFAULT_MINUTE_LIMIT = 250
HEAVY_FIELDS = frozenset({"campaigns_received", "canvases_received"})
SINGLE_KINDS = ("device_id", "braze_id", "email_address", "phone")


class _Asked(msgspec.Struct):
    """The part of a request that decides its limit."""

    fields_to_export: list[str] | None = None


def rate_group(workspace: Workspace, raw: bytes | None) -> str:
    """Return the group of a request: without received messages, forty a second instead of 250 a minute.

    Only at the default limit, as Braze grants it.
    """
    if workspace.settings.export_minute_limit != DEFAULT_MINUTE_LIMIT:
        return EXPORT
    try:
        fields = msgspec.json.decode(raw or b"", type=_Asked).fields_to_export
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return EXPORT
    return EXPORT_FAST if fields and HEAVY_FIELDS.isdisjoint(fields) else EXPORT


def export_ids(workspace: Workspace, body: JsonObject, _entry: Entry) -> Answer:
    """Answer with the profiles asked for."""
    fields = body.get("fields_to_export")
    if fields is None and not workspace.settings.legacy_fields_to_export:
        return refuse(400, texts.EXPORT_FIELDS_REQUIRED)
    if fields is not None:
        if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
            return refuse(400, texts.not_valid("fields_to_export"))
        unknown = [name for name in fields if name not in EXPORT_FIELDS]
        if unknown or not fields:
            return refuse(400, texts.not_valid("fields_to_export"))
    external_ids = body.get("external_ids") or []
    aliases = body.get("user_aliases") or []
    if not isinstance(external_ids, list) or not all(isinstance(one, str) for one in external_ids):
        return refuse(400, texts.not_valid("external_ids"))
    if not isinstance(aliases, list):
        return refuse(400, texts.not_valid("user_aliases"))
    if len(external_ids) + len(aliases) > IDS_MAX:
        return refuse(400, texts.TOO_MANY_USERS)
    if not external_ids and not aliases and not any(body.get(kind) for kind in SINGLE_KINDS):
        return refuse(400, texts.EXPORT_IDS_REQUIRED)
    profiles, missing = _find(workspace, body, external_ids, aliases)
    return _answer(workspace, profiles, missing, fields)


def _find(
    workspace: Workspace, body: JsonObject, external_ids: list[str], aliases: list[object]
) -> tuple[dict[int, Profile], list[object]]:
    """Return the profiles by sequence number, each once, and what was not found."""
    store = workspace.store
    found: dict[int, Profile] = {}
    missing: list[object] = []
    for external_id in external_ids:
        _take(store.by_external_id(external_id), external_id, found, missing)
    for alias in aliases:
        who = read_alias(alias)
        profile = store.by_alias(who.label, who.value) if not isinstance(who, str) else None
        _take(profile, alias, found, missing)
    if isinstance(braze_id := body.get("braze_id"), str):
        _take(store.by_braze_id(braze_id), braze_id, found, missing)
    for kind, field in (("email", "email_address"), ("phone", "phone")):
        if isinstance(value := body.get(field), str) and value:
            matches = store.by_address(kind, value.lower() if kind == "email" else normal_phone(value))
            for profile in matches:
                found[profile.seq] = profile
            if not matches:
                missing.append(value)
    if isinstance(device_id := body.get("device_id"), str):
        missing.append(device_id)
    return found, missing


def _take(profile: Profile | None, asked: object, found: dict[int, Profile], missing: list[object]) -> None:
    if profile is None:
        missing.append(asked)
    else:
        found[profile.seq] = profile


def _answer(
    workspace: Workspace, profiles: dict[int, Profile], missing: list[object], fields: object
) -> Answer:
    now = workspace.clock.now()
    users: list[JsonObject] = []
    for profile in profiles.values():
        user = _visible(profile, workspace.settings, now)
        if user is None:
            missing.append(profile.external_id or profile.braze_id)
        elif isinstance(fields, list):
            users.append({name: user[name] for name in fields if name in user})
        else:
            users.append({**user, "appboy_id": profile.braze_id})
    payload: JsonObject = {"message": texts.SUCCESS, "users": users}
    if missing:
        payload["invalid_user_ids"] = missing
    return Answer(201, payload)


def _visible(profile: Profile, settings: SandboxSettings, now: float) -> JsonObject | None:
    if now < profile.shadow_until:
        return profile.shadow
    return exported_user(profile, settings, now)
