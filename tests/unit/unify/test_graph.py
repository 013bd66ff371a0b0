"""The identity rules, one by one, and the failure modes that real streams have."""

import pytest

from onefold.model.profile import Profile
from onefold.unify.graph import IDENTIFIERS_MAX, resolve
from onefold.unify.identify import EventIdentifier
from onefold.unify.link import Decision, Origin
from onefold.unify.people import People


class World:
    """Events of identifiers, in order."""

    def __init__(self) -> None:
        self.people = People()
        self.clock = 100

    def event(self, *keys: str, at: int = 0, rule: str = "track") -> int:
        self.clock += 1
        identifiers = [EventIdentifier(key, *key.split(":")) for key in keys]
        for identifier in identifiers:
            self.people.identifiers.setdefault(identifier.key, 0)
        profile = resolve(self.people, identifiers, at or self.clock, Origin(1, 0, self.clock, rule))
        return profile.id

    def decisions(self) -> list[tuple[str, str, str]]:
        return [(link.first, link.second, link.decision.value) for link in self.people.links]

    def profile(self, profile_id: int) -> Profile:
        return self.people.profiles[profile_id]


@pytest.fixture
def world() -> World:
    return World()


def test_one_event_links_all_its_identifiers(world: World) -> None:
    assert world.event("user_id:u", "email:e", "anonymous_id:a") == 1
    assert world.event("anonymous_id:a") == world.event("email:e") == 1
    assert world.decisions() == [
        ("user_id:u", "email:e", "attach"),
        ("user_id:u", "anonymous_id:a", "attach"),
    ]


def test_an_anonymous_visitor_becomes_known(world: World) -> None:
    assert world.event("anonymous_id:a") == world.event("user_id:u", "anonymous_id:a") == 1


def test_two_profiles_merge_into_the_one_seen_first(world: World) -> None:
    world.event("user_id:u", at=50)
    world.event("anonymous_id:a", at=10)
    assert world.event("user_id:u", "anonymous_id:a") == 2
    assert [(loser.id, survivor) for loser, survivor in world.people.merged] == [(1, 2)]
    assert world.people.identifiers == {"user_id:u": 2, "anonymous_id:a": 2}
    assert world.people.links[-1].decision is Decision.MERGE


def test_of_two_seen_at_once_the_lower_id_survives(world: World) -> None:
    world.event("user_id:u", at=10)
    world.event("anonymous_id:a", at=10)
    assert world.event("user_id:u", "anonymous_id:a") == 1


def test_a_shared_tablet_goes_to_the_user_last_identified(world: World) -> None:
    ann = world.event("user_id:ann", "anonymous_id:tablet")
    bob = world.event("user_id:bob", "anonymous_id:tablet")
    assert ann != bob
    assert world.event("anonymous_id:tablet") == bob
    assert "anonymous_id" not in world.profile(ann).identifiers
    assert world.event("user_id:ann", "anonymous_id:tablet") == ann
    assert world.event("anonymous_id:tablet") == ann
    assert [link.decision for link in world.people.links[1:]] == [Decision.MOVED, Decision.MOVED]
    assert {link.reason for link in world.people.links[1:]} == {"user_id_conflict"}


def test_a_shared_email_stays_with_its_first_holder_and_is_refused_once(world: World) -> None:
    ann = world.event("user_id:ann", "email:family")
    bob = world.event("user_id:bob", "email:family")
    world.event("user_id:bob", "email:family")
    assert world.event("email:family") == ann
    assert world.event("user_id:bob") == bob
    refused = [link for link in world.people.links if link.decision is Decision.REFUSED]
    assert [(link.second, link.profile_id, link.other_profile_id) for link in refused] == [
        ("email:family", bob, ann)
    ]


def test_two_known_users_on_one_event(world: World) -> None:
    ann, bob = world.event("user_id:ann"), world.event("user_id:bob")
    assert world.event("user_id:ann", "user_id:bob") == ann
    assert world.event("user_id:ann", "user_id:new") == ann
    assert world.event("user_id:bob") == bob
    assert world.profile(ann).identifiers["user_id"].keys() == {"ann"}
    assert world.event("user_id:new") not in {ann, bob}


def test_a_user_of_another_source_never_swallows_a_profile_with_a_user(world: World) -> None:
    uuid = world.event("user_id:3f2", "email:e")
    mail = world.event("user_id:e", "email:e")
    assert mail != uuid
    assert len(world.profile(mail).identifiers["user_id"]) == 1


def test_an_email_names_the_user_who_is_identified_now(world: World) -> None:
    ann = world.event("user_id:ann", "email:ann")
    world.event("user_id:bob", "anonymous_id:a")
    assert world.event("email:ann", "anonymous_id:a") == ann
    assert world.event("anonymous_id:a") == ann


def test_three_profiles_meet_and_the_one_with_another_user_stays_out(world: World) -> None:
    mail = world.event("email:e")
    ann = world.event("user_id:ann", "phone:p")
    bob = world.event("user_id:bob", "anonymous_id:a")
    assert world.event("email:e", "phone:p", "anonymous_id:a") == mail
    assert world.people.identifiers["user_id:ann"] == mail
    assert ann not in world.people.profiles
    assert world.people.identifiers["user_id:bob"] == bob
    assert world.people.identifiers["anonymous_id:a"] == mail


def test_a_script_that_makes_ids_does_not_grow_a_profile_for_ever(world: World) -> None:
    for number in range(IDENTIFIERS_MAX + 50):
        assert world.event("user_id:u", f"anonymous_id:{number}") == 1
    assert sum(map(len, world.profile(1).identifiers.values())) == IDENTIFIERS_MAX
    assert world.people.links[-1].reason == "identifier_limit"


def alias(world: World, user: str, previous: str) -> int:
    """As `Identifiers` reads it: whether `previous` is a user is for the graph to know."""
    keys = (f"user_id:{user}", f"user_id:{previous}", f"anonymous_id:{previous}")
    return world.event(*keys, rule="alias")


def test_an_alias_makes_a_visitor_known_without_a_word_about_users(world: World) -> None:
    assert world.event("anonymous_id:a") == alias(world, "u", "a") == alias(world, "u", "a")
    assert world.decisions() == [("anonymous_id:a", "user_id:u", "attach")]


def test_an_alias_of_two_users_is_refused_with_evidence(world: World) -> None:
    """Segment's clients send the user_id of before as previousId; it is no anonymous_id then."""
    old = world.event("user_id:old")
    new = alias(world, "new", "old")
    assert new != old
    assert world.decisions() == [("user_id:new", "user_id:old", "refused")]
    assert world.people.identifiers["anonymous_id:old"] == 0
    assert world.event("user_id:old") == old


def test_an_alias_of_unknown_ids_takes_the_previous_as_anonymous(world: World) -> None:
    assert alias(world, "u", "a") == world.event("anonymous_id:a")
    assert world.people.identifiers["user_id:a"] == 0
