"""The OpenAPI document as it is served: the framework's, with what only we know put in.

In: the document of Litestar. Out: the same with a summary in words for each route, our problem+json in place
of the framework's errors, who may call, bodies that are no JSON, what stands in an address, and names and
types that a generator of clients can work with. Standards: OpenAPI 3.1, RFC 9457.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from onefold.acquire.mapping import ImportMapping
from onefold.api.audit_undo import UNDO_HEADER
from onefold.api.caller import COOKIE
from onefold.api.problem import MEDIA_TYPE, ProblemDetails
from onefold.config.connection import ConnectionDocument
from onefold.model.segment import Condition

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
OPEN_TO_EVERYONE = frozenset(
    f"/api/v1/{path}"
    for path in (
        "sign-in",
        "sign-on",
        "sign-on/begin",
        "sign-out",
        "welcome",
        "welcome/{code}",
        "password-resets",
    )
)
REFERENCE = "#/components/schemas/"
RAW_BODIES = {"/api/v1/imports/files": "application/octet-stream"}
"""Routes that take a body as it is: the framework sees no parameter for it."""
DOCUMENTS = {"/api/v1/connections/{connection}/document": "ConnectionDocument"}
"""Routes that give and take YAML and JSON, read by ourselves, and the type of the document."""
SCHEMAS = frozenset({"/api/v1/schemas/connection", "/api/v1/config/schema"})
"""Routes that answer with a JSON schema."""
STREAMS = {
    "/api/v1/flow/stream": ("text/event-stream", "Flow"),
    "/api/v1/dead-letters/export": ("application/x-ndjson", "LetterDetail"),
}
"""Routes that answer with many documents, and the type of each."""
IN_ADDRESS = {
    "code": "What a one-time link carries.",
    "session": "Its id, or `others`: all but this one.",
    "teammate": "Their id or e-mail address.",
    "source": "Id or name of a source.",
    "key": "The write key.",
    "token_id": "Id of a token.",
    "profile_id": "Id of a profile; of one that was merged away, too.",
    "kind": "Kind of identifier, such as `email`.",
    "value": "Value of the identifier.",
    "purpose": "Name of a purpose, such as `email`.",
    "segment": "Id or name of a segment.",
    "connection": "Id or name of a connection.",
    "connector": "Name of a connector, such as `braze`.",
    "goal": "Id or name of a goal of the connection.",
    "letter_id": "Id of a dead letter, such as `capture-7`.",
    "run_id": "Id of a run.",
    "entry_id": "Number of an entry of the audit trail.",
    "mail_id": "Number of a notice.",
    "message_id": "The event's message id.",
    "view_id": "Id of a saved view.",
}
TYPED = {
    ("NewSegment", "condition"): "Condition",
    ("NewSegmentPreview", "condition"): "Condition",
    ("SegmentChange", "condition"): "Condition",
    ("SegmentView", "condition"): "Condition",
    ("Explanation", "condition"): "Condition",
    ("NewImport", "mapping"): "ImportMapping",
}
"""Fields that routes read by themselves, to tell all that is wrong at once: the framework takes any JSON."""
LISTED = {(name, "documents"): "ConfigDocument" for name in ("ConfigView", "ConfigWish", "ConfigChange")}
"""The same, of lists."""
_PAGE = re.compile(r"Page_.*?(\w+?)(?:View)?_")
_SENTENCE_END = re.compile(r"[.:;](?=\s|$)")
_JSON_SCHEMA = {
    "title": "JsonSchema",
    "description": "A schema after draft 2020-12.",
    "type": "object",
    "additionalProperties": True,
}
_CONFIG_DOCUMENT = {
    "title": "ConfigDocument",
    "description": "An object of the config; /api/v1/config/schema tells what each kind has in `spec`.",
    "type": "object",
    "properties": {
        "kind": {"type": "string", "description": "Such as source, segment or connection."},
        "name": {"type": "string"},
        "renamed_from": {"type": "string", "default": ""},
        "spec": {"type": "object", "additionalProperties": True},
    },
    "required": ["kind", "name"],
}
_UNDO = {
    "description": "The address that takes this change back by POST; absent where nothing leads back.",
    "schema": {"type": "string"},
}
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_WHO = {
    "token": {"type": "http", "scheme": "bearer", "description": "Made by `onefold tokens create NAME`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Of a browser that somebody signed in with.",
    },
}


def complete_document(document: dict[str, Any], undoable: Collection[str] = ()) -> dict[str, Any]:
    """The document with our own parts; changes it. `undoable`: the operations that can be taken back."""
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            _complete(path, item[method])
            if item[method]["operationId"] in undoable:
                for response in (one for status, one in item[method]["responses"].items() if status < "3"):
                    response["headers"] = {**response.get("headers", {}), UNDO_HEADER: _UNDO}
            if path in DOCUMENTS:
                _add_document(item[method], method, DOCUMENTS[path])
    components = document["components"]
    for schema in components["schemas"].values():
        # The default of a field that has this type: of which one, depends on the order in which they are met.
        schema.pop("default", None)
    components["schemas"] |= _schemas()
    for schema in components["schemas"].values():
        # The framework puts the default of one field into the type that it has, now and then.
        schema.pop("default", None)
    for (name, field), type_name in TYPED.items():
        components["schemas"][name]["properties"][field] = {"$ref": REFERENCE + type_name}
    for (name, field), type_name in LISTED.items():
        components["schemas"][name]["properties"][field]["items"] = {"$ref": REFERENCE + type_name}
    _name_pages(document)
    components["securitySchemes"] = _WHO
    components["responses"] = {
        "Problem": {
            "description": "What is wrong, and what to do about it.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": REFERENCE + "ProblemDetails"}}},
        }
    }
    document["security"] = [{name: []} for name in _WHO]
    return document


def _schemas() -> dict[str, Any]:
    types = (ProblemDetails, ImportMapping, ConnectionDocument, Condition)
    (*_, condition), schemas = msgspec.json.schema_components(types, ref_template=REFERENCE + "{name}")
    ours = {"JsonSchema": _JSON_SCHEMA, "ConfigDocument": _CONFIG_DOCUMENT}
    return {**schemas, "Condition": condition, **ours}


def _complete(path: str, operation: dict[str, Any]) -> None:
    operation["summary"] = _SENTENCE_END.split(operation["description"], maxsplit=1)[0]
    responses = operation["responses"]
    # The framework describes the errors that it would make itself: ours replace them all.
    for status in [status for status in responses if status >= "400"]:
        del responses[status]
    for response in responses.values():
        if not response.get("headers"):
            response.pop("headers", None)
    responses.get("204", {}).pop("content", None)
    responses["default"] = _PROBLEM
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            parameter["description"] = IN_ADDRESS[parameter["name"]]
            # Of what may hold slashes the framework says that it is an address.
            parameter["schema"].pop("format", None)
    if path in OPEN_TO_EVERYONE:
        operation["security"] = []
    if path in RAW_BODIES:
        schema = {"type": "string", "format": "binary"}
        operation["requestBody"] = {"content": {RAW_BODIES[path]: {"schema": schema}}, "required": True}
    if path in STREAMS:
        responses["200"]["content"] = _stream(*STREAMS[path])
    if path in SCHEMAS:
        schema = {"$ref": REFERENCE + "JsonSchema"}
        responses["200"]["content"] = {"application/schema+json": {"schema": schema}}


def _add_document(operation: dict[str, Any], method: str, type_name: str) -> None:
    content = {
        media_type: {"schema": {"$ref": REFERENCE + type_name}}
        for media_type in ("application/yaml", "application/json")
    }
    if method == "get":
        operation["responses"]["200"]["content"] = content
    else:
        operation["requestBody"] = {"content": content, "required": True}


def _stream(media_type: str, type_name: str) -> dict[str, Any]:
    each = {"contentMediaType": "application/json", "contentSchema": {"$ref": REFERENCE + type_name}}
    return {media_type: {"schema": {"type": "string", **each}}}


def _name_pages(document: dict[str, Any]) -> None:
    """The framework names a page by the module of its items: `Page_onefold.api.sources.SourceView_`."""
    schemas = document["components"]["schemas"]
    names = {name: f"{found[1]}Page" for name in schemas if (found := _PAGE.fullmatch(name))}
    document["components"]["schemas"] = {
        name: {**schema, "title": name} if old in names else schema
        for old, schema in schemas.items()
        for name in [names.get(old, old)]
    }
    for part in _parts(document):
        name = str(part.get("$ref", "")).removeprefix(REFERENCE)
        if name in names:
            part["$ref"] = REFERENCE + names[name]


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for held in value.values():
            yield from _parts(held)
    elif isinstance(value, list):
        for held in value:
            yield from _parts(held)
