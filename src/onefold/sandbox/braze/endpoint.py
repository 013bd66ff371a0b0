"""One path of the API: its permission, its group of the rate limit, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from onefold.sandbox.braze.answers import Answer
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.workspace import Workspace

Run = Callable[[Workspace, JsonObject, Entry], Answer]


class Endpoint(NamedTuple):
    """One path of the API; `run` gets the decoded body, or the query of a GET."""

    permission: str
    group: str
    run: Run


Table = Mapping[tuple[str, str], Endpoint]
