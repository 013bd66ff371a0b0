"""The recipients of an API-triggered send: who they are and what is set on them before.

In: `recipients` of a request. Out: checked recipients, or the text that refuses the request. When applied:
their attributes are written, then those who exist get the message.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.apply import Change
from onefold.sandbox.braze.attributes import CheckedAttributes, check_attributes
from onefold.sandbox.braze.identifiers import JsonObject, Who, read_alias
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.prioritized import PRIORITIES, Target, choose, read_address
from onefold.sandbox.braze.profile import Profile
from onefold.sandbox.braze.settings import SandboxSettings
from onefold.sandbox.braze.workspace import Workspace

RECIPIENTS_MAX = 50
PROPERTIES_BYTES_MAX = 50 * 1024
KINDS = ("external_user_id", "user_alias", "email")


class Recipient(NamedTuple):
    """One person to send to; `attributes` are written first."""

    target: Target
    attributes: CheckedAttributes | None
    properties: JsonObject


def read_recipients(value: object, properties_name: str, settings: SandboxSettings) -> list[Recipient] | str:
    """Return all recipients, or the error text."""
    if value is None:
        return []
    if not isinstance(value, list):
        return texts.not_valid("recipients")
    if len(value) > RECIPIENTS_MAX:
        return texts.TOO_MANY_USERS
    recipients: list[Recipient] = []
    for item in value:
        recipient = read_recipient(item, properties_name, settings)
        if isinstance(recipient, str):
            return recipient
        recipients.append(recipient)
    return recipients


def read_recipient(item: object, properties_name: str, settings: SandboxSettings) -> Recipient | str:
    """Return one recipient, or the error text."""
    if not isinstance(item, dict):
        return texts.not_valid("recipients")
    target = _read_target(item)
    if isinstance(target, str):
        return target
    properties = read_properties(item, properties_name)
    if isinstance(properties, str):
        return properties
    attributes = item.get("attributes")
    existing_only = item.get("send_to_existing_only", True)
    if attributes is not None and not isinstance(attributes, dict):
        return texts.not_valid("attributes")
    if existing_only not in (True, False):
        return texts.not_valid("send_to_existing_only")
    if existing_only is False and (not attributes or target.who.kind == "user_alias"):
        return texts.not_valid("send_to_existing_only")
    if not attributes:
        return Recipient(target, None, properties)
    checked = _check_attributes(target.who, attributes, bool(existing_only), settings)
    return checked if isinstance(checked, str) else Recipient(target, checked, properties)


def _read_target(item: JsonObject) -> Target | str:
    given = [kind for kind in KINDS if item.get(kind) is not None]
    if len(given) != 1:
        return texts.one_of(*KINDS)
    if given[0] == "user_alias":
        alias = read_alias(item["user_alias"])
        return alias if isinstance(alias, str) else Target(alias, ())
    if given[0] == "email":
        return read_address(item, "email", PRIORITIES)
    value = item["external_user_id"]
    if not isinstance(value, str) or not value:
        return texts.not_valid("external_user_id")
    return Target(Who("external_id", value), ())


def read_properties(item: JsonObject, name: str) -> JsonObject | str:
    """Return trigger properties or the context, or the error text."""
    value = item.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict) or len(msgspec.json.encode(value)) > PROPERTIES_BYTES_MAX:
        return texts.not_valid(name)
    return value


def _check_attributes(
    who: Who, attributes: JsonObject, existing_only: bool, settings: SandboxSettings
) -> CheckedAttributes | str:
    identifier: JsonObject = {who.kind: who.value}
    if who.kind == "user_alias":
        identifier = {"user_alias": {"alias_name": who.value, "alias_label": who.label}}
    return check_attributes({**attributes, **identifier, "_update_existing_only": existing_only}, settings)


def prepare(workspace: Workspace, recipients: list[Recipient], entry: Entry) -> list[Profile]:
    """Write the attributes and return who can be sent to; the others are noted."""
    written = [one.attributes for one in recipients if one.attributes is not None]
    Change(workspace, entry).apply(written, (), ())
    people: list[Profile] = []
    for recipient in recipients:
        profile = choose(workspace, recipient.target)
        if profile is None:
            who = recipient.target.who
            workspace.ignored.note("no_such_recipient", entry.id, f"{who.kind}:{who.value}")
        else:
            people.append(profile)
    return people
