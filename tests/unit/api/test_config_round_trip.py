"""Any config: what was exported changes nothing, and makes the same config in another workspace."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onefold.config.text import read_texts
from onefold.runtime.client import open_client

URL = "/api/v1/config"
NAMES = ["A", "7", "true", "B & c: d", "ü - [x]"]
# What YAML could take for something else, and what people write.
WORDS = st.sampled_from(
    ["", "off", "null", "2026-01-01", "0x1f", "- a", "two\nlines", "'quoted'", "#1 ü 日本"]
)
VALUES = st.one_of(WORDS.filter(bool), st.booleans(), st.integers(-5, 10**6), st.floats(-10, 10).map(float))
ROWS = [
    {"field": "plan", "source": {"kind": "trait", "trait": "plan"}},
    {"field": "text", "source": {"kind": "text", "text": "off"}, "type": "text"},
    {"field": "days", "source": {"kind": "counter", "event": "Seen", "days": 30}, "type": "number"},
]

leaves = st.one_of(
    st.builds(lambda value: {"kind": "trait", "trait": "plan", "test": "equals", "value": value}, VALUES),
    st.just({"kind": "identifier", "identifier": "email"}),
    st.sampled_from(["consented", "refused"]).map(
        lambda state: {"kind": "consent", "purpose": "email", "state": state}
    ),
    st.builds(
        lambda value, window, where: {"kind": "event", "event": "Seen", "value": value, **window, **where},
        st.integers(0, 3),
        st.sampled_from([{}, {"window": {"kind": "last", "amount": 7, "unit": "hours"}}]),
        st.sampled_from([{}, {"where": [{"property": "a.b", "test": "exists"}]}]),
    ),
)

# One field is always set: an identity that sets nothing is none, and nothing is pruned of it.
IDENTITY = st.fixed_dictionaries(
    {"phone_region": st.sampled_from(["", "NO", "DE"])},
    optional={
        "currency": st.sampled_from(["EUR", "USD"]),
        "trait_identifiers": st.dictionaries(WORDS.filter(bool), st.sampled_from(["7", "no", "a.b"])),
        "blocked_values": st.lists(WORDS.filter(bool), max_size=3),
    },
)


def conditions(names: list[str]) -> st.SearchStrategy[Any]:
    asking = st.sampled_from(names).map(lambda name: {"kind": "segment", "segment": name})
    some = st.one_of(leaves, asking) if names else leaves
    return st.recursive(
        some,
        lambda inner: st.one_of(
            inner.map(lambda one: {"kind": "not", "condition": one}),
            st.lists(inner, max_size=3).map(lambda all_: {"kind": "all", "conditions": all_}),
        ),
        max_leaves=4,
    )


@st.composite
def configs(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2)):
        flags = st.fixed_dictionaries({}, optional={key: st.booleans() for key in ("enabled", "drop_ip")})
        found.append({"kind": "source", "name": name, "spec": draw(flags)})
    segments: list[str] = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
        spec = {"condition": draw(conditions(segments)), "description": draw(WORDS)}
        found.append({"kind": "segment", "name": name, "spec": spec})
        segments.append(name)
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=2)):
        goal = {
            "name": draw(st.sampled_from(NAMES)),
            "kind": "export",
            "enabled": draw(st.booleans()),
            "segment": draw(st.sampled_from(["", *segments])),
            "mappings": draw(st.lists(st.sampled_from(ROWS), unique_by=lambda row: row["field"], min_size=1)),
        }
        spec = {
            "connector": "braze",
            "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
            "description": draw(WORDS),
            "enabled": draw(st.booleans()),
            "secrets": {"api_key": {"value": "key"}},
            "goals": [goal] if draw(st.booleans()) else [],
        }
        found.append({"kind": "connection", "name": name, "spec": spec})
    if draw(st.booleans()):
        found.append({"kind": "identity", "name": "identity", "spec": draw(IDENTITY)})
    return draw(st.permutations(found))


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[httpx.Client]]:
    with ExitStack() as stack:
        folders = [tmp_path_factory.mktemp(name) for name in ("here", "there")]
        yield [stack.enter_context(open_client(folder, create=True)) for folder in folders]


def ask(api: httpx.Client, what: str, documents: list[Any]) -> Any:
    answer = api.post(f"{URL}/{what}", json={"documents": documents, "prune": True})
    assert answer.status_code == 200, answer.text
    return answer.json()


def exported(api: httpx.Client) -> list[dict[str, Any]]:
    answer = api.get(URL, headers={"accept": "application/yaml"})
    return [one.document for one in read_texts(answer.text)]


def with_secrets(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    given = {"secrets": {"api_key": {"value": "key"}}}
    return [
        {**one, "spec": {**one["spec"], **given}} if one["kind"] == "connection" else one for one in documents
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(config=configs())
def test_an_export_changes_nothing_and_makes_the_same_elsewhere(
    workspaces: list[httpx.Client], config: list[dict[str, Any]]
) -> None:
    """From any config to any other: both workspaces keep what the examples before left behind."""
    here, there = workspaces
    assert ask(here, "apply", config)["applied"]
    documents = exported(here)
    assert documents == here.get(URL).json()["documents"]
    for given_again in (config, documents):
        planned = ask(here, "plan", given_again)
        assert {one["action"] for one in planned["objects"]} <= {"none", "unmanaged"}, planned
    assert ask(there, "apply", with_secrets(documents))["applied"]
    assert exported(there) == documents
