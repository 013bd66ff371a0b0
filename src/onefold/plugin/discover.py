"""Finding connectors: ours and a stranger's by the same entry point group, `onefold.connectors`.

A connector that cannot be loaded never hinders the others; it is listed with its reason.
"""

from importlib.metadata import entry_points
from typing import NamedTuple

from onefold.plugin.contract import Connector

GROUP = "onefold.connectors"


class Found(NamedTuple):
    """The connectors by name, and why others could not be loaded."""

    connectors: dict[str, Connector]
    failures: dict[str, str]


def find_connectors() -> Found:
    """Every installed connector."""
    connectors: dict[str, Connector] = {}
    failures: dict[str, str] = {}
    for point in entry_points(group=GROUP):
        try:
            connector: Connector = point.load()
            connectors[connector.info.name] = connector
        except Exception as error:  # a stranger's module may fail in any way
            failures[point.name] = f"{type(error).__name__}: {error}"
    return Found(connectors, failures)
