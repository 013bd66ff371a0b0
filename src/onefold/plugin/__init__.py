"""What the author of a connector imports.

Reads: nothing. Writes: nothing. Never knows of the log, the state or the ledger.
"""

from onefold.plugin.contract import (
    Address,
    Connector,
    Destination,
    Draft,
    EventWriter,
    Happening,
    OffersOptions,
    Parcel,
    ProbesAll,
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
    Option,
    OptionPage,
    Probe,
    Problem,
    RateLimit,
    Target,
)

__all__ = [
    "Address",
    "Channel",
    "Choice",
    "Code",
    "Connector",
    "ConnectorInfo",
    "Destination",
    "Draft",
    "EventWriter",
    "Feed",
    "Field",
    "FieldKind",
    "GoalKind",
    "Happening",
    "OffersOptions",
    "Option",
    "OptionPage",
    "Parcel",
    "Probe",
    "ProbesAll",
    "Problem",
    "ProfileWriter",
    "RateLimit",
    "Refusal",
    "RequestRefusedError",
    "Target",
]
