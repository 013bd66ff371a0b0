from pathlib import Path

import pytest

from onefold.cli.given import read_pairs, read_secrets
from onefold.cli.read_file import read_json, read_object
from onefold.errors import OnefoldError


def test_pairs_hold_what_json_has_and_else_text() -> None:
    pairs = ["n=3", "on=true", 'list=["a"]', "text=https://x?a=b", "empty=", "leaving=null"]
    assert read_pairs(pairs) == {
        "n": 3,
        "on": True,
        "list": ["a"],
        "text": "https://x?a=b",
        "empty": "",
        "leaving": "null",
    }


@pytest.mark.parametrize("pair", ["name", "=value", ""])
def test_a_pair_has_a_name_and_a_value(pair: str) -> None:
    with pytest.raises(OnefoldError) as refused:
        read_pairs([pair])
    assert refused.value.code == "cli.usage"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret\n")
    assert read_secrets([f"api_key=@{file}", "other=1"]) == {"api_key": "s3cret", "other": "1"}
    with pytest.raises(OnefoldError, match="cannot be read"):
        read_secrets([f"api_key=@{tmp_path / 'none'}"])


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b""])
def test_a_file_that_is_not_json_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    with pytest.raises(OnefoldError) as refused:
        read_json(file)
    assert refused.value.code == "cli.bad_file"
    assert str(file) in refused.value.message


def test_where_an_object_is_wanted_a_list_will_not_do(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("[1]")
    assert read_json(file) == [1]
    with pytest.raises(OnefoldError, match="no JSON object"):
        read_object(file)
