"""Any HTTP API: a goal makes one call for each moment, from templates.

Reads: moments and people, as activation hands them over. Writes: requests to the hosts that its connection
allows. Never knows of the log, the state or the ledger.
"""

from onefold.connectors.http.connector import HttpConnector

connector = HttpConnector()

__all__ = ["HttpConnector", "connector"]
