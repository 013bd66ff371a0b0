"""Types of the model as documents have them: segments by name, without what only Onefold itself decides.

A document is derived from the model, so that what a goal or a connection takes is in its document from the
day on which the model has it: `segment_id` becomes `segment`, `segment_ids` becomes `segments`, and ids,
versions and times of ours are left out.
"""

import functools
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from onefold.config.decode import struct_types
from onefold.model.goal import EVERYONE
from onefold.model.json import JsonValue

OURS = frozenset({"id", "connection_id", "position", "version", "resyncs", "stopped"})
"""Not the user's to say; the place of a goal is its place in the list."""
SETTINGS = msgspec.Meta(
    description="As the connector declares them.", extra_json_schema={"additionalProperties": True}
)
RENAMED = {"segment_id": "segment", "segment_ids": "segments"}
SINGLE_KINDS = frozenset({"identity"})
"""Kinds of which a workspace has one, by the name of the kind."""
FREE_NAMES = frozenset({"settings", "properties"})
"""Fields whose names are the connector's or the sender's, and never point to what is ours."""
RenamedFrom = Annotated[
    str, msgspec.Meta(description="The name that it had, while nothing has the name above; ignored after.")
]


def is_ours(field: str) -> bool:
    """Whether Onefold alone decides about a field: then documents leave it out."""
    return field in OURS or field.endswith("_at")


@functools.cache
def document_type(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The type of a struct in documents."""
    fields: list[Any] = []
    for field in msgspec.structs.fields(struct):
        if is_ours(field.name):
            continue
        name, of_type = RENAMED.get(field.name, field.name), _document_type(field.type)
        default: Any = field.default
        if field.name == "segment_id":
            of_type = str
            default = "" if field.default == EVERYONE else field.default
        elif field.name == "segment_ids":
            of_type = list[str]
        elif field.name == "settings":
            of_type = Annotated[of_type, SETTINGS]
        if field.default_factory is not msgspec.NODEFAULT:
            default = msgspec.field(default_factory=field.default_factory)
        fields.append((name, of_type) if default is msgspec.NODEFAULT else (name, of_type, default))
    config = struct.__struct_config__
    return msgspec.defstruct(
        f"{struct.__name__}Document",
        fields,
        namespace={"__doc__": (struct.__doc__ or "").partition("\n")[0]},
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
        tag=config.tag,
        tag_field=config.tag_field,
    )


def by_name(value: JsonValue, names: Mapping[int, str]) -> JsonValue:
    """Plain values with segments by name in place of ids; those that are gone by `#id`."""

    def name_of(segment_id: int) -> str:
        return "" if segment_id == EVERYONE else names.get(segment_id, f"#{segment_id}")

    return _walk(value, {"segment_id": ("segment", name_of), "segment_ids": ("segments", name_of)})


def by_id(value: JsonValue, ids: Mapping[str, int]) -> JsonValue:
    """The other way round; names that do not exist become -1, which no segment has."""

    def id_of(name: str) -> int:
        return EVERYONE if not name else ids.get(name, -1)

    return _walk(value, {"segment": ("segment_id", id_of), "segments": ("segment_ids", id_of)})


def named_segments(value: JsonValue, path: str) -> Iterator[tuple[str, JsonValue]]:
    """Every segment that a document names, with its place: texts, where its form was checked."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from named_segments(item, f"{path}.{place}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "segments" and isinstance(item, list):
                yield from ((f"{path}.{key}.{place}", name) for place, name in enumerate(item))
            elif key in ("segment", "segments"):
                yield f"{path}.{key}", item
            elif key not in FREE_NAMES:
                yield from named_segments(item, f"{path}.{key}")


def _walk(value: JsonValue, renamed: Mapping[str, tuple[str, Callable[[Any], Any]]]) -> JsonValue:
    if isinstance(value, list):
        return [_walk(item, renamed) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, JsonValue] = {}
    for name, item in value.items():
        if name in FREE_NAMES:
            found[name] = item
        elif name in renamed:
            other, of = renamed[name]
            found[other] = [of(one) for one in item] if isinstance(item, list) else of(item)
        else:
            found[name] = _walk(item, renamed)
    return found


def _document_type(of_type: Any) -> Any:
    """The same in lists, unions and annotations."""
    if not struct_types(of_type) and get_origin(of_type) not in (list, dict):
        return of_type
    if isinstance(of_type, type) and issubclass(of_type, msgspec.Struct):
        return document_type(of_type)
    arguments = get_args(of_type)
    if get_origin(of_type) is Annotated:
        return Annotated[(_document_type(arguments[0]), *of_type.__metadata__)]
    if get_origin(of_type) in (Union, types.UnionType):
        return Union[tuple(_document_type(one) for one in arguments)]  # noqa: UP007 - built while running
    origin = get_origin(of_type)
    return origin[tuple(_document_type(one) for one in arguments)] if origin is not None else of_type
