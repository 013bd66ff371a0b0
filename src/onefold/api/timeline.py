"""/api/v1/profiles/{id}/timeline: what became known of a person, and how far back it reaches."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args

import msgspec
from litestar import get
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from onefold.api.consents import ConsentView, consent_views
from onefold.api.link_view import LinkView, link_view
from onefold.api.page import ITEMS_DEFAULT, Cursor, read_cursor, write_cursor
from onefold.api.profile import find_profile
from onefold.api.right import SEE
from onefold.api.workspace import Here, Workspace
from onefold.clock import from_iso, to_iso
from onefold.errors import RequestError
from onefold.model.access import Personal
from onefold.model.outcome import Kind
from onefold.model.profile import Profile
from onefold.observe.goal_trace import ENDINGS, Ending
from onefold.observe.store import Config
from onefold.observe.timeline import (
    ALL,
    FAR,
    NEWEST,
    DeliveryEntry,
    Entry,
    EntryKind,
    EventEntry,
    MembershipEntry,
    Place,
    Stretch,
    join_stretches,
)

ENTRIES_MAX = 200
"""A page: each event is read from the log."""
KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
Read = Callable[[Place, int], Stretch]

Kinds = Annotated[
    str, QueryParameter(max_length=200, description=f"Only these, with commas: {', '.join(KINDS)}.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=ENTRIES_MAX, description="Most entries of this page.")]
_Number = Annotated[int, Meta(ge=0, le=FAR)]
_places = msgspec.json.Decoder(dict[EntryKind, tuple[_Number, _Number, str]])


class EventSeen(msgspec.Struct, frozen=True):
    """An event of the person. `received_at` is the time of the entry."""

    type: str
    name: str
    message_id: str
    source_id: int
    source: str
    occurred_at: str
    run_id: str
    """The import that brought it; empty for none."""
    payload: Personal[Any]


class MembershipMove(msgspec.Struct, frozen=True):
    """The person entered a segment, or left it."""

    segment_id: int
    segment: str
    entered: bool


class DeliveredItem(msgspec.Struct, frozen=True):
    """What a goal sent of the person, and how it ended."""

    goal_id: int
    goal: str
    outcome: Ending


class DeliveryTry(msgspec.Struct, frozen=True):
    """One try of a request that carried something of the person."""

    connection_id: int
    connection: str
    request_id: int
    attempt: int
    channel: str
    sent_at: str
    items: list[DeliveredItem]
    code: str
    maybe_doubled: bool


class InteractionSeen(msgspec.Struct, frozen=True):
    """A message or content, when the person saw it last."""

    channel: str
    id: str
    name: str
    kind: str
    count: int
    first_seen: str


class TimelineEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that became known at a time; the field that its kind names tells what."""

    kind: EntryKind
    at: str
    event: EventSeen | None = None
    link: LinkView | None = None
    membership: MembershipMove | None = None
    delivery: DeliveryTry | None = None
    consent: ConsentView | None = None
    interaction: InteractionSeen | None = None


class KeptSince(msgspec.Struct, frozen=True):
    """The time of the oldest that is kept of anyone; null for none. What is older is shown no more."""

    event: str | None
    membership: str | None
    delivery: str | None


class Timeline(msgspec.Struct, frozen=True):
    """A page. It may hold few entries, or none, and still have a next one: see `looked_back_to`."""

    items: list[TimelineEntry]
    next_cursor: str | None
    looked_back_to: str | None
    """Everything since then was shown; null: everything that is kept."""
    kept_since: KeptSince


@get("/{profile_id:int}/timeline", opt=SEE, sync_to_thread=True)
def show_timeline(
    workspace: Here,
    profile_id: FromPath[int],
    kind: Kinds = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Timeline:
    """What became known of a person, newest first: events, evidence, segments, deliveries, consents, views.

    A page looks through a bounded part of what is kept (a million events, 20,000 tries of deliveries).
    """
    profile = find_profile(workspace, profile_id)
    wanted = _kinds(kind)
    places = _read_places(cursor)
    reads = _streams(workspace, profile)
    stretches = {one: reads[one](places.get(one, NEWEST), limit + 1) for one in wanted}
    stream = join_stretches(stretches, {one: places.get(one, NEWEST) for one in wanted}, limit)
    offsets = [one.content.offset for one in stream.entries if one.kind == "link"]
    source_ids = workspace.timeline.source_ids(offsets)
    show = _Shower(workspace.observatory.look().config, source_ids).show
    return Timeline(
        items=[show(entry) for entry in stream.entries],
        next_cursor=write_cursor(msgspec.json.encode(stream.places).decode()) if stream.reached_at else None,
        looked_back_to=to_iso(stream.reached_at) if stream.reached_at != ALL else None,
        kept_since=_kept_since(workspace),
    )


def _streams(workspace: Workspace, profile: Profile) -> Mapping[EntryKind, Read]:
    store = workspace.timeline
    ids, since = store.ids_of(profile.id), profile.first_seen
    return {
        "event": lambda before, limit: store.events(ids, before, since, limit),
        "link": lambda before, limit: store.links(ids, before, limit),
        "membership": lambda before, limit: store.memberships(ids, before, since, limit),
        "delivery": lambda before, limit: store.deliveries(ids, before, since, limit),
        "consent": lambda before, limit: _stretch(_consents(profile), before, limit),
        "interaction": lambda before, limit: _stretch(_interactions(profile), before, limit),
    }


def _kinds(text: str) -> tuple[EntryKind, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = next((name for name in names if name not in KINDS), None)
    if unknown is not None:
        raise RequestError(
            "api.bad_request",
            "There is no such kind of entry.",
            field="kind",
            hint=f"Use some of: {', '.join(KINDS)}.",
        )
    return tuple(one for one in KINDS if one in names) or KINDS


def _read_places(cursor: str) -> dict[EntryKind, Place]:
    text = read_cursor(cursor)
    try:
        return _places.decode(text) if text else {}
    except msgspec.MsgspecError as error:
        raise RequestError("api.bad_cursor", "That cursor is not one of ours.", field="cursor") from error


def _consents(profile: Profile) -> list[Entry]:
    return [
        Entry(from_iso(one.occurred_at), (from_iso(one.occurred_at), 0, one.purpose), "consent", one)
        for one in consent_views(profile)
    ]


def _interactions(profile: Profile) -> list[Entry]:
    return [
        Entry(
            one.last,
            (one.last, 0, f"{channel}:{one_id}"),
            "interaction",
            InteractionSeen(channel, one_id, one.name, one.kind, one.count, to_iso(one.first)),
        )
        for channel, ones in profile.interactions.items()
        for one_id, one in ones.items()
    ]


def _stretch(entries: list[Entry], before: Place, limit: int) -> Stretch:
    """Of what the profile itself holds, which is little."""
    found = sorted((one for one in entries if one.place < before), key=lambda one: one.place, reverse=True)
    shown = found[:limit]
    more = len(found) > limit
    return Stretch(shown, shown[-1].place if shown else before, shown[-1].at if more else ALL)


def _kept_since(workspace: Workspace) -> KeptSince:
    oldest = {kind: to_iso(at) for kind, at in workspace.timeline.kept_since().items()}
    return KeptSince(oldest.get("event"), oldest.get("membership"), oldest.get("delivery"))


class _Shower:
    """Entries with the names that things have now."""

    def __init__(self, config: Config, source_ids: Mapping[int, int]) -> None:
        self._source_ids = source_ids
        self._sources = {one.id: one.name for one in config.sources}
        self._segments = config.segments
        self._connections = {one.id: one.name for one in config.connections}
        self._goals = {one.id: one.name for one in config.goals}

    def show(self, entry: Entry) -> TimelineEntry:
        at, content = to_iso(entry.at), entry.content
        match content:
            case EventEntry():
                return TimelineEntry("event", at, event=self._event(content))
            case MembershipEntry():
                name = self._segments.get(content.segment_id, f"segment {content.segment_id} (deleted)")
                move = MembershipMove(content.segment_id, name, content.entered)
                return TimelineEntry("membership", at, membership=move)
            case DeliveryEntry():
                return TimelineEntry("delivery", at, delivery=self._delivery(content))
            case ConsentView():
                return TimelineEntry("consent", at, consent=content)
            case InteractionSeen():
                return TimelineEntry("interaction", at, interaction=content)
        return TimelineEntry("link", at, link=link_view(content, self._source_ids))

    def _event(self, one: EventEntry) -> EventSeen:
        return EventSeen(
            type=one.type,
            name=one.name,
            message_id=one.message_id,
            source_id=one.source_id,
            source=self._sources.get(one.source_id, ""),
            occurred_at=to_iso(one.occurred_at),
            run_id=one.run_id,
            payload=one.payload,
        )

    def _delivery(self, one: DeliveryEntry) -> DeliveryTry:
        return DeliveryTry(
            connection_id=one.connection_id,
            connection=self._connections.get(one.connection_id, f"connection {one.connection_id} (deleted)"),
            request_id=one.request_id,
            attempt=one.number,
            channel=one.channel,
            sent_at=to_iso(one.sent_at),
            items=[self._item(goal_id, kind) for goal_id, kind in one.items],
            code=one.code,
            maybe_doubled=bool(one.maybe_doubled),
        )

    def _item(self, goal_id: int, kind: Kind) -> DeliveredItem:
        return DeliveredItem(goal_id, self._goals.get(goal_id, f"goal {goal_id} (deleted)"), ENDINGS[kind])
