"""YAML in and out: what is written is read as the same, and nothing is taken for what it is not."""

import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.config.text import DocumentError, read_text, read_texts, write_text, write_texts

TRICKY = ["null", "~", "true", "yes", "off", "on", "1", "-1", "+1", "0x1f", "1e3", ".5", "1.", "2026-01-01"]
TRICKY += ["12:30:45", "=", "<<", "#", "'", '"', "|", "é", ".inf"]
TRICKY += ["", "- a", "a: b", "\u2028", "\x85", "a\nb\n", " a "]
TEXTS = st.text(max_size=20) | st.sampled_from(TRICKY)
FEW = settings(max_examples=60, deadline=None)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)


def same(one: object, other: object) -> bool:
    """Equal, and of the same types: 1 is not 1.0 and not True."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other and (not isinstance(one, float) or math.copysign(1, one) == math.copysign(1, other))


@FEW
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_what_is_written_is_read_as_the_same(document: dict[str, object]) -> None:
    text = write_text(document, "A comment\nof two lines")
    assert same(read_text(text), document)
    assert same(read_text(text.encode()), document)


@FEW
@given(st.dictionaries(st.sampled_from("abc"), TEXTS, max_size=4))
def test_texts_stay_texts_for_readers_of_older_yaml(document: dict[str, str]) -> None:
    assert yaml.safe_load(write_text(document)) == document


@pytest.mark.parametrize(
    "text", ["off", "no", "2026-01-01", "12:30:45", "0x1f", "1_000", "0o7", "=", ".inf", "NULL"]
)
def test_what_older_yaml_would_convert_is_text(text: str) -> None:
    assert read_text(f"a: {text}") == {"a": text}


def test_names_are_what_is_written() -> None:
    assert read_text("on: 1\n2: 3\nnull: 4") == {"on": 1, "2": 3, "null": 4}


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("a: &x 1\nb: *x", "aliases are not allowed", 2),
        ("a: 1\nb: 2\na: 3", "'a' is there twice", 3),
        ("a: !!python/name:os.system ''", "not known here", 1),
        ("a: !include secrets.yaml", "not known here", 1),
        ("a: !!binary aGk=", "not known here", 1),
        ("{[1]: 2}", "a name must be a text", 1),
        ("a: [", "It is no YAML", 1),
        ("a: 1\n---\nb: 2", "several documents", 3),
        ("- 1", "It holds no object", 1),
        ("", "It holds no object", 0),
        ("a: " + "[" * 60 + "]" * 60, "nested too deeply", 0),
        ("a: " + "9" * 5000, "too long", 1),
        ("a" * 2_000_001, "larger than 2 MB", 0),
        ("a: \x01", "It is no YAML", 0),
    ],
)
def test_what_is_no_document_is_refused_with_its_line(text: str, words: str, line: int) -> None:
    with pytest.raises(DocumentError, match=words) as caught:
        read_text(text)
    assert caught.value.line == line
    assert caught.value.code == "config.bad_document"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DocumentError):
        read_text(b"a: \xff\xff")


def test_several_documents_are_read_with_the_line_of_each_part() -> None:
    goals = "    - name: One\n      kind: x\n    - name: Two\n"
    text = f"---\nname: A\n---\n# nothing\n---\nname: B\nspec:\n  goals:\n{goals}"
    first, second = read_texts(text)
    assert (first.document, second.document["name"]) == ({"name": "A"}, "B")
    assert (first.line_of(""), first.line_of("name"), first.line_of("spec.nothing")) == (2, 2, 2)
    assert [
        second.line_of(path)
        for path in (
            "name",
            "spec.goals.0.kind",
            "spec.goals[1].name",
            "spec.goals.1.missing",
            "spec.goals.7",
        )
    ] == [6, 10, 11, 11, 8]


def test_what_was_written_as_several_is_read_as_those() -> None:
    documents = [{"name": "A", "spec": {}}, {"name": "---", "spec": {"text": "a\n---\nb"}}]
    assert [one.document for one in read_texts(write_texts(documents))] == documents
