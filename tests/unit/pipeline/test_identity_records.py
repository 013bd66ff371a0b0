"""Rules of identity hold from their record on, for every event behind it and for none before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.backends.embedded.identity_rows import find_history
from onefold.backends.embedded.state import EmbeddedState
from onefold.model.identity_rules import IdentityChoice, IdentityRules, resolve
from onefold.model.record import Record, RecordKind
from onefold.pipeline.settings import WorkerSettings
from onefold.pipeline.worker import Worker
from onefold.segment.evaluator import compile_segments
from onefold.testing.fold import (
    START,
    MemoryLog,
    StateTemplate,
    erase_person,
    events_record,
    make_event,
    put_identity,
)
from onefold.unify.settings import UnifySettings

GERMAN = IdentityRules(phone_region="DE", currency="EUR")
NATIONAL = "030 901820"
STORED = "phone:+4930901820"


class Place:
    """A log and a state, folded by a worker that may be started again."""

    def __init__(self, directory: Path, template: StateTemplate) -> None:
        self.directory = directory
        self.log = MemoryLog()
        self.state = template.open(directory)
        self.unify = UnifySettings()
        self.start()

    def start(self) -> None:
        """A worker that knows nothing but what is committed."""
        sizes = WorkerSettings(batch_events_max=1000)
        self.worker = Worker(self.log, self.state, compile_segments, unify=self.unify, settings=sizes)

    def fold(self, *records: Record) -> None:
        for record in records:
            self.log.append(record)
        while self.worker.step():
            pass

    def identifiers(self) -> set[str]:
        return {row[0] for row in self.state._connection.execute("select key from identifier")}

    def letters(self) -> list[str]:
        return [row[0] for row in self.state._connection.execute("select code from letter")]


@pytest.fixture
def place(tmp_path: Path, template: StateTemplate) -> Iterator[Place]:
    made = Place(tmp_path / "data", template)
    yield made
    made.state.close()


def calls(message_id: str, number: str = NATIONAL) -> Record:
    traits = {"phone": number}
    return events_record(make_event(message_id, "identify", user_id=message_id, traits=traits))


def test_rules_hold_for_what_stands_behind_them_in_one_read_of_the_log(place: Place) -> None:
    place.fold(calls("before"), put_identity(GERMAN), calls("behind", "030 901821"))
    assert place.identifiers() == {"user_id:before", "user_id:behind", "phone:+4930901821"}


def test_a_worker_that_starts_again_reads_by_the_rules_that_hold(place: Place) -> None:
    place.fold(put_identity(GERMAN))
    place.start()
    place.fold(calls("later"))
    assert STORED in place.identifiers()


def test_the_settings_of_a_worker_decide_until_a_record_does(place: Place) -> None:
    place.unify = UnifySettings(phone_region="DE", blocked_values=("nobody",))
    place.start()
    place.fold(calls("one"), put_identity(IdentityRules(currency="EUR")), calls("two", "030 901821"))
    assert place.identifiers() == {"user_id:one", STORED, "user_id:two"}
    history = find_history(place.state._connection)
    assert [(row.offset, row.version, row.rules) for row in history] == [
        (0, 0, IdentityRules(phone_region="DE", blocked_values=("nobody",))),
        (2, 1, IdentityRules(currency="EUR")),
    ]


def test_blocked_values_and_traits_that_identify_change_too(place: Place) -> None:
    rules = IdentityRules(blocked_values=("Demo",), trait_identifiers={"card": "loyalty"})
    seen = events_record(make_event("1", "identify", user_id="demo", traits={"card": "c1"}))
    again = events_record(make_event("2", "identify", user_id="demo", traits={"card": "c1"}))
    place.fold(seen)
    assert place.identifiers() == {"user_id:demo"}
    place.fold(put_identity(rules), again)
    assert place.identifiers() == {"user_id:demo", "loyalty:c1"}


def test_a_record_that_comes_again_or_late_says_nothing(place: Place) -> None:
    swiss = IdentityRules(phone_region="CH")
    place.fold(
        put_identity(GERMAN, version=2), put_identity(swiss, version=1), put_identity(swiss, version=2)
    )
    place.fold(calls("one"))
    assert STORED in place.identifiers()
    assert place.worker.position.offset == 4


@pytest.mark.parametrize(
    "body", [b"{", b"\xff", b'{"version": 1, "rules": {"currency": "euro"}}', b"[" * 9999]
)
def test_a_record_that_cannot_be_read_is_a_dead_letter_and_changes_no_rule(place: Place, body: bytes) -> None:
    place.fold(put_identity(GERMAN), Record(RecordKind.IDENTITY_PUT, 0, START, 0, body), calls("one"))
    assert place.letters() == ["unify.bad_identity"]
    assert STORED in place.identifiers()


def test_what_a_failed_commit_would_have_changed_does_not_hold(place: Place, tmp_path: Path) -> None:
    class Killed(EmbeddedState):
        """A store that dies at its first commit."""

        def commit(self, *_: object, **__: object) -> None:
            raise RuntimeError("killed")

    killed = Killed(tmp_path)
    place.log.append(put_identity(GERMAN))
    worker = Worker(place.log, killed, compile_segments)
    with pytest.raises(RuntimeError):
        worker.step()
    assert worker._rules == UnifySettings()
    killed.close()


def test_who_was_known_by_a_value_that_is_blocked_by_now_can_be_erased_whole(place: Place) -> None:
    bad = make_event("bad", "identify", user_id="demo", traits=[1])
    place.fold(events_record(make_event("1", "identify", user_id="demo")), events_record(bad))
    assert place.letters() == ["unify.undecodable"]
    place.fold(put_identity(IdentityRules(blocked_values=("demo",))), erase_person(1))
    assert place.letters() == []
    assert place.identifiers() == set()


def test_what_is_not_chosen_is_as_the_server_says() -> None:
    server = UnifySettings(phone_region="DE", currency="CHF", interactions_max=3)
    assert resolve(IdentityChoice(phone_region=""), server) == IdentityRules(currency="CHF")
    assert type(resolve(IdentityChoice(), server)) is IdentityRules
