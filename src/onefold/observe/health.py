"""Whether the workspace can do its work: for load balancers and process supervisors.

In: the role files and a probe of the databases. Out: the reasons why not; none means ready. Alive is whoever
answers at all.
"""

from collections.abc import Callable

import msgspec

from onefold.errors import StorageError
from onefold.log.settings import LogSettings
from onefold.observe.look import Roles
from onefold.observe.store import LogLook


class Readiness(msgspec.Struct, frozen=True):
    """`ready` without reasons; else what is missing, in words."""

    ready: bool
    reasons: list[str]


def build_readiness(probe: Callable[[], LogLook], roles: Roles, settings: LogSettings) -> Readiness:
    """Roles run, databases can be read, the log may be written."""
    reasons = [f"The role {one.role} is {one.status}." for one in roles() if one.status != "running"]
    try:
        reasons += _full(probe(), settings)
    except StorageError as error:
        reasons.append(error.message)
    return Readiness(not reasons, reasons)


def _full(log: LogLook, settings: LogSettings) -> list[str]:
    reasons = []
    if settings.bytes_max and log.used_bytes >= settings.bytes_max:
        reasons.append("The log has reached its size limit.")
    if 0 < log.disk_free_bytes < settings.disk_free_bytes_min:
        reasons.append("The disk has less room than log.disk_free_bytes_min.")
    return reasons
