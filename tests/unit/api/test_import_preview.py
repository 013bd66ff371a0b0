"""Looking at a file before it is imported, by the API."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.unit.api.test_hidden import as_token

from onefold.runtime.assemble import Web
from onefold.runtime.client import open_client

URL = "/api/v1/imports/preview"
PEOPLE = b"id,E-Mail,age,plan\n1,ada@example.org,36,gold\n2,bob@example.org,old,gold\n3,cy@example.org,\n"


@pytest.fixture
def api(tmp_path: Path) -> Iterator[httpx.Client]:
    with open_client(tmp_path, create=True) as client:
        yield client


def upload(api: httpx.Client, content: bytes = PEOPLE, name: str = "people.csv") -> str:
    return str(api.post("/api/v1/imports/files", params={"name": name}, content=content).json()["file"])


def preview(api: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = api.post(URL, json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_file_comes_with_a_mapping_that_can_be_imported(api: httpx.Client) -> None:
    file = upload(api)
    found = preview(api, file=file)
    assert found["file"] == "people.csv"
    columns = {one["name"]: (one["role"], one["target"], one["examples"][:1]) for one in found["columns"]}
    assert columns["E-Mail"] == ("identifier", "email", ["ada@example.org"])
    assert columns["plan"] == ("trait", "plan", ["gold"])
    assert (found["rows"], found["passed"], found["rejected"]) == (3, 2, 1)
    assert [bad["line"] for bad in found["bad_rows"]] == [4]
    made = api.post("/api/v1/imports", json={"file": file, "mapping": found["mapping"]})
    assert made.status_code == 201, made.text


def test_a_preview_goes_by_the_uses_that_are_given(api: httpx.Client) -> None:
    uses = [
        {"name": "id", "role": "identifier", "target": "user_id"},
        {"name": "age", "role": "property", "target": "age", "type": "number"},
    ]
    found = preview(api, file=upload(api), columns=uses, event="Signed Up")
    assert found["mapping"] == {
        "identifiers": {"user_id": "id"},
        "properties": {"age": {"column": "age", "type": "number"}},
        "event": {"name": "Signed Up"},
    }
    bad, good = found["events"][:2]
    assert [one["code"] for one in bad["problems"]] == ["acquire.bad_number"]
    assert (good["event"]["event"], good["event"]["properties"]) == ("Signed Up", {"age": 36})


def test_a_mapping_is_taken_as_it_is(api: httpx.Client) -> None:
    mapping = {"identifiers": {"email": "E-Mail"}, "traits": {"tier": "plan"}}
    found = preview(api, file=upload(api), mapping=mapping)
    assert found["mapping"] == mapping
    assert found["events"][0]["event"]["traits"] == {"tier": "gold"}


def test_known_people_are_told(api: httpx.Client) -> None:
    key = api.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
    body = {"userId": "1", "traits": {"email": "ada@example.org"}}
    api.post("/v1/identify", json=body, auth=(key, ""))
    events = preview(api, file=upload(api))["events"]
    assert [one["profile_id"] for one in events] == [1, None]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"columns": []}, "acquire.bad_mapping"),
        ({"columns": [{"name": "nothing", "role": "trait", "target": "x"}]}, "acquire.bad_mapping"),
        ({"mapping": {"traits": 5}}, "acquire.bad_mapping"),
    ],
)
def test_what_cannot_be_used_is_refused(api: httpx.Client, body: dict[str, Any], code: str) -> None:
    answer = api.post(URL, json={"file": upload(api), **body})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_damaged_file_says_so(api: httpx.Client) -> None:
    packed = gzip.compress(PEOPLE * 1000)[:-20]
    answer = api.post(URL, json={"file": upload(api, packed, "people.csv.gz")})
    assert (answer.status_code, answer.json()["code"]) == (400, "acquire.unreadable_file")


def test_an_empty_file_says_so(api: httpx.Client) -> None:
    answer = api.post(URL, json={"file": upload(api, b"")})
    assert answer.json()["code"] == "acquire.empty_file"


async def test_values_are_hidden_from_who_may_not_see_them(web: Web, local: httpx.AsyncClient) -> None:
    sent = await local.post("/api/v1/imports/files", params={"name": "p.csv"}, content=PEOPLE)
    file = sent.json()["file"]
    async with await as_token(web, local, "operate") as program:
        answer = await program.post(URL, json={"file": file})
        assert answer.status_code == 200, answer.text
        assert "E-Mail" in answer.text
        assert "ada@example.org" not in answer.text
