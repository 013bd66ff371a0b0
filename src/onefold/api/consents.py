"""/api/v1/profiles/{id}/consents: what a person allows, by purpose, with evidence; and saying it for them.

What is said here becomes an event in the log like any other (`Consent Updated`), from the source `api`: so a
replay knows it, a trace shows it, and a later statement wins over it.
"""

import asyncio
from typing import Annotated
from uuid import uuid4

import msgspec
from litestar import get, put
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from onefold.api.page import Page
from onefold.api.profile import find_profile
from onefold.api.right import ERASE, SEE
from onefold.api.workspace import Here
from onefold.clock import from_iso, to_iso
from onefold.errors import RequestError
from onefold.model.access import Personal
from onefold.model.consent import EVIDENCE_CHARS_MAX, PURPOSE_CHARS_MAX, Consent, ConsentState, is_purpose
from onefold.model.identifier import ANONYMOUS_ID, EMAIL, PHONE, USER_ID, Identifier
from onefold.model.json import JsonObject
from onefold.model.outcome import Count, Kind
from onefold.model.profile import Profile
from onefold.model.record import Record, RecordKind

SOURCE = "api"
"""The source of what is said here; made when something is said for the first time."""
_STRENGTH = (USER_ID, EMAIL, PHONE)

Evidence = Annotated[str, Meta(max_length=EVIDENCE_CHARS_MAX)]


class ConsentView(msgspec.Struct, frozen=True):
    """What was said about a purpose, when, and what shows it."""

    purpose: str
    state: ConsentState
    occurred_at: str
    source_id: int
    message_id: str
    """Of the event that said so."""
    method: Personal[str]
    text: Personal[str]


class NewConsent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person says about the purpose."""

    state: ConsentState
    method: Evidence = "api"
    """How it was said, such as `phone call`."""
    text: Evidence = ""
    """What the person was shown, or who says so."""
    occurred_at: str = ""
    """When, in ISO 8601; now unless given. The later of two statements stands."""


class ConsentTaken(msgspec.Struct, frozen=True):
    """It is in the log, at `offset`; the profile shows it a moment later."""

    purpose: str
    state: ConsentState
    message_id: str
    offset: int


@get("/{profile_id:int}/consents", opt=SEE, sync_to_thread=True)
def list_consents(workspace: Here, profile_id: FromPath[int]) -> Page[ConsentView]:
    """What the person said of each purpose; whatever is not here is unset."""
    return Page(consent_views(find_profile(workspace, profile_id)), None)


@put("/{profile_id:int}/consents/{purpose:path}", opt=ERASE, status_code=202)
async def set_consent(
    workspace: Here, profile_id: FromPath[int], purpose: FromPath[str], data: JSONBody[NewConsent]
) -> ConsentTaken:
    """Say for a person what they allow; `unset` takes back whatever was said."""
    name = _purpose(purpose)
    profile = await asyncio.to_thread(find_profile, workspace, profile_id)
    source = await asyncio.to_thread(
        lambda: workspace.sources.ensure(SOURCE, workspace.clock(), kind="import")
    )
    workspace.sources_changed()
    message_id = str(uuid4())
    event = _event(profile, name, data)
    event["messageId"] = message_id
    record = Record(RecordKind.EVENTS, source.id, workspace.clock(), 1, msgspec.json.encode(event))
    counts = [Count("capture", str(source.id), Kind.PASSED, "", 1)]
    offset = await workspace.append([record], counts)
    return ConsentTaken(name, data.state, message_id, offset)


def consent_views(profile: Profile) -> list[ConsentView]:
    """By purpose."""
    return [_view(purpose, consent) for purpose, consent in sorted(profile.consents.items())]


def _view(purpose: str, consent: Consent) -> ConsentView:
    return ConsentView(
        purpose,
        consent.state,
        to_iso(consent.occurred_at),
        consent.source_id,
        consent.message_id,
        consent.method,
        consent.text,
    )


def _purpose(path: str) -> str:
    purpose = path.removeprefix("/")
    if not is_purpose(purpose):
        raise RequestError(
            "api.bad_purpose",
            "That cannot be the name of a purpose.",
            status=422,
            field="purpose",
            hint=f"Use 1 to {PURPOSE_CHARS_MAX} characters without line breaks and outer spaces.",
        )
    return purpose


def _event(profile: Profile, purpose: str, data: NewConsent) -> JsonObject:
    properties: JsonObject = {"purposes": {purpose: data.state}, "method": data.method}
    if data.text:
        properties["text"] = data.text
    event: JsonObject = {"type": "track", "event": "Consent Updated", **_names(profile)}
    if data.occurred_at:
        event["timestamp"] = _moment(data.occurred_at)
    return {**event, "properties": properties}


def _moment(text: str) -> str:
    try:
        return to_iso(from_iso(text))
    except ValueError as error:
        raise RequestError(
            "api.bad_request",
            "That is no time.",
            status=422,
            field="occurred_at",
            hint="Write ISO 8601, such as 2026-03-31T10:00:00Z.",
        ) from error


def _names(profile: Profile) -> JsonObject:
    """The strongest identifier, as an event carries it."""
    found = min(_identifiers(profile), key=_order, default=None)
    if found is None:
        raise RequestError(
            "api.no_identifier",
            "This profile has no identifier left, so nothing can be said about it.",
            status=409,
            hint="Its last one moved to another profile: `onefold profiles links` shows to which.",
        )
    if found.kind == USER_ID:
        return {"userId": found.value}
    if found.kind == ANONYMOUS_ID:
        return {"anonymousId": found.value}
    return {"context": {"externalIds": [{"type": found.kind, "id": found.value}]}}


def _identifiers(profile: Profile) -> list[Identifier]:
    return [Identifier(kind, value) for kind, values in profile.identifiers.items() for value in values]


def _order(identifier: Identifier) -> tuple[int, str]:
    kind = identifier.kind
    if kind in _STRENGTH:
        return _STRENGTH.index(kind), identifier.key
    return (5 if kind == ANONYMOUS_ID else 4), identifier.key
