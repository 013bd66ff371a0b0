"""Sessions, as control.db keeps them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.callers import SESSION_ID_CHARS, CallerStore, session_id
from onefold.clock import DAY, MINUTE, SECOND

AT = 1_795_000_000_000_000
ADA = 1


@pytest.fixture
def callers(tmp_path: Path) -> Iterator[CallerStore]:
    database = ControlDatabase.writer(tmp_path)
    yield CallerStore(database)
    database.close()


def test_a_look_up_is_noted_to_the_minute(callers: CallerStore) -> None:
    secret = callers.create_session(ADA, AT, AT + DAY)
    seen = []
    for at in (AT + 59 * SECOND, AT + MINUTE, AT + MINUTE + SECOND):
        assert callers.find_session(secret, at)
        seen.append(callers.list_sessions(ADA, at)[0].last_seen_at - AT)
    assert seen == [0, MINUTE, MINUTE]
    assert callers.find_session(secret, AT + DAY) is None


def test_a_session_is_ended_by_its_whole_id(callers: CallerStore) -> None:
    secret = callers.create_session(ADA, AT, AT + DAY)
    named = session_id(secret)
    assert callers.end_sessions(ADA, session_id=named[:-1]) == 0
    assert callers.end_sessions(ADA, session_id=named) == 1
    assert len(named) == SESSION_ID_CHARS
