import io
import json

import pytest

from onefold.cli.show import (
    cell_of,
    field_of,
    print_fields,
    print_json,
    print_raw,
    print_text,
    safe,
    table_text,
    text_of,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        ([], "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ({"a": [1]}, '{"a":[1]}'),
        ("Zoë", "Zoë"),
    ],
)
def test_a_value_is_shown_as_a_person_reads_it(value: object, text: str) -> None:
    assert text_of(value) == text


def test_control_characters_of_a_sender_are_shown_and_never_obeyed() -> None:
    assert safe("\x1b[2Jgone\x07") == "\\x1b[2Jgone\\x07"
    assert "\x1b" not in table_text([{"name": "\x1b]0;x\x07"}], [("Name", "name")], stream=io.StringIO())


def test_lines_are_safe_and_documents_are_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_text("event \x1b[2Jgone: 1 times\nand more")
    assert capsys.readouterr().out == "event \\x1b[2Jgone: 1 times\nand more\n"
    print_raw("name: no\u00a0break\n")
    assert capsys.readouterr().out == "name: no\u00a0break\n"


def test_a_table_in_a_pipe_has_a_line_an_item_whatever_its_width() -> None:
    items = [{"name": "x" * 250, "count": 3}, {"name": "[bold]y[/bold]", "count": 12}]
    lines = table_text(items, [("Name", "name"), ("Count", "count")], stream=io.StringIO()).splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["Name", "Count"]
    assert lines[2].split() == ["[bold]y[/bold]", "12"]
    assert all(line == line.rstrip() for line in lines)


def test_a_cell_is_one_line_and_shows_the_beginning_of_a_long_value() -> None:
    assert cell_of({"a": {"b": "one\ntwo"}}, "a.b") == "one two"
    assert cell_of({"a": "x" * 1000}, "a").endswith("…")
    assert cell_of({"a": 2}, lambda item: item["a"] * 2) == "4"


def test_a_path_ends_where_there_is_nothing() -> None:
    assert field_of({"a": {"b": 1}}, "a.b") == 1
    assert field_of({"a": None}, "a.b.c") is None


def test_fields_keep_the_lines_of_a_value_under_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    print_fields({"Id": 1, "Payload": "{\n}"})
    assert capsys.readouterr().out == "Id       1\nPayload  {\n         }\n"


def test_json_is_one_document(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_json({"items": [], "next_cursor": None})
    assert json.loads(capfdbinary.readouterr().out) == {"items": [], "next_cursor": None}
