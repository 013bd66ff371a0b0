"""The sockets of one connection: Braze's REST interface at its address, by its key."""

from onefold.model.connection import Connection
from onefold.plugin.http import HttpClient


def open_client(connection: Connection, connections_max: int) -> HttpClient:
    """A client for so many requests at a time."""
    return HttpClient(
        str(connection.settings["endpoint"]),
        {"Authorization": "Bearer " + connection.secrets["api_key"]},
        connections_max=connections_max,
    )
