"""Deltas against the ledger: following them from any state gives what is wanted, at the least cost."""

from hypothesis import given
from hypothesis import strategies as st

from onefold.activate.apart import Holds
from onefold.activate.contest import shared_ledger
from onefold.activate.ledger import (
    ADDRESS,
    CONTENT,
    LedgerBook,
    courtesy_ledger,
    hash_value,
    known_ledger,
    plan_delta,
    put_off_ledger,
)
from onefold.activate.store import Writes
from onefold.model.delivery import Item
from onefold.model.delta import UNKNOWN


class NoStore:
    """Nothing was ever accepted."""

    def __init__(self, rows=None):
        self.rows = rows or {}

    def ledger(self, ledger_id, profile_ids):
        return {one: dict(self.rows[ledger_id, one]) for one in profile_ids if (ledger_id, one) in self.rows}


def apply(held, delta):
    for field, mark in delta.marks.items():
        if mark is None:
            held.pop(field, None)
        else:
            held[field] = mark


VALUE = st.sampled_from([None, 0, 1, 2, "", "x", 1.5])
VALUES = st.fixed_dictionaries(dict.fromkeys("abcd", VALUE))


@given(st.lists(VALUES, max_size=6))
def test_following_deltas_gives_what_is_wanted(history):
    held, remote = {}, {}
    for wanted in history:
        delta = plan_delta(1, held, wanted, "e:u")
        for field, value in delta.fields.items() if delta else ():
            assert remote.get(field) != value, "a field that the destination holds already costs nothing"
            if value is None:
                assert field in remote, "a field is removed only if it was set"
                del remote[field]
            else:
                remote[field] = value
        if delta:
            apply(held, delta)
        assert remote == {field: value for field, value in wanted.items() if value is not None}
        assert plan_delta(1, held, wanted, "e:u") is None


def test_a_new_address_is_told_everything():
    held = {}
    apply(held, plan_delta(1, held, {"a": 1, "b": 2}, "a:anonymous"))
    delta = plan_delta(1, held, {"a": 1, "b": None}, "e:u")
    assert delta.fields == {"a": 1, "b": None}


def test_a_field_no_longer_mapped_counts_as_unknown_at_a_new_address():
    held = {"old": 5, "a": 1, ADDRESS: hash_value("a:anonymous")}
    assert plan_delta(1, held, {"a": 1}, "e:u").marks["old"] == UNKNOWN


def test_a_refused_value_is_not_sent_again_but_another_is():
    held = {"a": -hash_value("bad"), ADDRESS: hash_value("e:u")}
    assert plan_delta(1, held, {"a": "bad"}, "e:u") is None
    assert plan_delta(1, held, {"a": "good"}, "e:u").fields == {"a": "good"}


def marked(profile_id, **marks):
    return Item("attributes", b"{}", 1, profile_id, 0, -1, 0, 7, marks)


def test_what_is_under_way_is_expected_but_not_accepted():
    book, writes = LedgerBook(NoStore()), Writes()
    item = marked(1, a=5)
    book.sent(item)
    assert book.expected(7, 1) == {"a": 5}
    book.settle(item, passed=True, writes=writes)
    assert writes.ledger == {(7, 1): {"a": 5}}


def test_a_refused_item_leaves_negative_marks():
    book, writes = LedgerBook(NoStore()), Writes()
    item = marked(1, a=5)
    book.sent(item)
    book.settle(item, passed=False, writes=writes)
    assert writes.ledger == {(7, 1): {"a": -5}}


def test_a_merge_marks_the_losers_fields_unknown():
    book, writes = LedgerBook(NoStore({(7, 1): {"a": 5, "b": 6}, (7, 2): {"b": 9}})), Writes()
    book.join(7, 1, 2, writes)
    assert writes.ledger == {(7, 1): None, (7, 2): {"b": 9, "a": UNKNOWN}}


def test_an_item_of_a_merged_profile_settles_with_the_survivor():
    book, writes = LedgerBook(NoStore()), Writes()
    item = marked(1, a=5)
    book.sent(item)
    book.join(7, 1, 2, writes)
    book.join(7, 2, 3, writes)
    book.settle(item, passed=True, writes=writes)
    assert writes.ledger[7, 3]["a"] == 5
    book.forget_settled()
    assert book.expected(7, 3) == {}, "read again from the store, which this test never wrote"


def test_what_is_taken_back_is_as_if_never_sent():
    book = LedgerBook(NoStore({(-1, 7): {"a1": 1}}))
    item = Item("aliases", b"{}", 1, 7, 0, 0, 0, -1, {"a1": 2, "a2": 2})
    book.sent(item)
    assert book.expected(-1, 7) == {"a1": 2, "a2": 2}
    book.withdraw(item)
    assert book.expected(-1, 7) == {"a1": 1}
    book.forget_settled()
    assert book.expected(-1, 7) == {"a1": 1}


def test_in_a_shared_ledger_each_mark_holds_its_address():
    held = {}
    wanted = {"tier": "vip", "plan": "pro", "gone": None}
    delta = plan_delta(1, held, wanted, "e:u", is_shared=True)
    assert delta.fields == {"tier": "vip", "plan": "pro"}
    apply(held, delta)
    assert plan_delta(1, held, wanted, "e:u", is_shared=True) is None
    moved = plan_delta(1, held, {"tier": "vip"}, "m:a@x.org", is_shared=True)
    assert moved.fields == {"tier": "vip"}, "to another address it is told"
    apply(held, moved)
    assert plan_delta(1, held, {"plan": "pro"}, "e:u", is_shared=True) is None, "others are not touched by it"
    assert plan_delta(1, held, {"plan": None}, "e:u", is_shared=True).marks == {"plan": None}


def test_fields_that_another_ledger_keeps_are_forgotten():
    book, writes = LedgerBook(NoStore({(1, 1): {"tier": 5, "plan": 7}})), Writes()
    book.fetch(1, [1])
    book.forget(1, 1, ["tier", "never"], writes)
    assert book.expected(1, 1) == {"plan": 7}
    assert writes.ledger == {(1, 1): {"plan": 7}}
    untouched = Writes()
    book.forget(1, 1, ["tier"], untouched)
    assert not untouched


def test_what_was_withdrawn_is_sent_later_though_something_behind_it_passed():
    book, writes = LedgerBook(NoStore()), Writes()
    first, second = marked(1, a=5, **{CONTENT: 11}), marked(1, b=6, **{CONTENT: 12})
    book.sent(first)
    book.sent(second)
    book.cancel(first, writes, may_be_held=False)
    book.settle(second, passed=True, writes=writes)
    assert writes.ledger == {(7, 1): {"b": 6}}, "no content that says that all is there"
    assert book.expected(7, 1) == {"b": 6}


def test_what_was_cancelled_after_a_try_is_unknown():
    book, writes = LedgerBook(NoStore()), Writes()
    item = marked(1, a=5, **{CONTENT: 11})
    book.sent(item)
    book.cancel(item, writes, may_be_held=True)
    assert writes.ledger == {(7, 1): {"a": UNKNOWN}}
    assert book.expected(7, 1) == {"a": UNKNOWN}


def test_taking_back_what_never_arrived_is_nothing():
    book = LedgerBook(NoStore())
    setting, removing, replacing = marked(1, a=5), marked(1, a=None), marked(1, a=6)
    for item in (setting, removing, replacing):
        book.sent(item)
    book.cancel(setting, Writes(), may_be_held=False)
    assert book.takes_back_nothing(removing)
    assert book.takes_back_nothing(replacing), "what leaving makes of a field is for who has it"
    assert not book.takes_back_nothing(Item("external_ids", b"{}", 1, 1, 0, -1, 0))


def test_no_two_kinds_of_ledgers_share_an_id():
    ids = range(1, 1000)
    ledgers = [
        *(known_ledger(one) for one in ids),
        *(courtesy_ledger(one) for one in ids),
        *(put_off_ledger(one) for one in ids),
        *(Holds(one).ledger_id for one in ids),
        *(shared_ledger(one) for one in ids),
        *ids,
    ]
    assert len(set(ledgers)) == len(ledgers)
