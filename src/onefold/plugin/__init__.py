"""What the author of a connector imports.

Reads: nothing. Writes: nothing. Never knows of the log, the state or the ledger.
"""

from onefold.plugin.contract import (
    Address,
    Connector,
    DeletionWriter,
    Destination,
    Draft,
    EventWriter,
    Happening,
    Parcel,
    ProfileWriter,
    Refusal,
    RequestRefusedError,
)
from onefold.plugin.declare import (
    Channel,
    Choice,
    Code,
    ConnectorInfo,
    Feed,
    Field,
    FieldKind,
    GoalKind,
    Probe,
    Problem,
    Target,
)

__all__ = [
    "Address",
    "Channel",
    "Choice",
    "Code",
    "Connector",
    "ConnectorInfo",
    "DeletionWriter",
    "Destination",
    "Draft",
    "EventWriter",
    "Feed",
    "Field",
    "FieldKind",
    "GoalKind",
    "Happening",
    "Parcel",
    "Probe",
    "Problem",
    "ProfileWriter",
    "Refusal",
    "RequestRefusedError",
    "Target",
]
