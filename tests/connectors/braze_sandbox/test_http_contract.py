"""Key, path, permission, content type, size and JSON are checked in Braze's order, with its texts."""

from __future__ import annotations

import json

import pytest

from onefold.testing.sandbox import BrazeSandbox

GOOD = {"Authorization": "Bearer sandbox-key", "Content-Type": "application/json"}
OBJECT = {"attributes": [{"external_id": "u1"}]}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        'Bearer "sandbox-key"',
        "Bearer other",
        "sandbox-key",
        "Basic sandbox-key",
    ],
)
@pytest.mark.parametrize("path", ["/users/track", "/nowhere"])
def test_key_is_checked_before_anything_else(
    braze: BrazeSandbox, authorization: str | None, path: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    reply = braze.send("POST", path, b"not json", headers)
    assert (reply.status, reply.payload) == (401, {"message": "Invalid API Key"})


def test_missing_permission_is_403(braze: BrazeSandbox) -> None:
    reply = braze.call("/users/delete", {"external_ids": ["u1"]}, key="only-track")
    assert (reply.status, reply.payload) == (403, {"message": "Access Denied"})
    assert braze.call("/users/track", OBJECT, key="only-track").status == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/users/track/"),
        ("GET", "/users/track"),
        ("POST", "/users/track/bulk2"),
        ("POST", "/segments/list"),
        ("PUT", "/users/track"),
    ],
)
def test_unknown_path_or_method_is_404(braze: BrazeSandbox, method: str, path: str) -> None:
    reply = braze.send(method, path, b"{}", GOOD)
    assert (reply.status, reply.payload) == (404, {"message": "Invalid URL"})


def test_trailing_slash_may_be_tolerated(braze: BrazeSandbox) -> None:
    braze.change_settings(strict_paths=False)
    assert braze.call("/users/track/", OBJECT).status == 201


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_other_content_types_are_415(braze: BrazeSandbox, content_type: str | None) -> None:
    headers = {"Authorization": GOOD["Authorization"]}
    if content_type is not None:
        headers["Content-Type"] = content_type
    assert braze.send("POST", "/users/track", json.dumps(OBJECT).encode(), headers).status == 415


def test_content_type_may_name_a_charset(braze: BrazeSandbox) -> None:
    headers = {**GOOD, "Content-Type": "Application/JSON; charset=UTF-8"}
    assert braze.send("POST", "/users/track", json.dumps(OBJECT).encode(), headers).status == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'attributes': []}",
        b'{"attributes": [],}',
        b'\xef\xbb\xbf{"attributes": []}',
        b'{"attributes": [] /* none */}',
        b'{"a": NaN}',
        b'{"a": "\xff"}',
        b"[" * 5_000 + b"]" * 5_000,
        b"[]",
        b'"text"',
        b"null",
    ],
)
def test_what_is_not_a_json_object_is_400(braze: BrazeSandbox, body: bytes) -> None:
    reply = braze.send("POST", "/users/track", body, GOOD)
    assert reply.status == 400
    assert reply.payload["message"]


def test_body_over_4_mb_is_413(braze: BrazeSandbox) -> None:
    padding = 4 * 1024 * 1024 - len(b'{"x":""}')
    largest = b'{"x":"' + b"a" * padding + b'"}'
    assert braze.send("POST", "/users/track", largest, GOOD).status == 400
    assert braze.send("POST", "/users/track", largest + b" ", GOOD).status == 413


def test_success_has_the_recorded_shape(braze: BrazeSandbox) -> None:
    reply = braze.call("/users/track", OBJECT)
    assert (reply.status, reply.payload) == (201, {"message": "success", "attributes_processed": 1})
    assert {
        "x-request-id",
        "x-runtime",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
    } <= (reply.headers.keys())


def test_segments_list_is_an_empty_page(braze: BrazeSandbox) -> None:
    reply = braze.call("/segments/list?page=0&sort_direction=asc", method="GET")
    assert (reply.status, reply.payload) == (200, {"message": "success", "segments": []})


def test_hostile_numbers_and_depth_hurt_nobody(braze: BrazeSandbox) -> None:
    deep: object = 1
    for _ in range(200):
        deep = [deep]
    reply = braze.track(
        attributes=[
            {"external_id": "u1", "n": 10**400},
            {"external_id": "u1", "deep": deep},
            {"external_id": "u1", "ok": 1},
        ]
    )
    assert reply.status == 201
    assert [(e["type"], e["index"]) for e in reply.payload["errors"]] == [  # type: ignore[attr-defined]
        ("'n' is not valid", 0),
        ("'deep' is not valid", 1),
    ]
