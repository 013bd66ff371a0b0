"""The control API under /api/v1: one module a noun.

Reads: what the roles keep. Writes: control.db and records of the log. Never: a role's own file.
"""

from onefold.api.application import api_app
from onefold.api.workspace import ApiLimits, Workspace

__all__ = ["ApiLimits", "Workspace", "api_app"]
