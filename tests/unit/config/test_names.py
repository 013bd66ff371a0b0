"""Documents are derived from the model: segments by name, nothing that only Onefold decides."""

import msgspec
import pytest

from onefold.config.names import by_id, by_name, document_type, is_ours
from onefold.model.connection import Connection
from onefold.model.goal import Goal


class Inner(msgspec.Struct, frozen=True, tag_field="kind", tag="inner"):
    """One."""

    segment_ids: list[int] = []


class Other(msgspec.Struct, frozen=True, tag_field="kind", tag="other"):
    """Two."""

    text: str


class Outer(msgspec.Struct, frozen=True):
    """Has parts."""

    id: int
    parts: list[Inner | Other]
    segment_id: int = 0
    settings: dict[str, str] = {}
    checked_at: int = 0


def test_ids_versions_and_times_are_left_out_and_segments_have_names() -> None:
    fields = {field.name: field for field in msgspec.structs.fields(document_type(Outer))}
    assert list(fields) == ["parts", "segment", "settings"]
    assert fields["segment"].default == ""
    document = {"parts": [{"kind": "inner", "segments": ["VIP"]}, {"kind": "other", "text": "x"}]}
    read = msgspec.convert(document, document_type(Outer))
    assert msgspec.to_builtins(read)["parts"] == document["parts"]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**document, "id": 1}, document_type(Outer))


def test_names_and_ids_are_exchanged_everywhere_but_in_settings() -> None:
    plain = {
        "segment_id": 3,
        "settings": {"segment_id": 3, "segment": "a"},
        "parts": [{"segment_ids": [3, 9]}, {"source": {"kind": "segment", "segment_id": 0}}],
    }
    named = by_name(plain, {3: "VIP"})
    assert named == {
        "segment": "VIP",
        "settings": {"segment_id": 3, "segment": "a"},
        "parts": [{"segments": ["VIP", "#9"]}, {"source": {"kind": "segment", "segment": ""}}],
    }
    assert by_id(named, {"VIP": 3, "#9": 9}) == plain


@pytest.mark.parametrize("struct", [Connection, Goal])
def test_every_field_of_the_model_is_in_the_document_or_ours(struct: type[msgspec.Struct]) -> None:
    renamed = {"segment_id": "segment"}
    wanted = {
        renamed.get(field.name, field.name)
        for field in msgspec.structs.fields(struct)
        if not is_ours(field.name)
    }
    assert {field.name for field in msgspec.structs.fields(document_type(struct))} == wanted
