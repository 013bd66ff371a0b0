"""The connector as activation sees it: the declaration, the checks of templates and hosts, and `open`."""

from onefold.connectors.http.address import host_of
from onefold.connectors.http.call import Call, read_headers
from onefold.connectors.http.client import HttpDestination
from onefold.connectors.http.declare import INFO
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.plugin import ConnectorInfo, Problem


class HttpConnector:
    """The connector `http`."""

    @property
    def info(self) -> ConnectorInfo:
        """The declaration."""
        return INFO

    def check_connection(self, connection: Connection) -> list[Problem]:
        """Hosts that are none, headers that cannot be set, a secret over a line that all can read."""
        problems: list[Problem] = []
        hosts = connection.settings.get("hosts")
        for host in hosts if isinstance(hosts, list) else ():
            try:
                is_host = "/" not in str(host) and bool(host_of(str(host)))
            except ValueError:
                is_host = False
            if not is_host:
                problems.append(
                    Problem("settings.hosts", f"{host!r} is no host, such as api.example.com:8443.")
                )
        headers = connection.settings.get("headers")
        if isinstance(headers, dict):
            roots = {"secrets": None, "basic_auth": None}
            read_headers(headers, roots, problems)
        path = str(connection.settings.get("test_path") or "")
        if path and not path.startswith("/"):
            problems.append(Problem("settings.test_path", "A path begins with /."))
        return problems

    def check_goal(self, goal: Goal) -> list[Problem]:
        """Templates that do not compile, parameters without a value."""
        problems: list[Problem] = []
        Call(goal, problems)
        return problems

    def open(self, connection: Connection) -> HttpDestination:
        """A destination for one API."""
        return HttpDestination(connection)
