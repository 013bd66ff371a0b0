"""How a segment grew, by the API: days in order, quiet ones too, today included."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.backends.embedded.database import database_path
from onefold.runtime.client import open_client

URL = "/api/v1/segments"
KNOWN = {"kind": "identifier", "identifier": "user_id"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        made = client.post(URL, json={"name": "Known", "condition": KNOWN})
        assert made.status_code == 201, made.text
        key = client.post("/api/v1/sources", json={"name": "shop"}).json()["write_key"]
        batch = [{"type": "identify", "userId": name} for name in ("ann", "bob")]
        assert client.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200
        yield client


def growth(api: httpx.Client, **query: int) -> dict[str, Any]:
    answer = api.get(f"{URL}/Known/growth", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def put_back(directory: Path, days: int) -> None:
    """What was counted was so many days ago."""
    with closing(sqlite3.connect(database_path(directory, "state"))) as connection:
        connection.execute("update segment_day set day = day - ?", (days,))
        connection.commit()


def test_a_young_segment_begins_with_the_day_on_which_it_was_made(api: httpx.Client) -> None:
    found = growth(api)
    assert found["days"][0] == {"day": found["since"], "entered": 2, "left": 0, "people": 2}
    assert found["days"][-1]["people"] == 2


def test_quiet_days_up_to_today_are_told(api: httpx.Client, tmp_path: Path) -> None:
    put_back(tmp_path, 5)
    found = growth(api)
    since = date.fromisoformat(found["since"])
    days = [(since + timedelta(number)).isoformat() for number in range(len(found["days"]))]
    assert [one["day"] for one in found["days"]] == days
    assert len(days) >= 6
    assert [(one["entered"], one["people"]) for one in found["days"]] == [(2, 2), *[(0, 2)] * (len(days) - 1)]


def test_only_the_days_that_are_asked_for_are_told(api: httpx.Client, tmp_path: Path) -> None:
    put_back(tmp_path, 5)
    found = growth(api, days=3)
    assert [(one["entered"], one["people"]) for one in found["days"]] == [(0, 2)] * 3
    assert found["since"] < found["days"][0]["day"]


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_number_of_days_that_makes_no_sense_is_refused(api: httpx.Client, days: int) -> None:
    answer = api.get(f"{URL}/Known/growth", params={"days": days})
    assert (answer.status_code, answer.json()["field"]) == (400, "days")


def test_a_segment_that_is_not_there_is_not_found(api: httpx.Client) -> None:
    assert api.get(f"{URL}/Nobody/growth").json()["code"] == "api.unknown_segment"
