"""Talking to one Braze workspace: what its connection allows, and requests put together.

In: parcels of one channel. Out: one outcome each, in order (`answers.py`).
"""

import time
from collections.abc import Mapping, Sequence

from onefold.connectors.braze import permissions, renames
from onefold.connectors.braze.address import JOINS, Match, find_address, match_of_goal, updates_only
from onefold.connectors.braze.answers import read_outcomes
from onefold.connectors.braze.apart import MERGE, MERGE_PARTS, with_apart
from onefold.connectors.braze.attributes import AttributesWriter
from onefold.connectors.braze.connection_fields import CONNECTION_FIELDS
from onefold.connectors.braze.deletions import DELETE_PARTS, DeletionsWriter
from onefold.connectors.braze.events import EventsWriter
from onefold.connectors.braze.goal_kinds import EXPORT, SUBSCRIPTIONS
from onefold.connectors.braze.held import Held, learn_held
from onefold.connectors.braze.limits import (
    DELETE_OBJECTS_MAX,
    IDENTIFY_OBJECTS_MAX,
    IDENTITY_MINUTE_MAX,
    MERGE_OBJECTS_MAX,
    PAUSE_S_MAX,
    RENAME_MINUTE_MAX,
    RENAME_OBJECTS_MAX,
    REQUEST_BYTES_MAX,
    TRACK_BURST_MAX,
    TRACK_BURST_S,
    TRACK_OBJECTS_MAX,
)
from onefold.connectors.braze.needs import needed_permissions, needs_bucket
from onefold.connectors.braze.permissions import probe_permissions, raise_for_setup, wrong_address
from onefold.connectors.braze.read_back import UsersReader
from onefold.connectors.braze.renames import Renames, send_renames
from onefold.connectors.braze.session import open_client
from onefold.connectors.braze.subscriptions import SubscriptionsWriter, with_contacts
from onefold.errors import ConnectorError, SetupError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.model.outcome import Outcome, rejected
from onefold.plugin import Address, Channel, Parcel, Probe, RateLimit, Refusal
from onefold.plugin.check import setting
from onefold.plugin.contract import Identifiers, ProfileWriter
from onefold.plugin.http import Answer
from onefold.plugin.s3_settings import has_s3, probe_s3

TRACK, IDENTIFY, RENAME = "track", "identify", renames.CHANNEL
IDENTIFY_CHANNELS = (IDENTIFY, *(channel for channel, _ in JOINS.values()))
PERMISSIONS = {
    TRACK: permissions.TRACK,
    **dict.fromkeys(IDENTIFY_CHANNELS, permissions.IDENTIFY),
    MERGE: permissions.MERGE,
    RENAME: permissions.RENAME,
    **dict.fromkeys(DELETE_PARTS, permissions.DELETE),
}
"""What a channel's endpoint asks of the key."""
# One array a request of identify: of an error Braze says the place, but not in which of its arrays.
PARTS = {
    TRACK: ("attributes", "events", "purchases"),
    IDENTIFY: ("aliases_to_identify",),
    MERGE: MERGE_PARTS,
    RENAME: renames.PARTS,
    **{channel: (array,) for channel, array in JOINS.values()},
    **{channel: (part,) for channel, part in DELETE_PARTS.items()},
}
READING_MAX = 4
"""Requests of /users/export/ids at once."""
DELETE_NOT_ALLOWED = f"The API key lacks the permission {permissions.DELETE.name}."


class BrazeDestination:
    """One connection, opened."""

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        per_array = setting(CONNECTION_FIELDS, settings, "batch_limit") == "per_array_75"
        self._label = str(setting(CONNECTION_FIELDS, settings, "alias_label"))
        self._connection = connection
        track, identify = track_limits(settings), (RateLimit(IDENTITY_MINUTE_MAX, 60.0),)
        self._channels = {
            TRACK: Channel(TRACK, TRACK_OBJECTS_MAX, REQUEST_BYTES_MAX, per_part=per_array, limits=track),
        }
        self._channels |= {
            name: Channel(name, IDENTIFY_OBJECTS_MAX, REQUEST_BYTES_MAX, is_optional=True, limits=identify)
            for name in IDENTIFY_CHANNELS
        }
        self._channels |= {
            name: Channel(name, DELETE_OBJECTS_MAX, REQUEST_BYTES_MAX, limits=identify)
            for name in DELETE_PARTS
        }
        self._merges = setting(CONNECTION_FIELDS, settings, "merges") == "merge"
        self._hold_s = 60 * int(setting(CONNECTION_FIELDS, settings, "merge_hold_minutes"))
        if self._merges:
            self._channels[MERGE] = Channel(
                MERGE, MERGE_OBJECTS_MAX, REQUEST_BYTES_MAX, is_optional=True, limits=identify
            )
        self._renames = Renames.OFF
        if setting(CONNECTION_FIELDS, settings, "changed_external_id") == "rename":
            self._renames = Renames.WAIT
        # Also without the setting: what was asked for while it was there is finished.
        self._channels[RENAME] = Channel(
            RENAME,
            RENAME_OBJECTS_MAX,
            REQUEST_BYTES_MAX,
            is_optional=True,
            limits=(RateLimit(RENAME_MINUTE_MAX, 60.0),),
        )
        self._concurrency = int(setting(CONNECTION_FIELDS, settings, "concurrency"))
        self._http = open_client(connection, self._concurrency)
        # Apart from what sends, so that reading back takes none of its sockets.
        self._reading = open_client(connection, READING_MAX)
        self._ready_at: dict[str, float] = {}
        self._matches: dict[tuple[int, int], Match] = {}
        self._held = Held()

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Track (75 objects); identify by kind of what is joined, merge, delete by identifier (50)."""
        return self._channels

    @property
    def concurrency(self) -> int:
        """Requests at a time."""
        return self._concurrency

    def address(
        self, goal: Goal, identifiers: Identifiers, known: Mapping[str, int]
    ) -> Address | Outcome | Refusal:
        """By the first of the goal's keys that the person has; by external_id unless it says otherwise."""
        key = goal.id, goal.version
        match = self._matches.get(key)
        if match is None:
            match = self._matches[key] = match_of_goal(goal, self._label, self._renames)
        found = find_address(identifiers, known, match)
        if self._merges and known and isinstance(found, Address):
            found = with_apart(found, identifiers, known, match, hold_s=self._hold_s)
        if goal.kind == SUBSCRIPTIONS.name and isinstance(found, Address):
            return with_contacts(found, identifiers)
        return found

    def profile_writer(self, goal: Goal) -> ProfileWriter:
        """Attributes objects, in the types that Braze holds as far as the last `learn` told."""
        return SubscriptionsWriter(goal) if goal.kind == SUBSCRIPTIONS.name else self._attributes_writer(goal)

    def profile_reader(self, goal: Goal) -> UsersReader:
        """Users as /users/export/ids tells of them."""
        return UsersReader(self._reading, self._attributes_writer(goal), goal, self._label)

    async def learn(self, goals: Sequence[Goal]) -> Sequence[SetupError]:
        """Read the types of custom attributes, where the key may; find out whether it may rename.

        That must be known before: without it people are reached by the ids that they had.
        """
        if any(goal.kind == EXPORT.name for goal in goals):
            await learn_held(self._http, self._held)
        if self._renames is Renames.OFF:
            return ()
        answer = await self._http.post(permissions.RENAME.path, b"{}")
        try:
            raise_for_setup(answer, permissions.RENAME)
        except SetupError as error:
            if not error.permission:
                raise
            self._note_renames(Renames.WAIT)
            return (error,)
        self._note_renames(Renames.ASK)
        return ()

    def _note_renames(self, renames: Renames) -> None:
        if renames is not self._renames:
            self._renames = renames
            self._matches.clear()

    def event_writer(self, goal: Goal) -> EventsWriter:
        """Custom events and purchases."""
        return EventsWriter(goal)

    def deletion_writer(self, goal: Goal) -> DeletionsWriter:
        """Whom Braze shall forget."""
        return DeletionsWriter(self._label)

    def wait_s(self, channel: str) -> float:
        """Until the limit that Braze named as used up opens again."""
        return max(0.0, self._ready_at.get(channel, 0.0) - time.monotonic())

    async def send(self, channel: str, parcels: Sequence[Parcel]) -> list[Outcome]:
        """POST one request; see the contract."""
        body, places = pack(channel, parcels)
        if channel == RENAME:
            return await self._rename(body, parcels)
        answer = await self._http.post(PERMISSIONS[channel].path, body)
        self._note_rate(channel, answer)
        if channel in DELETE_PARTS and answer.status == 403:
            # Only this permission is missing: the other goals of the connection need not stop for it.
            return [rejected(permissions.NOT_ALLOWED, DELETE_NOT_ALLOWED)] * len(parcels)
        raise_for_setup(answer, PERMISSIONS[channel])
        return read_outcomes(answer, len(parcels), places)

    async def _rename(self, body: bytes, parcels: Sequence[Parcel]) -> list[Outcome]:
        try:
            return await send_renames(self._http, body, parcels)
        except SetupError:
            self._note_renames(Renames.WAIT)
            raise

    async def check_credentials(self) -> list[Probe]:
        """Ask each endpoint to do nothing: Braze judges key and permission before the body."""
        channels = [TRACK, IDENTIFY]
        channels += [MERGE] if self._merges else []
        channels += [RENAME] if self._renames is not Renames.OFF else []
        return [await self._probe(channel) for channel in channels]

    async def probe_all(self, goals: Sequence[Goal]) -> list[Probe]:
        """Each permission that some feature uses, and the bucket if one is named."""
        probes = await probe_permissions(self._http, needed_permissions(self._connection, goals))
        if has_s3(self._connection):
            probes += await probe_s3(self._connection, is_needed=needs_bucket(goals))
        return probes

    async def close(self) -> None:
        """Give up the sockets."""
        await self._http.close()
        await self._reading.close()

    def _attributes_writer(self, goal: Goal) -> AttributesWriter:
        merges = bool(setting(EXPORT.fields, goal.settings, "merge_objects"))
        return AttributesWriter(self._held, creates=not updates_only(goal), merges=merges)

    async def _probe(self, channel: str) -> Probe:
        asked = PERMISSIONS[channel]
        try:
            answer = await self._http.post(asked.path, b"{}")
            raise_for_setup(answer, asked)
            if not isinstance(answer.json(), dict):
                raise wrong_address()
        except ConnectorError as error:
            message = f"{error.message} {error.hint}"
            return Probe(asked.name, passed=False, needed_for=asked.needed_for, message=message)
        return Probe(asked.name, passed=True, needed_for=asked.needed_for)

    def _note_rate(self, channel: str, answer: Answer) -> None:
        if answer.rate.wait_s:
            self._ready_at[channel] = time.monotonic() + min(answer.rate.wait_s, PAUSE_S_MAX)


def track_limits(settings: Mapping[str, JsonValue]) -> tuple[RateLimit, ...]:
    """What the contract allows of /users/track, by what the settings say of it."""
    by_contract = (
        TRACK_BURST_MAX if setting(CONNECTION_FIELDS, settings, "contract") == "data_points" else None
    )
    given = {
        TRACK_BURST_S: setting(CONNECTION_FIELDS, settings, "track_requests_per_3s") or by_contract,
        60.0: setting(CONNECTION_FIELDS, settings, "track_requests_per_minute"),
        3600.0: setting(CONNECTION_FIELDS, settings, "track_requests_per_hour"),
    }
    return tuple(RateLimit(most, period_s) for period_s, most in given.items() if isinstance(most, int))


def pack(channel: str, parcels: Sequence[Parcel]) -> tuple[bytes, dict[str, list[int]]]:
    """The body of a request, and for each of its arrays the place of each element among the parcels."""
    places: dict[str, list[int]] = {part: [] for part in PARTS[channel]}
    for place, parcel in enumerate(parcels):
        places[parcel.part].append(place)
    arrays = [
        b'"%s":[%s]' % (part.encode(), b",".join([parcels[place].body for place in found]))
        for part, found in places.items()
        if found
    ]
    return b"{" + b",".join(arrays) + b"}", places
