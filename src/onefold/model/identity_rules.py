"""By which rules events say who somebody is: the workspace's own, and where it says nothing the server's.

In: what people set, field by field. Out: the rules as a whole, which a record of the log carries.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

PHONE_REGION = Meta(
    description="Country (ISO 3166, like DE) of phone numbers without an international prefix. "
    "Empty: only international numbers identify."
)
CURRENCY = Meta(description="Currency (ISO 4217, like EUR) of revenue that comes without one.")
TRAIT_IDENTIFIERS = Meta(
    description="Traits of identify that identify a person too, each with its kind: "
    '{"loyalty_number": "loyalty"}.'
)
BLOCKED_VALUES = Meta(description="Values that never identify anyone, beyond the built-in list.")


class IdentityRules(msgspec.Struct, frozen=True):
    """All of them. A change holds from its place in the log on; what is known already stays."""

    phone_region: Annotated[str, PHONE_REGION, Meta(pattern="^([A-Z]{2})?$")] = ""
    currency: Annotated[str, CURRENCY, Meta(pattern="^[A-Z]{3}$")] = "USD"
    trait_identifiers: Annotated[dict[str, str], TRAIT_IDENTIFIERS] = {}
    blocked_values: Annotated[tuple[str, ...], BLOCKED_VALUES] = ()


class IdentityChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a workspace says of them; of the rest the server's settings decide."""

    phone_region: Annotated[str, PHONE_REGION] | UnsetType = UNSET
    currency: Annotated[str, CURRENCY] | UnsetType = UNSET
    trait_identifiers: Annotated[dict[str, str], TRAIT_IDENTIFIERS] | UnsetType = UNSET
    blocked_values: Annotated[tuple[str, ...], BLOCKED_VALUES] | UnsetType = UNSET


class IdentityPut(msgspec.Struct, frozen=True):
    """What IDENTITY_PUT carries: whole, so that whoever reads the log folds alike, whatever its settings."""

    version: int
    rules: IdentityRules


FIELDS: tuple[str, ...] = IdentityRules.__struct_fields__


def resolve(choice: IdentityChoice, default: IdentityRules) -> IdentityRules:
    """The rules by what was chosen, and else by default."""
    chosen = msgspec.structs.asdict(choice)
    return IdentityRules(
        **{name: getattr(default, name) if chosen[name] is UNSET else chosen[name] for name in FIELDS}
    )
