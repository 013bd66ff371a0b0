"""Order a profile holds whatever is packed, answered, halved or merged; and nothing waits for ever."""

from hypothesis import given
from hypothesis import strategies as st

from onefold.activate.outbox import Outbox
from onefold.model.delivery import Item
from onefold.plugin.declare import Channel

CHANNELS = {"track": Channel("track", 3, 10_000), "identify": Channel("identify", 2, 10_000)}


def item(profile_id, number, part="events"):
    return Item(part, b"{}", 1, profile_id, number, 0, 0)


def drain(outbox):
    """Answer everything, in the order in which it may leave."""
    left = []
    while (parcels := outbox.pop_ready(0)) is not None:
        left.append(parcels)
        outbox.close(parcels, 0)
    return left


def test_items_of_free_profiles_share_requests():
    outbox = Outbox(1, CHANNELS)
    for number in range(7):
        outbox.add("track", item(number, number), 0)
    outbox.seal(1)
    assert [len(one.request.items) for one in drain(outbox)] == [3, 3, 1]


def test_a_profile_under_way_waits_and_others_do_not():
    outbox = Outbox(1, CHANNELS)
    outbox.add("track", item(1, 1), 0)
    outbox.seal(1)
    first = outbox.pop_ready(0)
    outbox.add("track", item(1, 2), 0)
    outbox.add("track", item(2, 3), 0)
    outbox.seal(2)
    free = outbox.pop_ready(0)
    assert [one.offset for one in free.request.items] == [3]
    assert outbox.pop_ready(0) is None
    outbox.close(first, 0)
    assert [one.offset for one in outbox.pop_ready(0).request.items] == [2]


def test_identify_goes_before_what_follows_it():
    outbox = Outbox(1, CHANNELS)
    outbox.add("identify", item(1, 1), 0)
    outbox.add("track", item(1, 2), 0)
    outbox.seal(1)
    identify = outbox.pop_ready(0)
    assert identify.request.channel == "identify"
    assert outbox.pop_ready(0) is None
    outbox.close(identify, 0)
    assert outbox.pop_ready(0).request.channel == "track"


def test_a_survivor_waits_for_what_the_merged_one_has_under_way():
    outbox = Outbox(1, CHANNELS)
    outbox.add("track", item(1, 1), 0)
    outbox.seal(1)
    first = outbox.pop_ready(0)
    outbox.join(1, 2)
    outbox.add("track", item(2, 2), 0)
    outbox.seal(2)
    assert outbox.pop_ready(0) is None
    outbox.close(first, 0)
    assert outbox.pop_ready(0) is not None


def test_a_merge_after_the_answer_blocks_nothing():
    outbox = Outbox(1, CHANNELS)
    outbox.add("track", item(1, 1), 0)
    outbox.seal(1)
    first = outbox.pop_ready(0)
    outbox.join(1, 2)
    outbox.close(first, 0)
    outbox.add("track", item(2, 2), 0)
    outbox.seal(2)
    assert outbox.pop_ready(0) is not None


def test_bytes_limit_a_request():
    outbox = Outbox(1, {"track": Channel("track", 75, 1_000)})
    for number in range(4):
        outbox.add("track", Item("events", b"x" * 390, 1, number, number, 0, 0), 0)
    outbox.seal(1)
    assert [len(one.request.items) for one in drain(outbox)] == [2, 2]


def test_a_limit_a_part_counts_each_part():
    outbox = Outbox(1, {"track": Channel("track", 2, 10_000, per_part=True)})
    for number in range(4):
        outbox.add("track", item(number, number, "events" if number % 2 else "attributes"), 0)
    outbox.seal(1)
    assert [len(one.request.items) for one in drain(outbox)] == [4]


def test_a_gap_holds_back_the_next_request_of_a_profile():
    outbox = Outbox(1, CHANNELS, gap=100)
    outbox.add("track", item(1, 1), 0)
    outbox.seal(1)
    outbox.close(outbox.pop_ready(0), 50)
    outbox.add("track", item(1, 2), 60)
    outbox.seal(2)
    assert outbox.pop_ready(149) is None
    assert outbox.next_at() == 150
    assert outbox.pop_ready(150) is not None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 5), st.sampled_from(["track", "identify"])),
        st.tuples(st.just("seal")),
        st.tuples(st.just("take")),
        st.tuples(st.just("answer")),
        st.tuples(st.just("halve")),
        st.tuples(st.just("retry")),
    ),
    max_size=80,
)


@given(STEPS)
def test_order_holds_and_everything_leaves(steps):
    outbox, number, added = Outbox(1, CHANNELS), 1, 0
    answered, flying = [], []
    for step in [*steps, ("seal",)]:
        if step[0] == "add":
            added += 1
            outbox.add(step[2], item(step[1], added), 0)
        elif step[0] == "seal":
            number += len(outbox.seal(number))
        elif step[0] == "take":
            if (parcels := outbox.pop_ready(0)) is not None:
                flying.append(parcels)
        elif flying:
            parcels = flying.pop(len(flying) // 2)
            if step[0] == "answer":
                answered += parcels.request.items
                outbox.close(parcels, 0)
            elif step[0] == "halve" and len(parcels.request.items) > 1:
                number += len(outbox.split(parcels, number))
            else:
                outbox.put_off(parcels)
    while flying or (ready := outbox.pop_ready(0)) is not None:
        parcels = flying.pop(0) if flying else ready
        answered += parcels.request.items
        outbox.close(parcels, 0)
    assert outbox.open_count == 0
    assert sorted(one.offset for one in answered) == list(range(1, added + 1))
    for profile_id in range(1, 6):
        mine = [one.offset for one in answered if one.profile_id == profile_id]
        assert mine == sorted(mine)


@given(STEPS)
def test_a_restart_keeps_the_order(steps):
    outbox, number, added = Outbox(1, CHANNELS), 1, 0
    stored = []
    for step in steps:
        if step[0] == "add":
            added += 1
            outbox.add(step[2], item(step[1], added), 0)
        elif step[0] == "seal":
            new = outbox.seal(number)
            number += len(new)
            stored += new
    again = Outbox(1, CHANNELS)
    again.restore(sorted(stored, key=lambda one: one.id))
    answered = [one for parcels in drain(again) for one in parcels.request.items]
    assert len(answered) == sum(len(one.items) for one in stored)
    for profile_id in range(1, 6):
        mine = [one.offset for one in answered if one.profile_id == profile_id]
        assert mine == sorted(mine)
