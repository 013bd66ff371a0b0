"""Plain values without what would be so anyway: what an export shows is what somebody decided."""

from typing import Any

import msgspec

from onefold.model.json import JsonValue


def terse(value: Any) -> JsonValue:
    """The value as plain ones; fields that are as they are by default are left out, at every depth."""
    if isinstance(value, msgspec.Struct):
        config = value.__struct_config__
        found: dict[str, JsonValue] = {config.tag_field: config.tag} if config.tag_field is not None else {}
        for field in msgspec.structs.fields(value):
            held = getattr(value, field.name)
            default = field.default
            if field.default_factory is not msgspec.NODEFAULT:
                default = field.default_factory()
            # 1, 1.0 and true are equal in Python.
            if held is not msgspec.UNSET and (held != default or type(held) is not type(default)):
                found[field.encode_name] = terse(held)
        return found
    if isinstance(value, (list, tuple)):
        return [terse(item) for item in value]
    return msgspec.to_builtins(value)
