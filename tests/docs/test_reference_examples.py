"""The examples of the reference are valid, and nothing that exists is missing from it."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from onefold.acquire.mapping import Value, parse_mapping
from onefold.model.segment import Test
from onefold.segment.check import check_condition, parse_condition

REFERENCE = Path(__file__).parents[2] / "docs/reference"
CONDITIONS = (REFERENCE / "conditions.md").read_text(encoding="utf-8")
MAPPINGS = (REFERENCE / "import-mapping.md").read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks(CONDITIONS, "json"))
def test_conditions_shown_can_be_used(block: str) -> None:
    condition, problems = parse_condition(msgspec.json.decode(block))
    assert problems == []
    assert condition is not None
    assert check_condition(condition, {}) == []


@pytest.mark.parametrize("test", list(Test))
def test_every_test_is_described(test: Test) -> None:
    assert f"`{test}`" in CONDITIONS


@pytest.mark.parametrize("block", blocks(MAPPINGS, "toml"))
def test_mappings_shown_can_be_used(block: str) -> None:
    assert parse_mapping(tomllib.loads(block), "example").columns()


def test_every_type_of_a_value_is_described() -> None:
    types = msgspec.json.schema(Value)["$defs"]["Value"]["properties"]["type"]["enum"]
    assert all(f"`{one}`" in MAPPINGS for one in types)
