"""What is wrong with rules of identity that somebody gives: field, value and what to write instead."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import phonenumbers
from msgspec import UNSET

from onefold.model.identifier import ANONYMOUS_ID, EMAIL, PHONE
from onefold.model.identity_rules import IdentityChoice
from onefold.unify.normalise import KIND_CHARS_MAX, VALUE_CHARS_MAX, kind_of
from onefold.unify.read import TRAIT_CHARS_MAX

TRAITS_MAX = 50
"""Each is looked for in every identify."""
VALUES_MAX = 1000
SAID_OTHERWISE = {"UK": "GB", "EL": "GR"}
"""Countries that are often called by letters that are not theirs."""

_CURRENCY = re.compile("[A-Z]{3}")


class RuleProblem(NamedTuple):
    """One field at fault."""

    field: str
    message: str
    value: str | int
    remedy: str


def check_choice(choice: IdentityChoice) -> list[RuleProblem]:
    """Everything that is wrong; nothing if all can be used."""
    problems: list[RuleProblem] = []
    if choice.phone_region is not UNSET:
        problems += _check_region(choice.phone_region)
    if choice.currency is not UNSET and not _CURRENCY.fullmatch(choice.currency):
        problems.append(_bad_currency(choice.currency))
    if choice.trait_identifiers is not UNSET:
        problems += _check_traits(choice.trait_identifiers)
    if choice.blocked_values is not UNSET:
        problems += _check_blocked(choice.blocked_values)
    return problems


def _check_region(region: str) -> Iterator[RuleProblem]:
    if not region or region in phonenumbers.SUPPORTED_REGIONS:
        return
    upper = region.strip().upper()
    meant = SAID_OTHERWISE.get(upper, upper)
    remedy = (
        f"Write {meant}."
        if meant in phonenumbers.SUPPORTED_REGIONS
        else "Give two capital letters of ISO 3166, like DE; or nothing, for international numbers only."
    )
    message = f"{region!r} is no country that has phone numbers."
    yield RuleProblem("phone_region", message, region, remedy)


def _bad_currency(given: str) -> RuleProblem:
    upper = given.strip().upper()
    remedy = f"Write {upper}." if _CURRENCY.fullmatch(upper) else "Give three letters of ISO 4217, like EUR."
    return RuleProblem("currency", f"{given!r} is no code of a currency.", given, remedy)


def _check_traits(traits: Mapping[str, str]) -> Iterator[RuleProblem]:
    if len(traits) > TRAITS_MAX:
        message = f"At most {TRAITS_MAX} traits can identify."
        yield RuleProblem("trait_identifiers", message, len(traits), "Keep those that are unique a person.")
    for trait, kind in traits.items():
        field = f"trait_identifiers.{trait}"
        if not trait.strip() or len(trait) > TRAIT_CHARS_MAX:
            message = f"A trait has a name of 1 to {TRAIT_CHARS_MAX} characters."
            yield RuleProblem(field, message, trait, "Give the name as identify sends it.")
        elif trait in (EMAIL, PHONE):
            message = f"The trait {trait} identifies already, as {trait}."
            yield RuleProblem(field, message, kind, "Leave it out.")
        elif not kind_of(kind):
            message = f"{kind!r} cannot be a kind of identifier."
            remedy = f"Use letters, digits, _ . and -, {KIND_CHARS_MAX} at most: loyalty."
            yield RuleProblem(field, message, kind, remedy)
        elif kind == ANONYMOUS_ID:
            message = "anonymous_id is of a device, which may have several people."
            yield RuleProblem(field, message, kind, "Use a kind of your own, like loyalty.")


def _check_blocked(values: Sequence[str]) -> Iterator[RuleProblem]:
    if len(values) > VALUES_MAX:
        message = f"At most {VALUES_MAX:,} values can be blocked."
        yield RuleProblem("blocked_values", message, len(values), "Keep those that occur.")
    for place, value in enumerate(values):
        if not value.strip() or len(value) > VALUE_CHARS_MAX:
            message = f"A blocked value has 1 to {VALUE_CHARS_MAX} characters."
            yield RuleProblem(f"blocked_values.{place}", message, value[:50], "Leave it out.")
