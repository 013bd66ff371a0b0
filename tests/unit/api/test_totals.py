"""Totals by the API, of events that came in through it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.runtime.client import open_client

URL = "/api/v1/totals"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        key = client.post("/api/v1/sources", json={"name": "shop"}).json()["write_key"]
        orders = [
            ("2026-03-01T23:59:59Z", "Order Completed", {"revenue": 0.1, "currency": "EUR"}),
            ("2026-03-01T12:00:00Z", "Order Completed", {"revenue": 0.2, "currency": "EUR"}),
            ("2026-03-02T00:00:00Z", "Order Completed", {"revenue": 5, "currency": "USD"}),
            ("2026-03-02T00:00:00Z", "Seen", {}),
        ]
        batch = [
            {"type": "track", "messageId": str(n), "anonymousId": "a", "timestamp": at, "event": name,
             "properties": properties}
            for n, (at, name, properties) in enumerate(orders)
        ]  # fmt: skip
        assert client.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200
        yield client


def items(api: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(URL, params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_days_are_utc_and_newest_first(api: httpx.Client) -> None:
    assert items(api) == [
        {
            "day": "2026-03-02", "source_id": None, "source": None, "event": None, "currency": None,
            "count": 2, "revenue": [{"currency": "USD", "amount": "5"}],
        },
        {
            "day": "2026-03-01", "source_id": None, "source": None, "event": None, "currency": None,
            "count": 2, "revenue": [{"currency": "EUR", "amount": "0.3"}],
        },
    ]  # fmt: skip


def test_groups_are_what_by_says(api: httpx.Client) -> None:
    assert [(one["event"], one["count"]) for one in items(api, by="event")] == [
        ("Order Completed", 3),
        ("Seen", 1),
    ]
    assert [(one["source_id"], one["source"]) for one in items(api, by="source")] == [(1, "shop")]
    assert [(one["currency"], one["count"]) for one in items(api, by="currency")] == [
        ("", 1),
        ("EUR", 2),
        ("USD", 1),
    ]
    assert [one["count"] for one in items(api, by="total")] == [4]
    assert [(one["day"], one["event"]) for one in items(api, by=["event", "day"])] == [
        ("2026-03-02", "Order Completed"),
        ("2026-03-02", "Seen"),
        ("2026-03-01", "Order Completed"),
    ]


def test_filters_are_by_day_source_event_and_currency(api: httpx.Client) -> None:
    assert [one["day"] for one in items(api, **{"from": "2026-03-02"})] == ["2026-03-02"]
    assert [one["day"] for one in items(api, to="2026-03-01")] == ["2026-03-01"]
    assert [one["count"] for one in items(api, by="total", event="Seen", source="shop")] == [1]
    assert [one["count"] for one in items(api, by="total", currency="eur")] == [2]


def test_pages_follow_one_another(api: httpx.Client) -> None:
    found: list[Any] = []
    cursor: Any = ""
    while cursor is not None:
        page = api.get(URL, params={"by": ["day", "event"], "limit": 1, "cursor": cursor}).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == items(api, by=["day", "event"])


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"source": "nobody"}, 404, "api.unknown_source"),
        ({"by": "weekday"}, 400, "api.bad_request"),
        ({"from": "yesterday"}, 400, "api.bad_request"),
        ({"cursor": "WzFd", "by": "event"}, 400, "api.bad_cursor"),
        ({"cursor": "!"}, 400, "api.bad_cursor"),
    ],
)
def test_what_cannot_be_asked_is_told(
    api: httpx.Client, query: dict[str, str], status: int, code: str
) -> None:
    answer = api.get(URL, params=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
