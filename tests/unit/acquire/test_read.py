import gzip
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from onefold.acquire.mapping import ImportMapping
from onefold.acquire.read import BadRow, Cells, Row, detect_delimiter, detect_encoding, file_hash, open_rows
from onefold.errors import RequestError

MAPPING = ImportMapping(properties={"a": "a", "b": "b", "c": "c.d"})


def rows_of(path: Path, mapping: ImportMapping = MAPPING) -> list[tuple[int, Cells | str]]:
    with open_rows(path, mapping) as found:
        return [(row.line, row.cells if isinstance(row, Row) else row.reason) for row in found.rows]


def test_csv_rows_have_the_line_where_they_start(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('a,b,x\n1,"two\nlines",3\n\n,2,\n')
    assert rows_of(path) == [(2, {"a": "1", "b": "two\nlines"}), (5, {"b": "2"})]


def test_a_bad_line_costs_its_neighbours_nothing(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(b"a,b\n1,2\n1,2,3\n\xff,2\n4,5\n")
    found = rows_of(path, ImportMapping(properties={"a": "a"}, encoding="utf-8"))
    assert [line for line, _ in found] == [2, 3, 4, 5]
    assert found[1][1] == "The row has 3 cells, the header 2."
    assert found[3][1] == {"a": "4"}


def test_an_open_quote_ends_at_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('a,b\n1,"2\n' + "x,y\n" * 50_000)
    found = rows_of(path)
    assert isinstance(found[0][1], str)
    assert "cannot be read" in found[0][1]
    assert len(found) > 1000


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"a,b\n", "utf-8-sig"),
        ("\ufeffa,ü\n".encode(), "utf-8-sig"),
        ("a,ü\n".encode("utf-16"), "utf-16"),
        ("a,ü\n".encode("cp1252"), "cp1252"),
        (("x" + "ü" * 600_000).encode()[: 1024**2], "utf-8-sig"),
    ],
)
def test_encodings_are_told_by_the_start(content: bytes, encoding: str) -> None:
    assert detect_encoding(content) == encoding


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_text_of_any_encoding_arrives(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("a;b\r\nMüller;1\r\n".encode(encoding))
    assert rows_of(path) == [(2, {"a": "Müller", "b": "1"})]


def test_delimiters_are_told_by_the_header() -> None:
    assert [detect_delimiter(one) for one in ('"a,b,c";d', "a\tb", "a|b", "a")] == [";", "\t", "|", ","]


def test_json_lines_with_paths_and_exact_numbers(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text('{"a": 2.55, "c": {"d": [1]}}\n\nnonsense\n[1]\n{"a": null, "b": true}\n')
    found = rows_of(path)
    assert found[0] == (1, {"a": Decimal("2.55"), "c.d": [1]})
    assert [line for line, cells in found if isinstance(cells, str)] == [3, 4]
    assert found[-1] == (5, {"b": True})


def test_a_line_without_end_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_bytes(b'{"a": "' + b"x" * 20_000_000 + b'"}\n{"a": 1}\n')
    assert rows_of(path)[1] == (2, {"a": 1})


def test_json_nested_too_deep_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text("[" * 100_000 + '\n{"a": ' + "[" * 100_000 + "\n")
    assert [type(cells) for _, cells in rows_of(path)] == [str, str]


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert rows_of(path) == [(2, {"a": "1", "b": "2"})]


def test_parquet_values_keep_their_types(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    table = pyarrow.table({"a": [1.5, None], "b": ["x", "y"], "unused": [1, 2]})
    pyarrow.parquet.write_table(table, path)
    with open_rows(path, ImportMapping(properties={"a": "a", "b": "b"})) as found:
        assert [(row.line, row.cells) for row in found.rows if isinstance(row, Row)] == [
            (1, {"a": Decimal("1.5"), "b": "x"}),
            (2, {"b": "y"}),
        ]
        assert (found.done(), found.total, found.unit) == (2, 2, "rows")


@pytest.mark.parametrize("name", ["f.parquet", "f.csv.gz", "f.xlsx"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(RequestError):
        rows_of(path)


def test_a_damaged_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n")[:10] + b"\xff" * 20)
    with pytest.raises(RequestError, match="damaged"):
        rows_of(path)


def test_bad_rows_have_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("a,b\n1\n")
    with open_rows(path, MAPPING) as found:
        bad = next(found.rows)
    assert isinstance(bad, BadRow)
    assert bad.hint


def test_the_hash_names_the_content(tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.write_text("a")
    second.write_text("a")
    assert file_hash(first) == file_hash(second)
    assert len(file_hash(first)) == 16
