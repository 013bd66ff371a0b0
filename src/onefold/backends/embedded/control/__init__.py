"""control.db: what the user defined and who may call. Written by web alone, read by every role.

One module a noun; each takes a `ControlDatabase`.
"""

from onefold.backends.embedded.control.control_database import ControlDatabase

__all__ = ["ControlDatabase"]
