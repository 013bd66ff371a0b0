"""The contract suite: plain cases, each from a section of the collected facts, asked over a real socket.

A case is a list of steps. `post`/`get`/`put`/`patch`/`delete` call the Braze API, with a `body` or `raw` text
and a `type` of content, and compare status, answer and headers; `define` and `remove` speak to the control
API; `settings` and `clock` change them; `flush` applies what waits; `user`, `ignored`, `sends`, `exports` and
`data_points` look at the state. In what is expected, `<any>` stands for any value, `<uuid>` for an id, `~`
starts a pattern, and a key `...` allows further keys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from onefold.sandbox.braze.endpoints import ENDPOINTS, find_endpoint
from onefold.testing.sandbox import BrazeSandbox, Reply

CASES = Path(__file__).parent / "cases"
METHODS = ("post", "get", "put", "patch", "delete")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FACTS = re.compile(r"facts: \d+(\.\d+)*")
Step = dict[str, Any]


def load() -> list[Any]:
    """Return all cases as parameters, named by file and rule."""
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in sorted(CASES.glob("*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))
    ]


def differ(expected: object, actual: object, at: str = "") -> str | None:
    """Return the first difference, or None."""
    if expected == "<any>":
        return None
    if expected == "<uuid>" or (isinstance(expected, str) and expected.startswith("~")):
        pattern = UUID if expected == "<uuid>" else re.compile(str(expected)[1:])
        matches = isinstance(actual, str) and pattern.fullmatch(actual)
        return None if matches else f"{at}: {actual!r} is not {expected}"
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted = {key: value for key, value in expected.items() if key != "..."}
        if "..." not in expected and actual.keys() - wanted.keys():
            return f"{at}: not expected: {sorted(actual.keys() - wanted.keys())}"
        found = (differ(value, actual.get(key, "(absent)"), f"{at}.{key}") for key, value in wanted.items())
        return next((one for one in found if one is not None), None)
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = zip(expected, actual, strict=True)
        found = (differ(one, other, f"{at}[{n}]") for n, (one, other) in enumerate(pairs))
        return next((one for one in found if one is not None), None)
    return None if expected == actual else f"{at}: {actual!r}, expected {expected!r}"


def check(expected: object, actual: object, step: Step) -> None:
    """Fail with the step when something differs."""
    difference = differ(expected, actual)
    assert difference is None, f"{difference} in {json.dumps(step)}"


def call(braze: BrazeSandbox, step: Step) -> None:
    """Ask the Braze API."""
    method = next(name for name in METHODS if name in step)
    path = step[method] if "query" not in step else step[method] + "?" + step["query"]
    for _ in range(step.get("times", 1)):
        if "raw" in step or "type" in step or step.get("key") == "":
            reply = send_raw(braze, step, method, path)
        else:
            body = step.get("body", {}) if method != "get" else None
            reply = braze.call(path, body, method.upper(), step.get("key"))
    assert reply.status == step["status"], f"{reply.status} {reply.payload} in {json.dumps(step)}"
    if "answer" in step:
        check(step["answer"], reply.payload, step)
    for name, value in step.get("headers", {}).items():
        check(value, reply.headers.get(name, "(absent)"), step)


def send_raw(braze: BrazeSandbox, step: Step, method: str, path: str) -> Reply:
    """Ask with bytes, a content type and a key of the step's own; an empty key or type sends none."""
    key, content_type = step.get("key", braze.api_key), step.get("type", "application/json")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    if content_type:
        headers["Content-Type"] = content_type
    return braze.send(method.upper(), path, step.get("raw", "{}").encode(), headers)


def look_at_user(braze: BrazeSandbox, step: Step) -> None:
    """Compare what is known of one person."""
    user = braze.user(step["user"])
    check({"...": 0, **step["has"]} if step["has"] is not None else None, user, step)


def look_at_points(braze: BrazeSandbox, step: Step) -> None:
    """Compare what was billed, field by field."""
    points = braze.stats()["data_points"]
    check(
        {"total": sum(step["data_points"].values()), "by_field": step["data_points"], "...": 0}, points, step
    )


def look_at(name: str) -> Callable[[BrazeSandbox, Step], None]:
    """Return a look at one list or table of the control API."""

    def look(braze: BrazeSandbox, step: Step) -> None:
        shown = braze.control("GET", name)
        check(step[name], shown["by_reason"] if name == "ignored" else shown[name], step)

    return look


ACTIONS: dict[str, Callable[[BrazeSandbox, Step], object]] = {
    "settings": lambda braze, step: braze.change_settings(**step["settings"]),
    "clock": lambda braze, step: braze.set_clock(**step["clock"]),
    "flush": lambda braze, _step: braze.flush(),
    "define": lambda braze, step: braze.control("POST", step["define"], step["body"]),
    "remove": lambda braze, step: braze.control("DELETE", step["remove"]),
    "user": look_at_user,
    "ignored": look_at("ignored"),
    "sends": look_at("sends"),
    "data_points": look_at_points,
    "exports": look_at("exports"),
}


@pytest.mark.parametrize("case", load())
def test_the_sandbox_answers_as_the_facts_say(braze: BrazeSandbox, case: dict[str, Any]) -> None:
    assert FACTS.fullmatch(case["facts"])
    assert case["page"]
    for step in case["steps"]:
        action = next((ACTIONS[name] for name in ACTIONS if name in step), call)
        action(braze, step)


def test_every_endpoint_has_a_case() -> None:
    asked = set()
    for parameter in load():
        for step in parameter.values[0]["steps"]:
            for method in METHODS:
                found = find_endpoint(method.upper(), quote(step[method])) if method in step else None
                if found is not None:
                    asked.add((method.upper(), found.route))
    assert sorted(ENDPOINTS.keys() - asked) == []


def test_differences_are_seen() -> None:
    """The comparison itself: what is extra, missing or other is a difference."""
    assert differ({"a": 1}, {"a": 1}) is None
    assert differ({"a": 1, "...": 0}, {"a": 1, "b": 2}) is None
    for expected, actual in [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1}, {}),
        ([1], [1, 2]),
        ({"a": ["~x+"]}, {"a": ["xy"]}),
        ("<uuid>", "no"),
    ]:
        assert differ(expected, actual) is not None
