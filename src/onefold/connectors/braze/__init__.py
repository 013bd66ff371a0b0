"""Braze as a destination: attributes of profiles, custom events and purchases, identities of known people.

Reads: what activation hands over. Writes: Braze's REST interface. Never: state, ledger or log.
"""

from onefold.connectors.braze.connector import BrazeConnector

connector = BrazeConnector()

__all__ = ["BrazeConnector", "connector"]
