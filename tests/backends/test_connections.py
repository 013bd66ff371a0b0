"""Connections replaced whole, with their goals, in one transaction."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.fernet import Fernet

from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.connections import ConnectionStore
from onefold.errors import RequestError
from onefold.model.connection import Connection
from onefold.model.goal import Goal


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ConnectionStore]:
    control = ControlDatabase.writer(tmp_path)
    made = ConnectionStore(control, Fernet(Fernet.generate_key()))
    made.create(Connection(0, "Other", "braze"))
    made.create(
        Connection(0, "Braze", "braze", secrets={"api_key": "k"}),
        [Goal(0, 0, "export", "People"), Goal(0, 0, "events", "Events")],
    )
    yield made
    control.close()


def found(store: ConnectionStore, name: str) -> tuple[Connection, list[Goal]]:
    connection = store.find(name)
    assert connection is not None
    return connection, store.goals([connection.id])


def test_goals_keep_their_id_come_and_go_and_stand_in_the_order_given(store: ConnectionStore) -> None:
    before, (people, events) = found(store, "Braze")
    changed = msgspec.structs.replace(before, description="New", version=2)
    new = Goal(0, before.id, "events", "Views")
    store.replace(changed, [new, events], before=before, goals_before=[people, events])
    after, goals = found(store, "Braze")
    assert after == changed
    assert [(goal.name, goal.position) for goal in goals] == [("Views", 0), ("Events", 1)]
    assert goals[1].id == events.id
    assert goals[0].id not in (people.id, events.id)


def test_what_was_changed_meanwhile_is_not_overwritten(store: ConnectionStore) -> None:
    before, goals = found(store, "Braze")
    changed = msgspec.structs.replace(before, description="Mine", version=2)
    store.change_goal(msgspec.structs.replace(goals[0], name="Theirs", version=2), version=1)
    with pytest.raises(RequestError, match="changed by someone else"):
        store.replace(changed, goals, before=before, goals_before=goals)
    _, goals = found(store, "Braze")
    store.change(msgspec.structs.replace(before, description="Theirs", version=2), version=1)
    with pytest.raises(RequestError, match="changed by someone else"):
        store.replace(changed, goals, before=before, goals_before=goals)
    assert found(store, "Braze")[0].description == "Theirs"


def test_nothing_is_changed_when_the_name_is_taken(store: ConnectionStore) -> None:
    before, goals = found(store, "Braze")
    changed = msgspec.structs.replace(before, name="Other", version=2)
    with pytest.raises(RequestError, match="exists already"):
        store.replace(changed, [], before=before, goals_before=goals)
    assert found(store, "Braze") == (before, goals)
