"""/api/v1/profiles: who is known, by which identifiers, with what evidence, and in which segments why."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get
from litestar.params import FromPath, QueryParameter

from onefold.api.caller import missing_right
from onefold.api.consents import ConsentView, consent_views, list_consents, set_consent
from onefold.api.erasures import erase_profile, erase_profile_by, show_erasure
from onefold.api.link_view import LinkView, link_view
from onefold.api.page import ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_cursor, read_number
from onefold.api.person_delivery import list_deliveries
from onefold.api.problem import not_found
from onefold.api.profile import find_profile, find_profile_by
from onefold.api.right import PERSONAL, SEE
from onefold.api.timeline import show_timeline
from onefold.api.workspace import Here, Workspace
from onefold.clock import to_iso
from onefold.model.access import Personal, Right
from onefold.model.json import JsonValue
from onefold.model.profile import NEVER, Part, Profile, Trait
from onefold.segment.explain import Explanation, explain

Search = Annotated[
    str, QueryParameter(max_length=400, description="Beginning of any identifier's value, such as `ada@`.")
]
InSegment = Annotated[
    str, QueryParameter(max_length=200, description="Only people of this segment, by its name or id.")
]


class IdentifierView(msgspec.Struct, frozen=True):
    """One identifier and when it occurred with this profile."""

    kind: str
    value: Personal[str]
    first_seen: str
    last_seen: str


class TraitView(msgspec.Struct, frozen=True):
    """One trait, when it was said last and by which source; `run_ids`: the imports that it comes from."""

    name: str
    value: Personal[JsonValue]
    occurred_at: str
    source_id: int
    run_ids: list[str] = []


class MembershipView(msgspec.Struct, frozen=True):
    """A segment that the profile is in."""

    segment_id: int
    name: str
    since: str


class InteractionView(msgspec.Struct, frozen=True):
    """A message or content that the person saw."""

    channel: str
    id: str
    name: str
    kind: str
    count: int
    """Events that tell of it."""
    first_seen: str
    last_seen: str


class ProfileView(msgspec.Struct, frozen=True):
    """One person. `identifiers` and `traits` hold plain values, the details follow."""

    id: int
    first_seen: str
    last_seen: str | None
    """Null for who only stands in imported lists."""
    identifiers: Personal[dict[str, list[str]]]
    traits: Personal[dict[str, JsonValue]]
    events: dict[str, int]
    """Event name -> how often, ever."""
    revenue: Personal[dict[str, dict[str, str]]]
    """Event name -> currency -> exact sum."""
    segments: list[MembershipView]
    identifier_details: list[IdentifierView]
    trait_details: list[TraitView]
    consents: list[ConsentView]
    interactions: list[InteractionView]
    """What the person saw, the one seen last first."""
    matched: Personal[str | None] = None
    """The identifier that a search met."""


class WhyView(msgspec.Struct, frozen=True):
    """Whether a profile is in a segment, and why."""

    segment_id: int
    name: str
    state: str
    member: bool
    since: str | None
    why: Personal[Explanation]


@get("/", opt=SEE, sync_to_thread=True)
def list_profiles(
    *,
    workspace: Here,
    request: Request[Any, Any, Any],
    search: Search = "",
    segment: InSegment = "",
    limit: Limit = ITEMS_DEFAULT,
    cursor: Cursor = "",
) -> Page[ProfileView]:
    """Profiles by id; with `search`, those of whom any identifier begins so; with `segment`, those in it.

    With both a page may hold few, or none, and still have a next one.
    """
    names = _segment_names(workspace)
    segment_id = _segment_id(workspace, segment) if segment else 0
    if not search:
        found = _after(workspace, segment_id, read_number(cursor), limit + 1)
        return page_of(found, limit, lambda one: one.id, lambda one: profile_view(one, names))
    if not request.state.caller.sees_people:
        # Whether somebody is found would tell what is hidden.
        raise missing_right(Right.PERSONAL)
    keys = workspace.people.search(search, read_cursor(cursor), limit + 1)
    profiles = workspace.people.profiles(sorted({profile_id for _, profile_id in keys}))
    page = page_of(keys, limit, lambda one: one[0], lambda one: one)
    seen: set[int] = set()
    items = []
    for key, profile_id in page.items:
        if profile_id in profiles and profile_id not in seen:
            seen.add(profile_id)
            if segment_id and not profiles[profile_id].mask >> segment_id & 1:
                continue
            items.append(profile_view(profiles[profile_id], names, matched=key))
    return Page(items, page.next_cursor)


@get("/{profile_id:int}", opt=SEE, sync_to_thread=True)
def show_profile(workspace: Here, profile_id: FromPath[int]) -> ProfileView:
    """One profile; the id of a profile that was merged away gives its survivor."""
    return profile_view(find_profile(workspace, profile_id), _segment_names(workspace))


@get("/by/{kind:str}/{value:path}", opt=PERSONAL, sync_to_thread=True)
def show_profile_by(workspace: Here, kind: FromPath[str], value: FromPath[str]) -> ProfileView:
    """One profile by an identifier, such as by/email/ada@example.org."""
    profile = find_profile_by(workspace, kind, value.removeprefix("/"))
    return profile_view(profile, _segment_names(workspace))


@get("/{profile_id:int}/links", opt=SEE, sync_to_thread=True)
def list_links(
    workspace: Here, profile_id: FromPath[int], limit: Limit = ITEMS_DEFAULT, cursor: Cursor = ""
) -> Page[LinkView]:
    """The evidence behind a profile's identifiers: what was attached, merged, moved, refused, and why."""
    profile = find_profile(workspace, profile_id)
    found = workspace.people.links(profile.id, read_number(cursor), limit + 1)
    source_ids = workspace.timeline.source_ids(link.offset for link in found)
    return page_of(found, limit, lambda link: link.id, lambda link: link_view(link, source_ids))


@get("/{profile_id:int}/segments", opt=SEE, sync_to_thread=True)
def list_why(workspace: Here, profile_id: FromPath[int]) -> Page[WhyView]:
    """Every segment with whether the profile is in it, and why."""
    profile = find_profile(workspace, profile_id)
    clock = workspace.people.position().clock
    items = []
    for segment_id, status in sorted(workspace.people.segments().items()):
        member = bool(profile.mask >> segment_id & 1)
        since = to_iso(profile.member_since[segment_id]) if member else None
        why = explain(status.definition, profile, clock)
        items.append(WhyView(segment_id, status.definition.name, status.state, member, since, why))
    return Page(items, None)


def _segment_id(workspace: Workspace, id_or_name: str) -> int:
    found = workspace.segments.find(id_or_name)
    if found is None:
        raise not_found("segment", id_or_name, hint="`onefold segments list` shows them.")
    return found.definition.id


def _after(workspace: Workspace, segment_id: int, after: int, count_max: int) -> list[Profile]:
    """A page of everyone, or of the people of a segment, by id."""
    if not segment_id:
        return workspace.people.profiles_after(after, count_max)
    members = workspace.people.members(segment_id, after, count_max)
    found = workspace.people.profiles([profile_id for profile_id, _ in members])
    return [found[one] for one in sorted(found)]


def _segment_names(workspace: Workspace) -> dict[int, str]:
    return workspace.people.segment_names()


def profile_view(profile: Profile, segments: dict[int, str], *, matched: str | None = None) -> ProfileView:
    """A profile as every route shows it; `segments`: their names, by id."""
    counts, revenue = _totals(profile)
    identifiers = [
        IdentifierView(kind, value, to_iso(seen.first), to_iso(seen.last))
        for kind, values in sorted(profile.identifiers.items())
        for value, seen in values.items()
    ]
    traits = [
        _trait_view(name, trait) for name, trait in sorted(profile.traits.items()) if trait.value is not None
    ]
    return ProfileView(
        id=profile.id,
        first_seen=to_iso(profile.first_seen),
        last_seen=None if profile.last_seen == NEVER else to_iso(profile.last_seen),
        identifiers={kind: list(values) for kind, values in sorted(profile.identifiers.items()) if values},
        traits={trait.name: trait.value for trait in traits},
        events=counts,
        revenue=revenue,
        segments=[
            MembershipView(segment_id, segments.get(segment_id, ""), to_iso(since))
            for segment_id, since in sorted(profile.member_since.items())
        ],
        identifier_details=identifiers,
        trait_details=traits,
        consents=consent_views(profile),
        interactions=_interaction_views(profile),
        matched=matched,
    )


def _trait_view(name: str, trait: Trait) -> TraitView:
    written: list[Trait | Part] = [*([trait] if trait.rank >= 0 else []), *(trait.parts or {}).values()]
    last = max(written, key=lambda one: one.occurred_at)
    runs = {one.run_id for one in written if one.run_id}
    return TraitView(name, trait.value, to_iso(last.occurred_at), last.source_id, sorted(runs))


def _interaction_views(profile: Profile) -> list[InteractionView]:
    found = [
        (one.last, channel, one_id, one)
        for channel, ones in profile.interactions.items()
        for one_id, one in ones.items()
    ]
    found.sort(key=lambda seen: seen[:3], reverse=True)
    return [
        InteractionView(channel, one_id, one.name, one.kind, one.count, to_iso(one.first), to_iso(one.last))
        for _, channel, one_id, one in found
    ]


def _totals(profile: Profile) -> tuple[dict[str, int], dict[str, dict[str, str]]]:
    """Counts and revenue by event; what segments asked for stays inside."""
    counts: dict[str, int] = {}
    revenue: dict[str, dict[str, str]] = {}
    for key, counter in sorted(profile.counters.items()):
        total = sum(counter.days.values(), Decimal(0))
        if key.startswith("c:"):
            counts[key.removeprefix("c:")] = int(total)
        elif key.startswith("s:"):
            event, _, currency = key.removeprefix("s:").rpartition(":revenue:")
            revenue.setdefault(event, {})[currency] = f"{total:f}"
    return counts, revenue


router = Router(
    "/profiles",
    route_handlers=[
        list_profiles,
        show_profile,
        show_profile_by,
        list_links,
        list_why,
        show_timeline,
        list_deliveries,
        list_consents,
        set_consent,
        show_erasure,
        erase_profile,
        erase_profile_by,
    ],
    tags=["Profiles"],
)
