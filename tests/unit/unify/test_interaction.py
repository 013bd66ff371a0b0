"""What events tell of messages and content seen, and which of them a profile keeps, whatever their order."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefold.clock import DAY
from onefold.connectors.braze.currents_names import NAMES, channel_of
from onefold.model.interaction import Interaction, join_interactions
from onefold.model.profile import Profile, canonical_profile, decode_profile, encode_profile
from onefold.pipeline.worker import make_reader
from onefold.testing.fold import events_record, make_event
from onefold.unify.fold import fold, merge_profiles
from onefold.unify.interaction import CHANNEL_OF, INTERACTION_VIEWED, Viewed, add_viewed
from onefold.unify.read import Reading
from onefold.unify.settings import UnifySettings

NOW = 20_000 * DAY


def read(name: str = INTERACTION_VIEWED, **fields: object) -> Reading:
    event = make_event("m1", user_id="ada", **fields) | {"event": name}
    (item,) = make_reader(UnifySettings()).read(events_record(event))
    assert isinstance(item, Reading)
    return item


def test_our_own_event_tells_what_was_seen() -> None:
    properties = {"interaction_id": " spring ", "name": "Spring sale", "channel": "Site", "kind": "banner"}
    assert read(properties=properties).viewed == Viewed("site", "spring", "Spring sale", "banner")
    long = {"interaction_id": 7, "name": "x" * 300, "channel": "y" * 60, "kind": "z" * 60}
    assert read(properties=long).viewed == Viewed("y" * 50, "7", "x" * 200, "z" * 50)


@pytest.mark.parametrize(
    "properties",
    [
        None,
        {},
        {"interaction_id": ""},
        {"interaction_id": " "},
        {"interaction_id": True},
        {"interaction_id": 1.5},
        {"interaction_id": ["spring"]},
        {"interaction_id": "x" * 201},
        {"name": "Spring sale"},
    ],
)
def test_one_that_tells_not_what_was_seen_counts_as_an_event_alone(properties: object) -> None:
    reading = read(properties=properties)
    assert (reading.viewed, reading.is_unseen) == (None, True)


def test_what_is_no_text_is_no_name() -> None:
    properties = {"interaction_id": "spring", "name": 1.5, "channel": [], "kind": {"a": 1}}
    assert read(properties=properties).viewed == Viewed("other", "spring")


def test_messages_of_braze_are_known_by_their_campaign_canvas_or_card() -> None:
    campaign = {"campaign_id": "c1", "campaign_name": "Welcome", "canvas_id": "v1", "content_card_id": "k1"}
    assert read("Email Opened", properties=campaign).viewed == Viewed("email", "c1", "Welcome", "campaign")
    canvas = {"canvas_id": "v1", "canvas_name": "Onboarding", "card_id": "k2"}
    assert read("In-App Message Viewed", properties=canvas).viewed == Viewed(
        "in-app message", "v1", "Onboarding", "canvas"
    )
    card = {"content_card_id": "k1"}
    assert read("Content Card Viewed", properties=card).viewed == Viewed(
        "content card", "k1", "", "content card"
    )
    banner = {"banner_placement_id": "home"}
    assert read("Banner Viewed", properties=banner).viewed == Viewed("banner", "home", "", "banner")


def test_a_message_without_an_id_is_no_fault_of_the_sender() -> None:
    reading = read("Email Opened", properties={"email_address": "ada@example.org"})
    assert (reading.viewed, reading.is_unseen) == (None, False)


@pytest.mark.parametrize(
    "name",
    ["Email Opened by Machine", "Email Clicked by Bot", "Email Sent", "SMS Received", "Banner Aborted"],
)
def test_what_shows_not_that_a_person_saw_it_tells_nothing(name: str) -> None:
    assert read(name, properties={"campaign_id": "c1", "interaction_id": "c1"}).viewed is None


def test_other_kinds_of_events_tell_nothing() -> None:
    event = make_event("m1", "identify", user_id="ada", traits={"interaction_id": "spring"})
    (item,) = make_reader(UnifySettings()).read(events_record(event))
    assert isinstance(item, Reading)
    assert item.viewed is None


def test_the_names_are_those_that_the_connector_gives() -> None:
    channels = {name: channel_of(event_type) for event_type, name in NAMES.items()}
    told = {name: channel for name, channel in CHANNEL_OF.items() if name != INTERACTION_VIEWED}
    assert told == {name: channels[name] for name in told}


def seen(number: int, at: int, name: str = "", *, channel: str = "email") -> tuple[Viewed, int]:
    return Viewed(channel, f"c{number}", name), at


def profile() -> Profile:
    return Profile(1, NOW, NOW, {}, {}, {}, b"", {}, 0, [], {}, {})


def test_the_last_event_names_it_and_the_times_are_the_first_and_the_last() -> None:
    one = profile()
    for event_hash, (viewed, at) in enumerate([seen(1, 5, "Now"), seen(1, 3, "Before"), seen(1, 4, "Then")]):
        add_viewed(one, viewed, at, event_hash, 200)
    assert one.interactions == {"email": {"c1": Interaction("Now", "", 3, 3, 5, 0)}}


def test_of_more_than_are_kept_the_one_seen_longest_ago_goes() -> None:
    one = profile()
    dropped = [add_viewed(one, *seen(number, number), 1, 2) for number in (1, 3, 2)]
    assert dropped == [0, 0, 1]
    assert set(one.interactions["email"]) == {"c2", "c3"}
    assert add_viewed(one, *seen(9, 1, channel="push"), 1, 2) == 1, "older than all that are kept"
    assert set(one.interactions) == {"email"}


def test_what_had_no_room_is_counted_and_the_rest_of_the_event_folds() -> None:
    one = profile()
    for number in range(3):
        event = Reading(
            number, 1, NOW, NOW, "track", "Email Opened", [], viewed=Viewed("email", f"c{number}")
        )
        fold(one, event, NOW, 2)
        assert event.dropped == (number == 2)
    assert one.counters["c:Email Opened"].days == {20_000: 3}


views = st.lists(
    st.tuples(
        st.builds(
            Viewed,
            st.sampled_from(["email", "push"]),
            st.sampled_from("abcd"),
            st.sampled_from(["Spring", "Sale", ""]),
        ),
        st.integers(1, 6),
        st.integers(1, 99),
    ),
    max_size=20,
    unique_by=lambda view: view[2],
)


def kept(views_in_order: Sequence[tuple[Viewed, int, int]], kept_max: int) -> Profile:
    one = profile()
    for viewed, at, event_hash in views_in_order:
        add_viewed(one, viewed, at, event_hash, kept_max)
    return one


def told(one: Profile) -> dict[tuple[str, str], tuple[str, int]]:
    """All that a mapping can tell of it."""
    return {
        (channel, one_id): (found.name, found.last)
        for channel, ones in one.interactions.items()
        for one_id, found in ones.items()
    }


@given(views, st.randoms(use_true_random=False))
def test_in_any_order_the_same_is_kept(some: list[tuple[Viewed, int, int]], random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert canonical_profile(kept(some, 8), NOW) == canonical_profile(kept(shuffled, 8), NOW)


@given(views, st.randoms(use_true_random=False), st.integers(1, 4))
def test_where_not_all_have_room_those_kept_with_name_and_last_time_depend_on_no_order(
    some: list[tuple[Viewed, int, int]], random: object, kept_max: int
) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert told(kept(some, kept_max)) == told(kept(shuffled, kept_max))


@given(views, st.integers(0, 20), st.integers(1, 4), st.booleans())
def test_where_not_all_have_room_a_merge_keeps_what_one_profile_would(
    some: list[tuple[Viewed, int, int]], cut: int, kept_max: int, backwards: bool
) -> None:
    parts = [kept(some[:cut], kept_max), kept(some[cut:], kept_max)]
    survivor, loser = reversed(parts) if backwards else parts
    before = encode_profile(loser)
    merge_profiles(survivor, loser, kept_max)
    assert told(survivor) == told(kept(some, kept_max))
    assert encode_profile(loser) == before, "the loser may still be looked at"
    assert decode_profile(encode_profile(survivor)) == survivor


some_interactions = st.builds(
    Interaction,
    st.sampled_from(["a", "b", ""]),
    st.sampled_from(["x", "y"]),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(2, 3),
    st.integers(1, 2),
)


@given(some_interactions, some_interactions, some_interactions)
def test_what_several_tell_of_one_is_joined_in_any_order(
    one: Interaction, two: Interaction, three: Interaction
) -> None:
    assert join_interactions(one, two) == join_interactions(two, one)
    assert join_interactions(join_interactions(one, two), three) == join_interactions(
        one, join_interactions(two, three)
    )


def test_the_settings_say_how_many_are_kept() -> None:
    assert UnifySettings().interactions_max == 200
