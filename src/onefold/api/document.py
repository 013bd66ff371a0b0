"""The OpenAPI document as it is served: the framework's, with what only we know put in.

In: the document of Litestar. Out: the same with a summary in words for each route, our problem+json in place
of the framework's errors, who may call, and bodies that are no JSON. Standards: OpenAPI 3.1, RFC 9457.
"""

import re
from typing import Any

import msgspec

from onefold.api.caller import COOKIE
from onefold.api.problem import MEDIA_TYPE, ProblemDetails

METHODS = frozenset({"get", "post", "put", "patch", "delete"})
OPEN_TO_EVERYONE = frozenset({"/api/v1/sign-out"})
RAW_BODIES = {"/api/v1/imports/files": "application/octet-stream"}
"""Routes that take a body as it is: the framework sees no parameter for it."""
_SENTENCE_END = re.compile(r"[.:;](?=\s|$)")
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_WHO = {
    "token": {"type": "http", "scheme": "bearer", "description": "Made by `onefold tokens create NAME`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Of a browser that opened a one-time link.",
    },
}


def complete_document(document: dict[str, Any]) -> dict[str, Any]:
    """The document with our own parts; changes it."""
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            _complete(path, item[method])
    components = document["components"]
    _, schemas = msgspec.json.schema_components([ProblemDetails], ref_template="#/components/schemas/{name}")
    components["schemas"] |= schemas
    components["securitySchemes"] = _WHO
    components["responses"] = {
        "Problem": {
            "description": "What is wrong, and what to do about it.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
        }
    }
    document["security"] = [{name: []} for name in _WHO]
    return document


def _complete(path: str, operation: dict[str, Any]) -> None:
    operation["summary"] = _SENTENCE_END.split(operation["description"], maxsplit=1)[0]
    responses = operation["responses"]
    # The framework describes the errors that it would make itself: ours replace them all.
    for status in [status for status in responses if status >= "400"]:
        del responses[status]
    responses["default"] = _PROBLEM
    if path in OPEN_TO_EVERYONE:
        operation["security"] = []
    if path in RAW_BODIES:
        schema = {"type": "string", "format": "binary"}
        operation["requestBody"] = {"content": {RAW_BODIES[path]: {"schema": schema}}, "required": True}
