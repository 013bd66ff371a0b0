"""The `opt` values by which every route declares who may call it."""

from collections.abc import Callable, Iterable
from typing import Any

from onefold.api.undo import Undo
from onefold.model.access import Right
from onefold.model.json import JsonValue

Tells = Callable[[JsonValue], Iterable[tuple[str, JsonValue, JsonValue]]]

EVERYONE: dict[str, Any] = {"allow": "everyone"}
"""Anybody who reaches the port."""
GETS_IN: dict[str, Any] = {"allow": "everyone", "audited": True}
"""The same, for who gets in by it: noted in the audit trail."""
SIGNED_IN: dict[str, Any] = {"allow": "signed_in"}
"""Any caller, whatever their rights: what concerns only themselves."""
LOCAL: dict[str, Any] = {"allow": "local"}
"""Only by the unix socket: other roles, and what reads files of this machine."""


def may(
    right: Right,
    *,
    audited: bool = True,
    hides: tuple[str, ...] = (),
    tells: Tells | None = None,
    undo: Undo | str = "",
) -> dict[str, Any]:
    """Callers with this right.

    Args:
        right: what they need.
        audited: False for what changes nothing although it is a POST: previews, tests.
        hides: fields of the answer that the audit trail leaves out: secrets that are shown once.
        tells: of an answer about several things that were changed: address, before and after of each.
        undo: how the change is taken back, or why it cannot be.
    """
    return {"allow": right, "audited": audited, "hides": hides, "tells": tells, "undo": undo}


SEE = may(Right.SEE)
PERSONAL = may(Right.PERSONAL)
SEGMENT = may(Right.SEGMENT)
ACTIVATE = may(Right.ACTIVATE)
CONNECT = may(Right.CONNECT)
OPERATE = may(Right.OPERATE)
ERASE = may(Right.ERASE)
ADMINISTER = may(Right.ADMINISTER)
