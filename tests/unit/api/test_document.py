"""What the OpenAPI document promises to whoever generates a client from it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.load_settings import load_settings

METHODS = {"get", "post", "put", "patch", "delete"}
ANY_JSON = {
    "AuditView.after",  # of whatever was changed
    "AuditView.before",
    "UndoView.now",
    "UndoView.then",
    "UndoneView.now",
    "Change.after",  # of whatever field
    "Change.before",
    "CaptureTrace.payload",  # what was refused, whatever it was
    "EventSeen.payload",
    "ChangeView.after",
    "ColumnView.examples",  # as a file has them
    "ChangeView.before",
    "Constant.value",
    "EventCondition.value",  # compared with numbers and texts, by the test
    "Explanation.found",
    "Field.default",  # of the field's own kind
    "FieldProblem.value",
    "FilePreview.mapping",  # of any file
    "ReceivedEvent.payload",
    "PreviewedEventView.event",
    "ImportPreviewView.mapping",
    "FieldDifference.ours",
    "FieldDifference.theirs",
    "GoalObjectView.body",  # of the destination's own form
    "Replay.payload",
    "GoalRowView.sent",
    "GoalRowView.value",
    "RunSampleView.ours",
    "RunSampleView.request",
    "TraitCondition.value",
    "TraitView.value",
    "TriedEvent.properties",
    "Value.value",
    "Where.value",
}
FREE_FORM = {"identifiers", "settings", "traits"}
"""Objects whose fields a connector declares, or a sender chose."""


@pytest.fixture
async def document(tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    directory = DataDirectory(tmp_path)
    directory.create()
    web = Web(directory, load_settings(tmp_path, environ={}), {}, public_url="http://onefold")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(web.application), base_url="http://onefold"
    ) as client:
        answer = await client.get("/api/v1/openapi.json")
    yield answer.json()
    await web.close()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield f"{method} {path}", item[method]


def places(value: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
        for key, held in value.items():
            yield from places(held, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, held in enumerate(value):
            yield from places(held, f"{path}.{number}")


async def test_every_operation_says_what_it_does_and_what_it_answers(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        assert operation["summary"], name
        assert len(operation["tags"]) == 1, name
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, name
        (answer,) = [one for status, one in operation["responses"].items() if status < "300"]
        assert "204" in operation["responses"] or all(
            content["schema"] for content in answer["content"].values()
        ), name
        for parameter in operation.get("parameters", []):
            assert parameter["description"], f"{name} {parameter['name']}"


async def test_operations_are_called_as_their_functions_and_each_has_a_name_of_its_own(
    document: dict[str, Any],
) -> None:
    ids = {name: operation["operationId"] for name, operation in operations(document)}
    assert len(set(ids.values())) == len(ids)
    assert ids["get /api/v1/sources"] == "listSources"
    assert ids["post /api/v1/connections/{connection}/goals/{goal}/enable"] == "enableGoal"
    assert ids["get /api/v1/profiles/by/{kind}/{value}"] == "showProfileBy"


async def test_types_have_plain_names(document: dict[str, Any]) -> None:
    names = document["components"]["schemas"]
    assert [name for name in names if not name.isalnum()] == []
    assert "SourcePage" in names
    assert names["NewSegment"]["properties"]["condition"] == {"$ref": "#/components/schemas/Condition"}


async def test_nothing_is_just_an_object(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for path, part in places(schema):
            field = path.partition("properties.")[2].partition(".")[0]
            if part == {} and not path.endswith(".default"):
                assert f"{name}.{field}" in ANY_JSON or field in FREE_FORM, f"{name}.{path}"
            if part.get("type") == "object" and not part.get("properties"):
                is_empty_type = set(part) >= {"title", "required"}  # such as All people: a kind alone
                assert "additionalProperties" in part or is_empty_type, f"{name}.{path}"
    for name, operation in operations(document):
        for path, part in places(operation.get("responses", {})):
            assert part.get("type") != "object", f"{name}: {path} has no type of its own"
