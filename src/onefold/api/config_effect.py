"""What a plan of the config means for people: who enters and leaves segments, and what goals would send.

In: a plan. Out: an effect an object that would change, where it has one. Nothing is written, and nothing is
sent: a destination is only asked which types it holds, as by the preview of a goal.
"""

from onefold.api.caller import Caller
from onefold.api.config_plan import KINDS, PlannedConfig
from onefold.api.workspace import Workspace
from onefold.config.config_plan import Effect

EFFECTS_MAX = 50
"""Objects looked at: each takes up to some seconds, and nobody reads more."""


async def find_effects(workspace: Workspace, planned: PlannedConfig, caller: Caller) -> list[Effect]:
    """One an object that is made or changed.

    Raises:
        RequestError: the caller has not the right to count people.
    """
    changed = {(one.kind, one.name) for one in planned.plan.objects if one.action in ("create", "change")}
    found: list[Effect] = []
    for kind in KINDS:
        for given in planned.scene.given[kind.name]:
            if (kind.name, given.name) not in changed or len(found) >= EFFECTS_MAX:
                continue
            effect = await kind.effect(workspace, given, planned.scene, caller)
            found += [effect] if effect is not None else []
    return found
