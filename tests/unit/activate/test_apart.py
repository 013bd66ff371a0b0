"""What stands apart is held until its time, then handed out once."""

from onefold.activate.apart import FAR, LOOK_EVERY, RETELL, SETTLE, Holds
from onefold.activate.ledger import LedgerBook
from onefold.activate.store import Writes
from onefold.clock import SECOND
from onefold.plugin import Apart, Draft

NOW = 1_000_000 * SECOND
HOLD_S = 3600


class NoLedger:
    def ledger(self, ledger_id, profile_ids):
        return {}

    def has_ledger(self, ledger_id):
        return False

    def ledger_page(self, ledger_id, after, limit):
        return []


def one(name="a2"):
    return Apart(name, Draft("merge", "merge_updates", b"{}"), HOLD_S)


def made():
    return Holds(1), LedgerBook(NoLedger()), Writes()


def marks(holds, writes):
    return writes.ledger[holds.ledger_id, 7]


def test_it_is_noted_first_and_taken_when_its_time_has_come():
    holds, book, writes = made()
    assert holds.take(book, writes, 7, [one()], NOW) == []
    due = NOW + HOLD_S * SECOND
    assert marks(holds, writes) == {"a2": due}
    assert holds.take(book, writes, 7, [one()], due - 1) == []
    assert holds.take(book, writes, 7, [one()], due) == [one().draft]
    assert marks(holds, writes) == {RETELL: due + SETTLE}


def test_each_has_its_own_time():
    holds, book, writes = made()
    holds.take(book, writes, 7, [one()], NOW)
    holds.take(book, writes, 7, [one(), one("a3")], NOW + 5)
    assert marks(holds, writes) == {"a2": NOW + HOLD_S * SECOND, "a3": NOW + 5 + HOLD_S * SECOND}


def test_what_was_due_is_forgotten_whatever_became_of_it():
    holds, book, writes = made()
    holds.take(book, writes, 7, [one()], NOW)
    holds.drop(book, writes, [7], NOW)
    assert marks(holds, writes)
    holds.drop(book, writes, [7], NOW + HOLD_S * SECOND)
    assert marks(holds, writes) is None


def test_the_next_look_is_when_the_first_is_due_and_never_at_once():
    holds, book, writes = made()
    holds.rest(FAR, NOW)
    assert holds.next_at == FAR
    holds.take(book, writes, 7, [one()], NOW)
    due = NOW + HOLD_S * SECOND
    assert holds.next_at == due
    holds.rest(FAR, NOW)
    assert holds.next_at == due, "noted while the others were looked at"
    holds.rest(NOW + 1, NOW)
    assert holds.next_at == NOW + LOOK_EVERY


def test_nothing_is_read_where_nothing_was_ever_held():
    holds, book, writes = made()
    assert holds.take(book, writes, 7, [], NOW) == []
    assert not writes.ledger
