"""What the columns of a file are taken for, by their names and values."""

from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet
import pytest

from onefold.acquire.mapping import parse_mapping
from onefold.acquire.preview import preview_import
from onefold.acquire.sample import read_sample
from onefold.acquire.suggest import Suggestion, plain_name, suggest_mapping


def suggest(path: Path, text: str, name: str = "file.csv") -> Suggestion:
    (path / name).write_text(text)
    found = suggest_mapping(read_sample(path / name))
    parse_mapping(found.mapping, "suggestion")  # it can always be used
    return found


def mapping(path: Path, text: str, name: str = "file.csv") -> dict[str, Any]:
    return suggest(path, text, name).mapping


def test_a_list_of_people_becomes_identifiers_and_traits(tmp_path: Path) -> None:
    text = (
        "Customer ID,E-Mail,Mobile,First Name,Age,Newsletter,Signed up\n"
        "1,ada@example.org,+4930123,Ada,36,yes,2024-01-02\n"
        "2,bob@example.org,,Bob,41,no,2024-01-03T10:00:00Z\n"
    )
    assert mapping(tmp_path, text) == {
        "identifiers": {"user_id": "Customer ID", "email": "E-Mail", "phone": "Mobile"},
        "traits": {
            "first_name": "First Name",
            "age": {"column": "Age", "type": "number"},
            "newsletter": {"column": "Newsletter", "type": "boolean"},
            "signed_up": {"column": "Signed up", "type": "time"},
        },
    }


def test_orders_become_events_that_are_known_by_their_number(tmp_path: Path) -> None:
    text = "order_no,customer,date,total\nA1,7,2024-01-02,9.50\nA2,8,2024-01-03,3\n"
    assert mapping(tmp_path, text) == {
        "identifiers": {"user_id": "customer"},
        "properties": {"order_no": "order_no", "total": {"column": "total", "type": "number"}},
        "time": {"column": "date"},
        "event": {"name": "Order Completed"},
        "id": ["order_no"],
    }


def test_an_order_that_stands_in_several_rows_names_no_event(tmp_path: Path) -> None:
    assert "id" not in mapping(tmp_path, "order_no,customer\nA1,7\nA1,7\n")


def test_a_column_of_event_names_is_used(tmp_path: Path) -> None:
    found = mapping(tmp_path, "user,event,at\n1,Seen,2024-01-01T00:00:00Z\n")
    assert (found["event"], found["time"]) == ({"column": "event"}, {"column": "at"})


def test_addresses_are_told_by_their_values(tmp_path: Path) -> None:
    found = suggest(tmp_path, "Kontakt,plan\nada@example.org,gold\nbob@example.org,\n")
    assert found.mapping["identifiers"] == {"email": "Kontakt"}
    assert found.columns[0].why == "Its values are e-mail addresses."


def test_without_anybody_rows_are_events(tmp_path: Path) -> None:
    assert mapping(tmp_path, "shop,sold\nBerlin,3\n")["event"] == {"name": "Imported"}


@pytest.mark.parametrize(
    ("column", "value"),
    [("zip", "10115"), ("sku", "12"), ("code", "7"), ("size", "007"), ("day", "20240101"), ("note", "2,50")],
)
def test_digits_that_are_no_number_stay_text(tmp_path: Path, column: str, value: str) -> None:
    found = suggest(tmp_path, f'email,{column}\na@example.org,"{value}"\n').columns[1]
    assert found.type == ("number" if column == "day" else "as_is")


def test_columns_that_would_fill_one_trait_are_told_apart(tmp_path: Path) -> None:
    found = mapping(tmp_path, "email,First Name,first_name\na@example.org,A,B\n")
    assert found["traits"] == {"first_name": "First Name", "first_name_2": "first_name"}


def test_identifiers_alone_are_events(tmp_path: Path) -> None:
    assert mapping(tmp_path, "email\na@example.org\n")["event"] == {"name": "Imported"}


def test_an_empty_column_is_left_out(tmp_path: Path) -> None:
    found = suggest(tmp_path, "email,plan,fax\na@example.org,gold,\n")
    assert [one.role for one in found.columns] == ["identifier", "trait", "ignore"]


def test_values_of_other_formats_have_their_types(tmp_path: Path) -> None:
    row = msgspec.json.encode({"email": "a@example.org", "address": {"city": "Berlin"}, "age": 36}).decode()
    found = mapping(tmp_path, f"{row}\nnothing\n", "people.jsonl")
    assert found["traits"] == {"address_city": "address.city", "age": "age"}
    table = pa.table({"email": ["a@example.org"], "age": [36]})
    pyarrow.parquet.write_table(table, tmp_path / "people.parquet")
    assert suggest_mapping(read_sample(tmp_path / "people.parquet")).mapping["traits"] == {"age": "age"}


@pytest.mark.parametrize(
    ("column", "name"),
    [("First Name", "first_name"), ("firstName", "first_name"), (" PLZ/Ort ", "plz_ort"), ("Größe", "größe")],
)
def test_names_are_written_one_way(column: str, name: str) -> None:
    assert plain_name(column) == name


def test_the_preview_builds_what_the_import_builds(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,age\n1,36\n2,old\n3\n")
    wanted = parse_mapping(
        {"identifiers": {"user_id": "id"}, "traits": {"age": {"column": "age", "type": "number"}}}, "m"
    )
    found = preview_import(path, wanted, "people.csv")
    assert (found.rows, [one.line for one in found.events]) == (3, [2, 3])
    assert [fault.code for fault in found.events[1].built.faults] == ["acquire.bad_number"]
    assert [bad.line for bad in found.bad_rows] == [4]


def test_the_preview_puts_groups_together(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("order,customer,sku\nA,1,mug\nA,1,cup\n,1,pot\n")
    wanted = parse_mapping(
        {
            "group_by": ["order"],
            "identifiers": {"user_id": "customer"},
            "event": {"name": "Order Completed"},
            "lists": {"products": {"sku": "sku"}},
        },
        "m",
    )
    found = preview_import(path, wanted, "orders.csv")
    (event,) = found.events
    assert msgspec.json.decode(event.built.event)["properties"]["products"] == [
        {"sku": "mug"},
        {"sku": "cup"},
    ]
    assert [bad.line for bad in found.bad_rows] == [4]
