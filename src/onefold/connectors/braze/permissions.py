"""What a REST key may do: each permission that some feature uses, tried by itself, without changing anything.

In: an open client, the permissions that are needed. Out: one probe a permission. Braze judges key and
permission before it reads a body, and a body that names nobody does nothing: 400 means that the key may, 403
that it may not, 401 that there is no such key at this address.
"""

import asyncio
from collections.abc import Collection
from http import HTTPStatus
from typing import NamedTuple

from onefold.errors import ConnectorError, SetupError, ThrottledError
from onefold.plugin import Probe
from onefold.plugin.http import Answer, HttpClient

AT_ONCE_MAX = 4
"""Probes under way at once: a person waits, and Braze need not notice."""
NOT_ALLOWED = "activate.braze.permission"
NEW_KEY = (
    "Make a new key with it in Braze (Settings > API Keys) and put it in here: the permissions of a key "
    "cannot be changed."
)


class Permission(NamedTuple):
    """One permission of a key, and how to ask for it."""

    name: str
    method: str
    path: str
    needed_for: str


TRACK = Permission("users.track", "POST", "/users/track", "attributes, events and purchases")
IDENTIFY = Permission("users.identify", "POST", "/users/identify", "joining anonymous people to known ones")
MERGE = Permission("users.merge", "POST", "/users/merge", "joining people who turn out to be one")
RENAME = Permission(
    "users.external_ids.rename",
    "POST",
    "/users/external_ids/rename",
    "renaming people whose external id changes",
)
EXPORT_IDS = Permission(
    "users.export.ids",
    "POST",
    "/users/export/ids",
    "reading back what Braze holds of people: comparisons, renames",
)
DELETE = Permission("users.delete", "POST", "/users/delete", "forwarding erasures")
EXPORT = Permission("users.export.segment", "POST", "/users/export/segment", "importing a segment of Braze")
SEGMENTS = Permission("segments.list", "GET", "/segments/list?page=0", "choosing a segment of Braze")
ATTRIBUTES = Permission("custom_attributes.get", "GET", "/custom_attributes", "finding the fields of Braze")
PERMISSIONS = (
    TRACK,
    IDENTIFY,
    Permission("users.alias.new", "POST", "/users/alias/new", "giving people further aliases"),
    Permission("users.alias.update", "POST", "/users/alias/update", "renaming aliases"),
    MERGE,
    DELETE,
    RENAME,
    EXPORT_IDS,
    EXPORT,
    SEGMENTS,
    ATTRIBUTES,
    Permission("subscription.status.set", "POST", "/subscription/status/set", "setting subscriptions"),
    Permission("subscription.status.get", "GET", "/subscription/status/get", "reading subscriptions"),
    Permission("campaigns.trigger.send", "POST", "/campaigns/trigger/send", "triggering campaigns"),
    Permission("canvas.trigger.send", "POST", "/canvas/trigger/send", "triggering canvases"),
)


def raise_for_setup(answer: Answer, permission: Permission) -> None:
    """What someone must set right before a request that asks for `permission` can succeed.

    Raises:
        SetupError: 401, 403, 404, or sent elsewhere.
    """
    if answer.status == HTTPStatus.UNAUTHORIZED:
        raise SetupError(
            "activate.braze.credentials",
            "Braze does not know this API key at this address.",
            hint="Check that key and endpoint belong to the same instance.",
        )
    if answer.status == HTTPStatus.FORBIDDEN:
        raise SetupError(
            NOT_ALLOWED,
            f"The API key lacks the permission {permission.name} ({permission.needed_for}), or the workspace "
            "is inactive.",
            hint=f"Make a new key that has {permission.name} besides what this one has, and put it into the "
            "connection: permissions of a key cannot be changed.",
            permission=permission.name,
        )
    if answer.status == HTTPStatus.NOT_FOUND or 300 <= answer.status < 400:
        raise wrong_address()


def wrong_address() -> SetupError:
    """What answers there is no Braze."""
    return SetupError(
        "activate.braze.wrong_address",
        "There is no Braze at this address.",
        hint="Take the REST endpoint from Settings > API Keys in Braze.",
    )


async def probe_permissions(http: HttpClient, needed: Collection[str]) -> list[Probe]:
    """Each permission by itself; what no permission can mend (key, address, network) only once.

    Raises:
        ConnectorError: nobody answers; says what to do.
    """
    first = await _ask(http, TRACK)
    if fault := _fault(first):
        return [fault]
    turn = asyncio.Semaphore(AT_ONCE_MAX)

    async def probe(permission: Permission) -> Probe:
        async with turn:
            return await _probe(http, permission, is_needed=permission.name in needed)

    others = await asyncio.gather(*(probe(permission) for permission in PERMISSIONS[1:]))
    return [_judge(first, TRACK, is_needed=TRACK.name in needed), *others]


async def _probe(http: HttpClient, permission: Permission, *, is_needed: bool) -> Probe:
    try:
        return _judge(await _ask(http, permission), permission, is_needed=is_needed)
    except ThrottledError as error:
        message = (
            f"Braze asks to slow down, so this was not answered: test again in {error.retry_after_s:.0f} s."
        )
    except ConnectorError as error:
        message = f"{error.message} {error.hint}".strip()
    return Probe(
        permission.name, passed=False, needed_for=permission.needed_for, message=message, needed=is_needed
    )


async def _ask(http: HttpClient, permission: Permission) -> Answer:
    if permission.method == "GET":
        return await http.request("GET", permission.path)
    return await http.post(permission.path, b"{}")


def _fault(answer: Answer) -> Probe | None:
    """What is wrong with key or address; None when Braze knows the key."""
    if answer.status == HTTPStatus.UNAUTHORIZED:
        message = (
            "Braze does not know this API key at this address. Check that key and endpoint are of the same "
            "instance (a key of US-02 is unknown to EU-01), and that the key was not deleted."
        )
        return Probe("key", passed=False, message=message, field="api_key")
    is_elsewhere = answer.status == HTTPStatus.NOT_FOUND or 300 <= answer.status < 400
    if is_elsewhere or not isinstance(answer.json(), dict):
        message = (
            "There is no Braze at this address. Take the REST endpoint from Settings > API Keys; it begins "
            "with https://rest."
        )
        return Probe("key", passed=False, message=message, field="endpoint")
    return None


def _judge(answer: Answer, permission: Permission, *, is_needed: bool) -> Probe:
    message = ""
    if answer.status == HTTPStatus.FORBIDDEN:
        message = (
            f"The key lacks the permission {permission.name}, or this server's address is not on its list of "
            f"allowed ones. {NEW_KEY}"
        )
    elif answer.status in (HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED):
        message = "This Braze does not offer it: ask your account team, or do without the feature."
    return Probe(
        permission.name,
        passed=not message,
        needed_for=permission.needed_for,
        message=message,
        needed=is_needed,
    )
