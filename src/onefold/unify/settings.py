"""What an operator may set about identity and folding."""

from typing import Annotated

import msgspec

from onefold.unify.interaction import INTERACTIONS_MAX


class UnifySettings(msgspec.Struct, frozen=True):
    """`[unify]` of the settings. A change holds for later events only; a replay folds by the new ones."""

    dedupe_hours: Annotated[
        int,
        msgspec.Meta(
            ge=24, le=24 * 31, description="Hours in which an event with the same message id counts once."
        ),
    ] = 48
    phone_region: Annotated[
        str,
        msgspec.Meta(
            pattern="^([A-Z]{2})?$",
            description="Country (ISO 3166, like DE) of phone numbers without an international prefix. "
            "Empty: only international numbers identify.",
        ),
    ] = ""
    currency: Annotated[
        str,
        msgspec.Meta(pattern="^[A-Z]{3}$", description="Currency of revenue that comes without one."),
    ] = "USD"
    trait_identifiers: Annotated[
        dict[str, str],
        msgspec.Meta(
            description="Traits of identify that identify a person too, each with its kind: "
            '{"loyalty_number": "loyalty"}.'
        ),
    ] = {}
    interactions_max: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            le=1000,
            description="Messages and content seen that are kept a profile: the latest so many.",
        ),
    ] = INTERACTIONS_MAX
    blocked_values: Annotated[
        tuple[str, ...],
        msgspec.Meta(description="Values that never identify anyone, beyond the built-in list."),
    ] = ()
