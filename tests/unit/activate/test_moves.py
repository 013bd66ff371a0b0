"""Who moved by a change: people, whatever profiles they were before."""

import pytest

from onefold.activate.moves import moves_of
from onefold.model.change import Change


def moves(kind, *, entered=(), left=(), merged=(), members=()):
    change = Change(1, 1, 1, [], list(entered), list(left), list(merged))
    return [move.profile_id for move in moves_of(change, kind, 7, lambda one: one in members)]


def test_each_move_of_the_segment_counts_and_no_other():
    assert moves("entered", entered=[(7, 1), (8, 2), (7, 3)]) == [1, 3]
    assert moves("left", left=[(7, 1), (8, 2)]) == [1]


def test_someone_who_enters_and_leaves_at_once_did_both():
    both = {"entered": [(7, 1)], "left": [(7, 1)]}
    assert moves("entered", **both) == moves("left", **both) == [1]


@pytest.mark.parametrize(
    ("entered", "left", "members", "did"),
    [
        # The loser was a member, and the survivor is, or becomes one: the person stays in.
        ([], [(7, 1)], {2}, None),
        ([(7, 2)], [(7, 1)], {2}, None),
        # The survivor is none: the person leaves, once.
        ([], [(7, 1)], set(), "left"),
        ([], [(7, 1), (7, 2)], set(), "left"),
        # Nobody was a member, and what both know together makes one.
        ([(7, 2)], [], {2}, "entered"),
        # The loser entered in the same commit, and was merged away.
        ([(7, 1), (7, 2)], [(7, 1)], {2}, "entered"),
    ],
)
def test_a_merge_moves_nobody_who_stays(entered, left, members, did):
    for kind in ("entered", "left"):
        found = moves(kind, entered=entered, left=left, merged=[(1, 2)], members=members)
        assert found == ([2] if kind == did else [])


def test_a_chain_of_merges_ends_at_its_survivor():
    assert moves("left", left=[(7, 1)], merged=[(1, 2), (2, 3)], members=()) == [3]
    assert moves("left", left=[(7, 1)], merged=[(1, 2), (2, 3)], members={3}) == []
