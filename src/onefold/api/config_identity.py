"""The rules of identity as code: one document, by a name of its own, that is never deleted."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from onefold.api.caller import Caller
from onefold.api.config_kind import CODE, Given, Scene, check_form, refuse
from onefold.api.identity import choose_identity, refuse_bad_rules
from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.identity import ONLY
from onefold.backends.embedded.held_identifiers import count_holders
from onefold.config.config_plan import Effect, ObjectPlan
from onefold.config.plan import difference
from onefold.model.access import Right
from onefold.model.identifier import EMAIL, PHONE, USER_ID
from onefold.model.identity_rules import IdentityChoice, IdentityRules, resolve
from onefold.model.json import JsonObject, JsonValue
from onefold.unify.normalise import folded

NAME = "identity"
PLAIN_KINDS = frozenset({USER_ID, EMAIL, PHONE})
"""They come by fields of their own, too, whatever traits are named."""
COUNT_S_MAX = 1.0
"""About a million identifiers."""
FROM_HERE_ON = "It holds for events from here on; profiles stay as they are."
NEVER_DELETED = (
    "Identity is never deleted: `spec: {}` gives every rule back to the server's settings, "
    "and `onefold identity show` tells them."
)


class IdentityDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rules of identity as config as code has them: one document a workspace."""

    kind: Literal["identity"]
    name: Literal["identity"]
    spec: IdentityChoice = IdentityChoice()


class IdentityKind:
    """What the workspace sets of them; while it sets nothing, there is none."""

    name = "identity"
    right = Right.CONNECT
    is_deletable = False
    document = IdentityDocument

    def ids(self, workspace: Workspace) -> dict[str, int]:
        """The one, by its name."""
        return {NAME: ONLY} if _choice(workspace) != IdentityChoice() else {}

    def held(self, workspace: Workspace) -> JsonValue:
        """The choice: whether the worker reads by it yet is no config."""
        return _choice(workspace)

    def export(self, workspace: Workspace) -> list[JsonObject]:
        """The document, where anything is set."""
        spec = _plain(_choice(workspace))
        return [{"kind": self.name, "name": NAME, "spec": spec}] if spec else []

    def in_order(self, given: Sequence[Given]) -> list[Given]:
        """There is one."""
        return list(given)

    def planner(self, workspace: Workspace, scene: Scene) -> Callable[[Given], ObjectPlan]:
        """Field by field; a trait is one, too."""
        before = _plain(_choice(workspace))
        del scene

        def plan(given: Given) -> ObjectPlan:
            changes = difference(before, _plain(_choice_of(given)), "spec")
            action: Literal["none", "create", "change"] = "create" if given.is_new else "change"
            warnings = [FROM_HERE_ON] if changes else []
            return ObjectPlan(self.name, NAME, action if changes else "none", changes, warnings)

        return plan

    def plan_deletion(self, workspace: Workspace, name: str, id_: int) -> ObjectPlan:
        """It stays, and says why."""
        del workspace, id_
        return ObjectPlan(self.name, name, "unmanaged", warnings=[NEVER_DELETED])

    async def effect(self, workspace: Workspace, given: Given, scene: Scene, caller: Caller) -> Effect:
        """How many hold what would not identify any more."""
        del scene
        if Right.PERSONAL not in caller.rights:
            # Who counts the holders of a value finds out whether anybody has it.
            return Effect(self.name, NAME, reason="Counting who holds a value needs the right personal.")
        coming = resolve(_choice_of(given), workspace.server_rules)
        holding = await asyncio.to_thread(_count_holding, workspace, coming)
        reason = "There are too many identifiers to look through." if holding is None else ""
        return Effect(self.name, NAME, holding=holding, reason=reason)

    async def apply(self, workspace: Workspace, given: Given, scene: Scene, by: str) -> int:
        """Make it so, by a record of the log."""
        del scene, by
        await choose_identity(workspace, _choice_of(given))
        return ONLY

    async def delete(self, workspace: Workspace, id_: int) -> None:
        """Never asked for: no plan says so."""
        raise NotImplementedError(NEVER_DELETED)


def _choice(workspace: Workspace) -> IdentityChoice:
    return workspace.identity.get().choice


def _choice_of(given: Given) -> IdentityChoice:
    """What a document says.

    Raises:
        InvalidError: it has not the form, or a rule cannot be used.
    """
    if given.name != NAME:
        message = f"A workspace has one identity, and its name is {NAME!r}."
        raise refuse("name", message, value=given.name, remedy=f"Write `name: {NAME}`.")
    check_form(given.document, IdentityDocument)
    choice = msgspec.convert(given.document.get("spec", {}), IdentityChoice)
    refuse_bad_rules(choice, CODE, "spec.")
    return choice


def _plain(choice: IdentityChoice) -> JsonObject:
    found: JsonObject = msgspec.json.decode(msgspec.json.encode(choice))
    return found


def _count_holding(workspace: Workspace, coming: IdentityRules) -> int | None:
    now = workspace.rules
    values = folded(coming.blocked_values) - folded(now.blocked_values)
    kinds = set(now.trait_identifiers.values()) - set(coming.trait_identifiers.values()) - PLAIN_KINDS
    end = time.monotonic() + COUNT_S_MAX
    return count_holders(workspace.data_dir, values, kinds, is_over=lambda: time.monotonic() > end)
