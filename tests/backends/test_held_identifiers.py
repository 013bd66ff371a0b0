"""Who holds identifiers of some values or kinds, counted in a time."""

from pathlib import Path

import pytest

from onefold.backends.embedded.held_identifiers import count_holders
from onefold.backends.embedded.state import EmbeddedState
from onefold.pipeline.store import Position, Writes

KEYS = [
    ("email:ada@example.org", 1),
    ("user_id:Demo", 1),
    ("anonymous_id:'demo'", 2),
    ("crm:demo:2", 3),
    ("crm:7", 3),
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    state = EmbeddedState(tmp_path)
    writes = Writes(Position(1))
    writes.identifiers = sorted(KEYS)
    state.commit(writes)
    state.close()
    return tmp_path


def test_values_count_whatever_their_case_and_quotes_and_a_profile_once(place: Path) -> None:
    assert count_holders(place, {"demo"}, (), is_over=lambda: False) == 2
    assert count_holders(place, {"demo", "ada@example.org"}, (), is_over=lambda: False) == 2
    assert count_holders(place, {"demo"}, {"crm"}, is_over=lambda: False) == 3
    assert count_holders(place, (), {"crm", "user_id"}, is_over=lambda: False) == 2
    assert count_holders(place, (), (), is_over=lambda: False) == 0


def test_nobody_is_there_before_the_worker_is(tmp_path: Path) -> None:
    assert count_holders(tmp_path, {"demo"}, (), is_over=lambda: False) == 0


def test_what_takes_too_long_is_not_told(place: Path) -> None:
    state = EmbeddedState(place)
    writes = Writes(Position(2))
    writes.identifiers = [(f"user_id:{number:06}", number) for number in range(20_000)]
    state.commit(writes)
    state.close()
    assert count_holders(place, {"demo"}, (), is_over=lambda: True) is None
