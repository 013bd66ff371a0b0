"""Which paths belong to capture, and what each takes. One table for every dialect that SDKs speak.

Segment: `/v1/track` and its short form `/v1/t`, `/v1/batch`, `/v1/pixel/track`; Rudder: `/v1/…`,
`/beacon/v1/batch`, `/pixel/v1/track`; Jitsu: `/api/s/{type}`, `/api/s/s2s/{type}`. Captured from the
published clients. Braze: `/v1/currents`, whose batches the connector reads.
"""

from enum import Enum, auto

import msgspec

from onefold.model.event import TYPES


class Takes(Enum):
    """What a route does with a request."""

    EVENT = auto()
    BATCH = auto()
    PUSH = auto()
    """A batch of a destination, in its own words."""
    PIXEL = auto()
    METRICS = auto()
    SETTINGS = auto()
    SOURCE_CONFIG = auto()
    SCRIPT = auto()


class Route(msgspec.Struct, frozen=True):
    """One path: what it takes, by which methods, and the type of event that it implies."""

    takes: Takes
    methods: tuple[str, ...] = ("POST",)
    type: str = ""
    write_key: str = ""
    """The write key in the path, of the routes that have one."""


_LETTERS = {"track": "t", "identify": "i", "page": "p", "screen": "s", "group": "g", "alias": "a"}
_PREFIXES = ("/v1/", "/api/s/", "/beacon/", "/pixel/", "/sourceConfig", "/analytics.js/", "/analytics-next/")
_READ = ("GET", "HEAD")


def _table() -> dict[str, Route]:
    table = {}
    for kind in TYPES:
        event = Route(Takes.EVENT, type=kind)
        for path in (f"/v1/{kind}", f"/v1/{_LETTERS[kind]}", f"/api/s/{kind}", f"/api/s/s2s/{kind}"):
            table[path] = event
        for path in (f"/v1/pixel/{kind}", f"/pixel/v1/{kind}"):
            table[path] = Route(Takes.PIXEL, ("GET",), type=kind)
    for path in ("/v1/batch", "/v1/b", "/v1/import", "/beacon/v1/batch", "/api/s/batch", "/api/s/s2s/batch"):
        table[path] = Route(Takes.BATCH)
    table["/v1/currents"] = Route(Takes.PUSH)
    table["/v1/m"] = Route(Takes.METRICS)
    table["/sourceConfig"] = Route(Takes.SOURCE_CONFIG, _READ)
    return table


ROUTES = _table()


def is_capture_path(path: str) -> bool:
    """True if the path is capture's, known or not. For the dispatcher in front of capture, API and UI."""
    return path in ROUTES or path.startswith(_PREFIXES)


def find_route(path: str) -> Route | None:
    """The route of a path; a slash at its end does not matter."""
    route = ROUTES.get(path)
    return route or ROUTES.get(path.rstrip("/")) or _find_with_key(path.strip("/").split("/"))


def _find_with_key(parts: list[str]) -> Route | None:
    match parts:
        case ["v1", "projects", write_key, "settings"]:
            return Route(Takes.SETTINGS, _READ, write_key=write_key)
        case ["analytics.js", "v1", write_key, "analytics.min.js"]:
            return Route(Takes.SCRIPT, _READ, write_key=write_key)
        case _:
            return None
