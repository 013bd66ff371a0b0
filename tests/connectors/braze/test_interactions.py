"""What people saw, told to Braze: as a list of names, and as true or false."""

from onefold.model.goal import Goal
from onefold.model.interaction import Interaction
from onefold.model.mapping import InteractionsValue, InteractionValue, Mapping

NOW = 1_795_000_000_000_000
HOUR = 3_600_000_000


def saw(world, profile_id, number, name, at):
    """Put a person's interaction, and tell that the person changed."""
    person = world.profiles[profile_id]
    person.interactions.setdefault("email", {})[f"c{number}"] = Interaction(
        name, "campaign", 1, at, at, number
    )
    world.keep(person)
    world.commit(profile_id)


def tells(world, **source):
    rows = [
        Mapping(InteractionsValue(**source), "mails_seen"),
        Mapping(InteractionValue("c1"), "saw_first", leaving=None),
    ]
    world.set_goal(Goal(1, 1, "export", "Export", True, mappings=rows))


def attributes(sandbox, name="u1"):
    sandbox.flush()
    return sandbox.user(name)["custom_attributes"]


async def test_a_list_and_a_boolean_arrive_and_follow_what_is_seen(world, sandbox):
    world.person(1, user_id="u1")
    world.person(2, user_id="u2")
    tells(world)
    saw(world, 1, 1, "Welcome", NOW)
    world.commit(2)
    await world.deliver_all()
    assert attributes(sandbox) == {"mails_seen": ["Welcome"], "saw_first": True}
    assert attributes(sandbox, "u2") == {"saw_first": False}, "who saw nothing has no list"
    saw(world, 1, 2, "Spring", NOW + HOUR)
    await world.deliver_all()
    assert attributes(sandbox) == {"mails_seen": ["Spring", "Welcome"], "saw_first": True}


async def test_seeing_the_same_again_costs_nothing(world):
    world.person(1, user_id="u1")
    tells(world)
    saw(world, 1, 1, "Welcome", NOW)
    await world.deliver_all()
    saw(world, 1, 1, "Welcome", NOW + HOUR)
    await world.deliver_all()
    assert world.counts(1) == {(0, ""): 1, (1, "activate.no_delta"): 1}


async def test_what_has_left_the_window_is_taken_back_with_the_persons_next_change(world, sandbox):
    world.clock = lambda: NOW
    world.person(1, user_id="u1")
    tells(world, days=7)
    saw(world, 1, 1, "Welcome", NOW - 6 * 24 * HOUR)
    await world.deliver_all()
    assert attributes(sandbox)["mails_seen"] == ["Welcome"]
    saw(world, 1, 1, "Welcome", NOW - 7 * 24 * HOUR)
    await world.deliver_all()
    assert attributes(sandbox) == {"saw_first": True}


async def test_500_names_of_any_length_fit(world, sandbox):
    person = world.person(1, user_id="u1")
    person.interactions["email"] = {
        f"c{number}": Interaction(f"{number} ".ljust(200, "x"), "campaign", 1, NOW, NOW + number, number)
        for number in range(600)
    }
    world.keep(person)
    tells(world, limit=500)
    world.commit(1)
    await world.deliver_all()
    assert world.counts(1) == {(0, ""): 1}
    names = attributes(sandbox)["mails_seen"]
    assert len(names) == 500
    assert names[0].startswith("599 ")
