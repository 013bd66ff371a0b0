"""Plain values as typed ones, with every problem at once: a decoder alone stops at the first.

In: what a text held, and the type that it shall have. Out: the value, or problems with a path each, such as
`spec.goals.0.mappings.2.source`.
"""

import types
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from onefold.model.json import JsonValue
from onefold.plugin.declare import Problem

Value = TypeVar("Value")


def find_problems(value: JsonValue, as_type: Any, path: str = "") -> list[Problem]:
    """What keeps a value from having that type; nothing if it has."""
    try:
        msgspec.convert(value, as_type)
    except msgspec.ValidationError as error:
        message = str(error).partition(" - at `")[0]
        return list(_inside(value, as_type, path)) or [Problem(path, f"{message}.")]
    return []


def struct_types(as_type: Any) -> list[type[msgspec.Struct]]:
    """The structs that a type allows."""
    if isinstance(as_type, type) and issubclass(as_type, msgspec.Struct):
        return [as_type]
    if get_origin(as_type) is Annotated:
        return struct_types(get_args(as_type)[0])
    if get_origin(as_type) in (Union, types.UnionType):
        return [found for one in get_args(as_type) for found in struct_types(one)]
    return []


def _inside(value: JsonValue, as_type: Any, path: str) -> Iterator[Problem]:
    """The problems of the parts, where the value has any."""
    if isinstance(value, dict):
        struct = _chosen(value, struct_types(as_type))
        if struct is not None:
            yield from _of_fields(value, struct, path)
    elif isinstance(value, list):
        item_type = _item_type(as_type)
        if item_type is not None:
            for place, item in enumerate(value):
                yield from find_problems(item, item_type, _join(path, str(place)))


def _chosen(value: dict[str, JsonValue], structs: list[type[msgspec.Struct]]) -> type[msgspec.Struct] | None:
    """Of several, the one that the value's tag names."""
    if len(structs) == 1:
        return structs[0]
    for struct in structs:
        config = struct.__struct_config__
        if config.tag_field is not None and value.get(config.tag_field) == config.tag:
            return struct
    return None


def _of_fields(value: dict[str, JsonValue], struct: type[msgspec.Struct], path: str) -> Iterator[Problem]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    tag_field = struct.__struct_config__.tag_field
    for name in value:
        if name not in fields and name != tag_field:
            known = ", ".join(fields)
            yield Problem(_join(path, name), f"There is no field {name!r}; there are: {known}.")
    for name, field in fields.items():
        if name in value:
            yield from find_problems(value[name], field.type, _join(path, name))
        elif field.required:
            yield Problem(_join(path, name), f"{name} is needed.")


def _item_type(as_type: Any) -> Any:
    if get_origin(as_type) is Annotated:
        return _item_type(get_args(as_type)[0])
    if get_origin(as_type) is list:
        return get_args(as_type)[0]
    if get_origin(as_type) in (Union, types.UnionType):
        return next((found for one in get_args(as_type) if (found := _item_type(one)) is not None), None)
    return None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
