"""Listing connections by what a person remembers of them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from onefold.runtime.client import open_client

URL = "/api/v1/connections"
BRAZE = {
    "connector": "braze",
    "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
    "secrets": {"api_key": "very-secret"},
}
MADE = [
    {"name": "beta", "labels": ["shop", "eu"], "owner": "ann@example.org"},
    {"name": "Alpha", "labels": ["shop"], "favourite": True, "enabled": False},
    {"name": "gamma", "description": "The European one", "favourite": True},
    {"name": "delta", "enabled": False},
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_client(tmp_path_factory.mktemp("list"), create=True) as client:
        for one in MADE:
            assert client.post(URL, json={**BRAZE, **one}).status_code == 201
        yield client


def names(api: httpx.Client, **query: Any) -> list[str]:
    answer = api.get(URL, params=query)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["beta", "Alpha", "gamma", "delta"]),
        ({"label": "shop"}, ["beta", "Alpha"]),
        ({"connector": "braze", "enabled": False}, ["Alpha", "delta"]),
        ({"enabled": True}, ["beta", "gamma"]),
        ({"connector": "other"}, []),
        ({"favourite": True}, ["Alpha", "gamma"]),
        ({"favourite": False}, ["beta", "delta"]),
        ({"search": "EU"}, ["beta", "gamma"]),
        ({"search": "ann@"}, ["beta"]),
        ({"sort": "name"}, ["Alpha", "beta", "delta", "gamma"]),
        ({"sort": "-name"}, ["gamma", "delta", "beta", "Alpha"]),
        ({"sort": "-created"}, ["delta", "gamma", "Alpha", "beta"]),
        ({"sort": "favourite"}, ["Alpha", "gamma", "beta", "delta"]),
    ],
)
def test_filters_and_orders(api: httpx.Client, query: dict[str, Any], found: list[str]) -> None:
    assert names(api, **query) == found


@pytest.mark.parametrize("sort", ["created", "-created", "name", "-name", "favourite"])
def test_pages_hold_each_once_in_every_order(api: httpx.Client, sort: str) -> None:
    whole = names(api, sort=sort)
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(URL, params={"sort": sort, "limit": 1, "cursor": cursor}).json()
        found += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert found == whole


def test_a_foreign_cursor_and_an_unknown_order_are_refused(api: httpx.Client) -> None:
    assert api.get(URL, params={"cursor": "NDI"}).json()["code"] == "api.bad_cursor"
    assert api.get(URL, params={"sort": "size"}).status_code == 400


def test_an_owner_can_be_given_and_changed(api: httpx.Client) -> None:
    assert api.get(f"{URL}/beta").json()["owner"] == "ann@example.org"
    assert api.patch(f"{URL}/delta", json={"owner": "Bo"}).json()["owner"] == "Bo"
    assert api.patch(f"{URL}/delta", json={"owner": ""}).json()["owner"] == ""
