"""Secrets in a whole config: references that only the machine of who applies it can read.

In: documents. Out: the same with a reference in the place of each secret; and, of what comes back, without
those that stand for what is kept. Nothing here, and nothing in the server, reads a variable or a file.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

from onefold.model.json import JsonObject

Key = TypeVar("Key")


def secret_references(held: Iterable[tuple[str, Collection[str]]]) -> dict[str, JsonObject]:
    """Of each connection, a variable for each of its secrets: `BRAZE_API_KEY` for `api_key` of "Braze"."""
    pairs = [(name, secret) for name, secrets in held for secret in secrets]
    found: dict[str, JsonObject] = {name: {} for name, _ in held}
    variables = apart({pair: _variable(*pair) for pair in pairs}, "_")
    for (name, secret), variable in variables.items():
        found[name][secret] = {"env": variable.upper()}
    return found


def apart(names: Mapping[Key, str], joint: str) -> dict[Key, str]:
    """The names, told apart where two are the same by what they are of; whatever else there is, alike."""
    shared = list(names.values())
    return {
        key: name if shared.count(name) == 1 else f"{name}{joint}{_digest(key)}"
        for key, name in names.items()
    }


def keep_references(document: JsonObject, kept: Mapping[str, str]) -> JsonObject:
    """The document without references that nobody resolved, where a secret is kept that they stand for."""
    spec = document.get("spec")
    secrets = spec.get("secrets") if isinstance(spec, dict) else None
    if not isinstance(spec, dict) or not isinstance(secrets, dict):
        return document
    given = {
        name: source
        for name, source in secrets.items()
        if not (kept.get(name) and isinstance(source, dict) and source.keys() in ({"env"}, {"file"}))
    }
    return {**document, "spec": {**spec, "secrets": given}}


def gives_secrets(document: JsonObject) -> bool:
    """Whether it holds a secret itself, or takes one away."""
    spec = document.get("spec")
    secrets = spec.get("secrets") if isinstance(spec, dict) else None
    if not isinstance(secrets, dict):
        return False
    return any(
        source is None or (isinstance(source, dict) and "value" in source) for source in secrets.values()
    )


def _variable(connection: str, secret: str) -> str:
    name = re.sub(r"[^A-Z0-9]+", "_", f"{connection}_{secret}".upper()).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


def _digest(key: object) -> str:
    return hashlib.sha256(repr(key).encode()).hexdigest()[:6]
