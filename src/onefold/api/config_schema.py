"""The JSON schema of config as code: one for the documents of every kind, made from their types."""

from collections.abc import Sequence
from typing import Any

import msgspec

from onefold.api.config_kind import Kind
from onefold.model.json import JsonObject
from onefold.model.segment import Condition

SCHEMA_ID = "onefold:config"
TEMPLATE = "#/$defs/{name}"


def config_schema(kinds: Sequence[Kind]) -> JsonObject:
    """The schema (draft 2020-12) of one document."""
    documents, parts = msgspec.json.schema_components(
        [kind.document for kind in kinds], ref_template=TEMPLATE
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A document of Onefold",
        "oneOf": list(documents),
        "$defs": {**parts, **_conditions(parts)},
    }


def _conditions(parts: dict[str, Any]) -> dict[str, Any]:
    """Conditions as documents have them: with the segment's name in place of its id."""
    (tree,), conditions = msgspec.json.schema_components([Condition], ref_template=TEMPLATE)
    asked = conditions["SegmentCondition"]
    conditions["SegmentCondition"] = {
        **asked,
        "properties": {
            "kind": asked["properties"]["kind"],
            "segment": {"type": "string", "description": "Its name."},
        },
        "required": ["kind", "segment"],
    }
    spec = parts["SegmentSpec"]
    about = spec["properties"]["condition"].get("description", "")
    condition = {"description": about, **tree}
    return {
        **conditions,
        "SegmentSpec": {**spec, "properties": {**spec["properties"], "condition": condition}},
    }
