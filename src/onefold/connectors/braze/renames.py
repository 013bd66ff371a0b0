"""People whose external id changes: their user in Braze gets the new one, instead of a second user.

In: the external ids that a person has here, oldest first, and what the connection remembers of earlier
renames. Out: the id to reach the person by, and the rename that must go before. An id that was given up
still leads to the person in Braze, and cannot come back as the current one.

Braze says of a rename that was done already only that it knows nobody by the old id (and so after a lost
answer or a kill): then it is asked whom the old id leads to. Source: Braze's pages "Rename external ID" and
"Export user profile by identifier" (July 2026).
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from http import HTTPStatus
from typing import NamedTuple

import msgspec

from onefold.connectors.braze.answers import raise_without_success, refused, show
from onefold.connectors.braze.permissions import NOT_ALLOWED, RENAME, raise_for_setup
from onefold.connectors.braze.users_export import NOT_EXPORTED, export_users, no_users
from onefold.errors import ConnectorError
from onefold.model.json import JsonValue
from onefold.model.outcome import Kind, Outcome
from onefold.plugin import Draft, Parcel
from onefold.plugin.http import HttpClient

CHANNEL = "rename"
PARTS = ("external_id_renames",)
TAKEN = "activate.braze.id_taken"
NOT_RENAMED = "activate.braze.id_not_renamed"
_MARK = "\nexternal_id\n"
"""Begins what is remembered of a rename; no label is empty, so no alias can read so."""
_FIRST = 10
"""The first rename of a person is remembered as this, the next as one more: the highest says the current id.
Negative: Braze did not do it, and everything goes to the new id. Higher than any state of an alias."""


class Renames(IntEnum):
    """What to do about an external id that changes."""

    OFF = 0
    """Another id is another person to Braze."""
    WAIT = 1
    """Reach people by the id that they had: the permission is missing, or not known yet."""
    ASK = 2


class Named(NamedTuple):
    """Which external id reaches a person: `origin` is the one under which the ledger's marks were made."""

    current: str
    origin: str
    before: tuple[Draft, ...] = ()


class _Done(NamedTuple):
    id: str
    origin: str
    state: int

    @property
    def held_by(self) -> str:
        """The id under which the ledger knows what was sent to this one."""
        return self.origin if self.state > 0 else self.id


def name_person(ids: Sequence[str], newest: str, known: Mapping[str, int], renames: Renames) -> Named:
    """By which id to reach a person who has all of `ids`, the first being the one reached without renames."""
    # Of 0 nobody knows whether it was done: it is asked for again.
    done = {one.id: one for one in _read(known) if one.state}
    own = done.get(newest)
    if own is not None:
        return Named(newest, own.held_by)
    current = max(done.values(), key=lambda one: abs(one.state), default=None)
    if any(one.origin == newest and one.state > 0 for one in done.values()):
        # A goal with other keys knows the person by an id that still leads there.
        return Named(newest, newest)
    if current is None:
        old = next((one for one in ids if one != newest), None)
        if old is None:
            return Named(newest, newest)
        current = _Done(old, old, _FIRST - 1)
    if renames is Renames.WAIT:
        return Named(current.id, current.held_by)
    return Named(newest, current.held_by, (_draft(current, newest),))


def reached_ids(known: Mapping[str, int]) -> list[str]:
    """The external ids under which a person whose id has changed may stand in Braze."""
    return [name for one in _read(known) for name in (one.id, one.origin)]


def _read(known: Mapping[str, int]) -> Iterator[_Done]:
    for mark, state in known.items():
        if mark.startswith(_MARK):
            new, origin = msgspec.json.decode(mark[len(_MARK) :], type=tuple[str, str])
            yield _Done(new, origin, state)


def _draft(current: _Done, newest: str) -> Draft:
    body = msgspec.json.encode({"current_external_id": current.id, "new_external_id": newest})
    mark = _MARK + msgspec.json.encode([newest, current.held_by]).decode()
    return Draft(CHANNEL, *PARTS, body, {mark: abs(current.state) + 1})


class _Rename(msgspec.Struct):
    current_external_id: str
    new_external_id: str


async def send_renames(http: HttpClient, body: bytes, parcels: Sequence[Parcel]) -> list[Outcome]:
    """Ask for them; what Braze does not do is filtered, for then the person is reached as a new one.

    Raises:
        ConnectorError: see `Destination.send`.
    """
    answer = await http.post(RENAME.path, body)
    raise_for_setup(answer, RENAME)
    content = answer.json()
    if answer.status >= HTTPStatus.BAD_REQUEST:
        if len(parcels) == 1:
            return [Outcome(Kind.FILTERED, NOT_RENAMED, answer=show(answer, content))]
        raise refused(answer, content)
    raise_without_success(content)
    wanted = [msgspec.json.decode(parcel.body, type=_Rename) for parcel in parcels]
    failed = _failed(content, wanted)
    if failed:
        done = await _leading_to(http, [wanted[place].current_external_id for place in failed])
        failed = {place: text for place, text in failed.items() if wanted[place].new_external_id not in done}
    return [
        Outcome(Kind.FILTERED, _code(failed[place]), answer=show(answer, failed[place]))
        if place in failed
        else Outcome(Kind.PASSED, answer=show(answer, content))
        for place in range(len(parcels))
    ]


def _failed(content: Mapping[str, JsonValue], wanted: Sequence[_Rename]) -> dict[int, str]:
    """Place -> why not. Braze documents the errors as pairs of a place and a text, and not more closely."""
    failed, texts = dict[int, str](), list[str]()
    for parts in _parts(content.get("rename_errors")):
        text = next((one for one in parts if isinstance(one, str)), "")
        place = next((one for one in parts if isinstance(one, int) and 0 <= one < len(wanted)), None)
        if place is None:
            texts.append(text)
        else:
            failed[place] = text
    if texts:
        # What is not among those that were done was not done.
        listed = content.get("external_ids")
        names = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set[str]()
        for place, one in enumerate(wanted):
            if not names & {one.new_external_id, one.current_external_id}:
                failed.setdefault(place, " ".join(texts))
    return failed


def _parts(errors: JsonValue) -> Iterator[Sequence[JsonValue]]:
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            yield list(error.values())
        else:
            yield error if isinstance(error, list) else [error]


async def _leading_to(http: HttpClient, old: Sequence[str]) -> set[str]:
    """The current external ids of those whom these lead to; none where Braze does not tell."""
    try:
        told = await export_users(http, {"external_ids": old}, ["external_id"])
    except ConnectorError as error:
        # Asked again it would be refused again, and the person would wait for ever.
        if error.code in (NOT_ALLOWED, NOT_EXPORTED):
            return set()
        raise
    if told.users is None:
        raise no_users()
    return {str(user.get("external_id")) for user in told.users}


def _code(text: str) -> str:
    return TAKEN if "in use" in text.lower() else NOT_RENAMED
