"""Check of one attributes object on arrival: whom it is about and whether Braze would refuse it.

What a refused object names is reported; what Braze ignores in silence is found later, when the object is
applied.
"""

from __future__ import annotations

from typing import NamedTuple, cast

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.events import read_update_only
from onefold.sandbox.braze.identifiers import JsonObject, Who, read_who
from onefold.sandbox.braze.settings import SandboxSettings
from onefold.sandbox.braze.standard import CONTROL_FIELDS, FIELD_CHECKS, check_groups, check_tokens
from onefold.sandbox.braze.values import STRING_CHARS_MAX, Flaw, cut_strings, find_flaw

# Longer strings are allowed where the field has a limit or a check of its own.
OWN_LIMITS = frozenset({"image_url", "push_tokens", "subscription_groups", "email"})


class CheckedAttributes(NamedTuple):
    """An attributes object that will be applied; `update_only` None means not said."""

    who: Who
    update_only: bool | None
    fields: JsonObject


def check_attributes(item: object, settings: SandboxSettings) -> CheckedAttributes | str:
    """Return the object to apply, or the error text that refuses it."""
    if type(item) is not dict:
        return texts.IDENTIFIER_REQUIRED
    fields = cast(JsonObject, item)
    who = read_who(fields, settings.blocked_external_ids)
    if isinstance(who, str):
        return who
    if fields.get("push_token_import") is True and (
        who.kind in ("external_id", "braze_id") or not fields.get("push_tokens")
    ):
        return texts.BAD_PUSH_IMPORT
    cut: list[str] = []
    for name, value in fields.items():
        error = _check_field(name, value, settings, cut)
        if error is not None:
            return error
    for name in cut:
        fields[name] = cut_strings(fields[name])
    return CheckedAttributes(who, read_update_only(fields), fields)


def _check_field(name: str, value: object, settings: SandboxSettings, cut: list[str]) -> str | None:
    if name in CONTROL_FIELDS:
        return None
    check = FIELD_CHECKS.get(name)
    if check is not None:
        error = check(value)
        if error is not None:
            return error
    elif name == "subscription_groups":
        known = settings.subscription_group_ids | settings.subscription_groups.keys()
        return check_groups(value, known)
    elif name == "push_tokens":
        return check_tokens(value, settings.app_ids)
    if not name or name[0] == "$":
        return texts.not_valid(name[:60])
    if len(name) > STRING_CHARS_MAX:
        return texts.too_long(name)
    flaw = find_flaw(value) if name not in OWN_LIMITS else None
    if flaw is Flaw.NOT_VALID:
        return texts.not_valid(name)
    if flaw is Flaw.TOO_LONG:
        if settings.long_strings == "reject":
            return texts.too_long(name)
        cut.append(name)
    return None
