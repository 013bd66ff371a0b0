"""Which person an object speaks of, as Braze reads it.

In: one decoded object of a request. Out: a `Who`, or the text of the error that refuses the object.
Exactly one primary identifier (external_id, braze_id, user_alias); email and phone count only without
one, email first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from onefold.sandbox.braze import texts

EXTERNAL_ID_BYTES_MAX = 987
ALIAS_BYTES_MAX = 236
JsonObject = dict[str, object]
# Local parts may be any Unicode; the domain needs a dot and no spaces.
EMAIL_FORM = re.compile(r"^[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@.,;<>\"]{2,}$")


class Who(NamedTuple):
    """An identifier; an alias has its name in `value`, the kind `token` is an anonymous push token import."""

    kind: str
    value: str
    label: str = ""


def is_email(text: object) -> bool:
    """Whether Braze takes the text as an address."""
    return type(text) is str and EMAIL_FORM.match(text) is not None and ".." not in text


def fits(text: str, bytes_max: int) -> bool:
    """Whether the UTF-8 form is at most `bytes_max` long."""
    return len(text) * 4 <= bytes_max or len(text.encode("utf-8", "surrogatepass")) <= bytes_max


def read_who(item: JsonObject, blocked: frozenset[str]) -> Who | str:
    """Return who the object is about, or the error text that refuses it."""
    external_id = item.get("external_id")
    alias = item.get("user_alias")
    braze_id = item.get("braze_id")
    if external_id is not None:
        if alias is not None or braze_id is not None:
            return texts.SEVERAL_PRIMARIES
        return _external(external_id, blocked)
    if alias is not None:
        return texts.SEVERAL_PRIMARIES if braze_id is not None else read_alias(alias)
    if braze_id is not None:
        return (
            Who("braze_id", braze_id) if type(braze_id) is str and braze_id else texts.not_valid("braze_id")
        )
    return _secondary(item)


def read_external_id(value: object, blocked: frozenset[str]) -> Who | str:
    """Return an external id on its own, as the identity endpoints take it."""
    return texts.EXTERNAL_ID_REQUIRED if value is None or value == "" else _external(value, blocked)


def read_alias(alias: object) -> Who | str:
    """Return the alias of a `{alias_name, alias_label}` object."""
    if type(alias) is not dict:
        return texts.not_valid("user_alias")
    name, label = alias.get("alias_name"), alias.get("alias_label")
    if type(name) is not str or type(label) is not str or not name or not label:
        return texts.not_valid("user_alias")
    if not fits(name, ALIAS_BYTES_MAX) or not fits(label, ALIAS_BYTES_MAX):
        return texts.not_valid("user_alias")
    return Who("user_alias", name, label)


def _external(value: object, blocked: frozenset[str]) -> Who | str:
    if type(value) is not str:
        return texts.not_valid("external_id")
    if not value:
        return texts.IDENTIFIER_REQUIRED
    if not fits(value, EXTERNAL_ID_BYTES_MAX):
        return texts.EXTERNAL_ID_TOO_LONG
    if value in blocked:
        return texts.EXTERNAL_ID_BLOCKED
    return Who("external_id", value)


def _secondary(item: JsonObject) -> Who | str:
    email = item.get("email")
    if email is not None and email != "":
        return Who("email", str(email).lower()) if is_email(email) else texts.EMAIL_INVALID
    phone = item.get("phone")
    if phone is not None and phone != "":
        return Who("phone", normal_phone(phone)) if type(phone) is str else texts.not_valid("phone")
    if item.get("push_token_import") is True:
        return Who("token", "")
    return texts.IDENTIFIER_REQUIRED


def normal_phone(text: str) -> str:
    """Return E.164 where that can be told: digits only, ten without `+` read as a number in the US."""
    digits = "".join(c for c in text if c.isascii() and c.isdigit())
    if text.strip().startswith("+"):
        return "+" + digits
    return "+1" + digits if len(digits) == 10 else digits


def is_sendable_phone(phone: str) -> bool:
    """Whether the stored form looks like E.164; others are kept but cannot be sent to."""
    return phone.startswith("+") and 8 <= len(phone) <= 16 and phone[1:2] != "0"
