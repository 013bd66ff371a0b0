"""What an operator may set about identity and folding."""

from typing import Annotated

import msgspec

from onefold.model.identity_rules import IdentityRules
from onefold.unify.interaction import INTERACTIONS_MAX


class UnifySettings(IdentityRules, frozen=True):
    """`[unify]` of the settings. Before the first four goes what `onefold identity set` says."""

    dedupe_hours: Annotated[
        int,
        msgspec.Meta(
            ge=24, le=24 * 31, description="Hours in which an event with the same message id counts once."
        ),
    ] = 48
    interactions_max: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            le=1000,
            description="Messages and content seen that are kept a profile: the latest so many.",
        ),
    ] = INTERACTIONS_MAX
