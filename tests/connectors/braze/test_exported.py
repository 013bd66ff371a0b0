"""What Braze exports of a user, as a row."""

import gzip
import io
import zipfile

import pytest

from onefold.connectors.braze.archive import rows_of
from onefold.connectors.braze.exported import custom_field, flatten, read_user
from onefold.connectors.braze.held import Attribute
from onefold.model.mapping import ValueType
from onefold.plugin.origin import BadRow


def test_standard_fields_custom_attributes_and_aliases_stand_in_one_row() -> None:
    row = flatten(
        {
            "external_id": "u1",
            "braze_id": "b",
            "appboy_id": "b",
            "email": "a@b.de",
            "dob": "1980-12-21T00:00:00.000Z",
            "created_at": "2020-07-10 15:00:00.000 UTC",
            "user_aliases": [{"alias_name": "x", "alias_label": "onefold_id"}],
            "custom_attributes": {"plan": "pro", "email": "other", "nested": {"a": 1}},
        }
    )
    assert row == {
        "external_id": "u1",
        "braze_id": "b",
        "email": "a@b.de",
        "dob": "1980-12-21",
        "created_at": "2020-07-10T15:00:00.000Z",
        "alias:onefold_id": "x",
        "plan": "pro",
        "custom_attributes.email": "other",
        "nested": {"a": 1},
    }


@pytest.mark.parametrize("line", [b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_line_that_is_no_user_is_told(line: bytes) -> None:
    assert isinstance(read_user(line), BadRow)


def test_attributes_that_braze_lists_become_fields() -> None:
    field = custom_field(Attribute("plan", "String (Automatically Detected)", "Active"))
    assert field is not None
    assert (field.name, field.type) == ("plan", ValueType.TEXT)
    assert custom_field(Attribute("old", "Number", "Blocklisted")) is None


def zipped(*members: tuple[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    file.seek(0)
    return file


def test_zip_and_gzip_are_read_line_by_line_in_the_order_of_names() -> None:
    file = zipped(("b.txt", b'{"external_id":"2"}\n'), ("a.txt", b'{"external_id":"1"}\nbroken\n\n'))
    rows = list(rows_of(file, "x.zip"))
    assert [row if isinstance(row, BadRow) else row["external_id"] for row in rows] == [
        "1",
        BadRow("The line is not a JSON object.", "broken\n"),
        "2",
    ]
    packed = io.BytesIO(gzip.compress(b'{"external_id":"3"}'))
    assert list(rows_of(packed, "x.gz")) == [{"external_id": "3"}]


@pytest.mark.parametrize(
    "content",
    [b"no archive", b"PK\x03\x04 cut", gzip.compress(b'{"a":1}' * 100, mtime=0)[:-9]],
    ids=["none", "zip", "gzip"],
)
def test_a_broken_file_is_one_bad_row(content: bytes) -> None:
    *_, last = rows_of(io.BytesIO(content), "folder/x.zip")
    assert isinstance(last, BadRow)
    assert "x.zip" in last.reason
