"""JSON as Onefold types it: the only place where a value may be anything."""

from typing import Any

JsonValue = Any
JsonObject = dict[str, JsonValue]
