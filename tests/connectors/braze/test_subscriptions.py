"""What people said about purposes becomes subscription states in Braze, and only changes are told."""

import pytest

from onefold.connectors.braze import BrazeConnector
from onefold.model.consent import Consent, ConsentState
from onefold.model.goal import Goal
from onefold.model.identifier import EMAIL
from onefold.model.mapping import ConsentValue, IdentifierValue, Mapping, TraitValue
from onefold.model.profile import Seen, encode_profile
from onefold.plugin.check import check_goal

NOW = 1_795_000_000_000_000
GROUP = "7c3b1f1e-0d2a-4f5b-9e1c-2a3b4c5d6e7f"
OTHER = "1d2c3b4a-0d2a-4f5b-9e1c-2a3b4c5d6e7f"
ROWS = {"email_subscribe": "newsletter", "push_subscribe": "push", GROUP: "newsletter", OTHER: "offers"}


def person(world, profile_id=1, email="", **consents):
    """Put a profile with what it said."""
    made = world.person(profile_id, user_id=f"u{profile_id}")
    made.consents = {name: Consent(ConsentState(state), NOW, 1) for name, state in consents.items()}
    if email:
        made.identifiers[EMAIL] = {email: Seen(NOW, NOW)}
    world.state.execute("insert or replace into profile values (?, ?)", (profile_id, encode_profile(made)))


def subscriptions(world, rows=ROWS, goal_id=4, **settings):
    mappings = [Mapping(ConsentValue(purpose), field) for field, purpose in rows.items()]
    world.set_goal(Goal(goal_id, 1, "subscriptions", "Subscriptions", True, 0, mappings, settings))


def tracked(sandbox):
    """The bodies of what was sent."""
    sandbox.flush()
    return [entry["body"] for entry in sandbox.journal() if entry["path"] == "/users/track"]


def sent(sandbox):
    """The attributes objects of the last request."""
    return tracked(sandbox)[-1]["attributes"]


async def test_who_consented_is_subscribed_and_who_refused_is_not(world, sandbox):
    person(world, newsletter="consented", push="refused", offers="unset")
    subscriptions(world)
    await world.deliver_all()
    assert sent(sandbox) == [
        {
            "external_id": "u1",
            "email_subscribe": "subscribed",
            "push_subscribe": "unsubscribed",
            "subscription_groups": [{"subscription_group_id": GROUP, "subscription_state": "subscribed"}],
        }
    ]
    assert world.counts(4) == {(0, ""): 1}
    assert sandbox.stats()["data_points"]["total"] == 0


async def test_who_never_said_anything_is_not_told_of(world, sandbox):
    person(world)
    subscriptions(world)
    await world.deliver_all()
    assert tracked(sandbox) == []
    assert world.counts(4) == {(1, "activate.no_delta"): 1}


async def test_only_what_changed_is_told(world, sandbox):
    person(world, newsletter="consented", offers="consented")
    subscriptions(world, consented="opted_in")
    await world.deliver_all()
    person(world, newsletter="consented", offers="refused")
    world.commit(1)
    await world.deliver_all()
    assert sent(sandbox) == [
        {
            "external_id": "u1",
            "subscription_groups": [{"subscription_group_id": OTHER, "subscription_state": "unsubscribed"}],
        }
    ]
    assert sandbox.user("u1")["export"]["email_subscribe"] == "opted_in"
    world.commit(1)
    await world.deliver_all()
    assert world.counts(4) == {(0, ""): 2, (1, "activate.no_delta"): 1}


async def test_what_is_unset_again_stays_as_it_is_in_braze(world, sandbox):
    person(world, newsletter="refused")
    subscriptions(world)
    await world.deliver_all()
    person(world, newsletter="unset")
    world.commit(1)
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["export"]["email_subscribe"] == "unsubscribed"
    assert len(tracked(sandbox)) == 1


async def test_a_new_address_is_told_every_state_again_behind_the_address(world, sandbox):
    person(world, email="a@example.org", newsletter="refused")
    subscriptions(world, {"email_subscribe": "newsletter"}, goal_id=1)
    await world.deliver_all()
    person(world, email="b@example.org", newsletter="refused")
    mappings = [Mapping(IdentifierValue(EMAIL), "email")]
    world.set_goal(Goal(2, 1, "export", "Export", True, 0, mappings, position=1))
    world.commit(1)
    await world.deliver_all()
    assert sent(sandbox) == [
        {"external_id": "u1", "email": "b@example.org"},
        {"external_id": "u1", "email_subscribe": "unsubscribed"},
    ]
    assert sandbox.user("u1")["export"]["email_subscribe"] == "unsubscribed"


async def test_a_group_that_braze_does_not_know_becomes_a_dead_letter(world, sandbox):
    sandbox.change_settings(subscription_group_ids=[GROUP])
    person(world, newsletter="consented")
    person(world, 2, offers="consented")
    subscriptions(world, {GROUP: "newsletter", OTHER: "offers"})
    await world.deliver_all()
    assert world.counts(4) == {(0, ""): 1, (2, "activate.braze.item"): 1}


def test_subscriptions_have_no_purpose_of_their_own():
    """They would never tell of who refused."""
    row = Mapping(ConsentValue("newsletter"), "email_subscribe")
    goal = Goal(1, 1, "subscriptions", "Subscriptions", mappings=[row], purpose="newsletter")
    assert [problem.path for problem in check_goal(BrazeConnector(), goal)] == ["purpose"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Mapping(ConsentValue("newsletter"), "email_subscribe"), []),
        (Mapping(ConsentValue("newsletter"), GROUP), []),
        (Mapping(ConsentValue("newsletter"), GROUP.upper()), ["mappings.0.field"]),
        (Mapping(ConsentValue("newsletter"), "plan"), ["mappings.0.field"]),
        (Mapping(TraitValue("plan"), GROUP), ["mappings.0.source"]),
        (Mapping(ConsentValue(" "), GROUP), ["mappings.0.source.purpose"]),
    ],
)
def test_rows_of_subscriptions_are_checked(row, expected):
    goal = Goal(1, 1, "subscriptions", "Subscriptions", mappings=[row])
    assert [problem.path for problem in check_goal(BrazeConnector(), goal)] == expected
