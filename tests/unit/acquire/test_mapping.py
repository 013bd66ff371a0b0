from pathlib import Path
from typing import Any

import pytest

from onefold.acquire.mapping import ImportMapping, check_columns, parse_mapping, read_mapping
from onefold.errors import ConfigError

EXAMPLE = Path(__file__).parents[3] / "examples/online-retail/mapping.toml"


def problems_of(document: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_mapping(document, "m.toml")
    return [problem.path for problem in caught.value.problems]


def test_the_example_can_be_read() -> None:
    mapping = read_mapping(EXAMPLE)
    assert mapping.group_by == ["InvoiceNo"]
    assert len(mapping.columns()) == len(set(mapping.columns())) == 8


def test_json_is_taken_too(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text('{"event": {"name": "Signed Up"}}')
    assert read_mapping(path).event is not None


@pytest.mark.parametrize("text", ["event = ", "[event", '{"event":'])
def test_an_unreadable_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="unreadable"):
        read_mapping(path)


def test_all_problems_come_at_once() -> None:
    assert problems_of(
        {
            "traits": {"a": {"column": "x", "value": 1}, "b": {}},
            "time": {"column": "t", "zone": "Atlantis"},
            "encoding": "utf-99",
            "delimiter": "||",
            "totals": {"revenue": []},
        }
    ) == [
        "event",
        "identifiers",
        "traits.a",
        "traits.b",
        "time.zone",
        "encoding",
        "delimiter",
        "totals.revenue",
    ]


def test_a_row_must_become_something() -> None:
    assert problems_of({"identifiers": {"user_id": "id"}}) == ["event"]


def test_consents_need_a_person_and_purposes_with_a_name() -> None:
    assert problems_of({"consents": {"email": "opt_in", " ": "x"}}) == ["identifiers", "consents. "]
    mapping = parse_mapping({"identifiers": {"user_id": "id"}, "consents": {"email": "opt_in"}}, "m.toml")
    with pytest.raises(ConfigError, match=r"consents\.email"):
        check_columns(mapping, ["id", "optin"], "f.csv")


def test_unknown_fields_are_refused() -> None:
    assert problems_of({"event": {"name": "A", "colour": "red"}}) == ["$.event"]


def test_one_name_means_one_property() -> None:
    event = {"name": "A"}
    assert problems_of(
        {"event": event, "properties": {"x": "c"}, "totals": {"x": ["c"]}, "lists": {"x": {}}}
    ) == [
        "totals.x",
        "lists.x",
    ]


def test_columns_that_the_file_lacks_are_named() -> None:
    mapping = parse_mapping({"event": {"name": "A"}, "properties": {"a": "x", "b": "y", "c": "z"}}, "m")
    with pytest.raises(ConfigError) as caught:
        check_columns(mapping, ["x"], "f.csv")
    assert [problem.got for problem in caught.value.problems] == ['"y"', '"z"']


def test_near_names_are_suggested() -> None:
    mapping = parse_mapping({"event": {"name": "A"}, "properties": {"a": "customer_id", "b": "Mail"}}, "m")
    with pytest.raises(ConfigError) as caught:
        check_columns(mapping, ["CustomerID", "mail", "mail", "Mail", "Mail"], "f.csv")
    assert [(problem.got, problem.expected.split(":")[0]) for problem in caught.value.problems] == [
        ('"customer_id"', '"CustomerID"'),
        ('"Mail", 2 times there', "a column that is there once"),
    ]


def test_columns_are_listed_once() -> None:
    mapping = ImportMapping(traits={"a": "x"}, properties={"b": "x"}, identifiers={"email": "mail"})
    assert mapping.columns() == ["mail", "x"]
