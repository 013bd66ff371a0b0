"""Consent as Braze knows it: the global states of e-mail and push, and subscription groups.

In: what a person said about a purpose. Out: one attributes object with the states that changed. They travel
by /users/track, not by /subscription/status/set: one object holds all states of a person, in order with the
person's other changes, for aliases as well, and a refused one is named by itself.

A state belongs to an e-mail address or a telephone: a new one begins as subscribed in Braze. So with another
address every state is told again (`with_contacts`), behind what sets the address.
"""

import re
from collections.abc import Mapping

import msgspec

from onefold.connectors.braze.attributes import AttributesWriter
from onefold.connectors.braze.goal_kinds import GLOBAL_STATES, SUBSCRIPTIONS
from onefold.model.consent import ConsentState
from onefold.model.goal import Goal
from onefold.model.identifier import EMAIL, PHONE
from onefold.model.json import JsonValue
from onefold.model.mapping import ConsentValue, ValueType
from onefold.model.profile import latest
from onefold.plugin import Address, Draft, Problem, Refusal
from onefold.plugin.check import setting
from onefold.plugin.contract import Identifiers

GROUP_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
UNSUBSCRIBED = "unsubscribed"


def with_contacts(address: Address, identifiers: Identifiers) -> Address:
    """The address of a person whose states hold for these contacts alone."""
    contacts = [latest(values) for kind in (EMAIL, PHONE) if (values := identifiers.get(kind))]
    return msgspec.structs.replace(address, key="\n".join((address.key, *contacts)))


class SubscriptionsWriter:
    """Makes attributes objects that hold subscription states alone."""

    def __init__(self, goal: Goal) -> None:
        self._consented = str(setting(SUBSCRIPTIONS.fields, goal.settings, "consented"))
        self._attributes = AttributesWriter()

    def normalise(self, field: str, value: JsonValue, as_type: ValueType) -> JsonValue | Refusal:
        """The state that Braze holds; None where the person said nothing, which changes nothing there."""
        del as_type
        if value == ConsentState.CONSENTED:
            return self._consented if field in GLOBAL_STATES else "subscribed"
        return UNSUBSCRIBED if value == ConsentState.REFUSED else None

    def can_remove(self, field: str) -> bool:
        """A state in Braze has no empty form: whoever takes back what was said leaves it as it is."""
        del field
        return False

    def write(self, address: Address, fields: Mapping[str, JsonValue]) -> Draft | Refusal:
        """One object; of groups only those that changed."""
        states: dict[str, JsonValue] = {
            field: state for field, state in fields.items() if field in GLOBAL_STATES
        }
        groups: list[JsonValue] = [
            {"subscription_group_id": field, "subscription_state": state}
            for field, state in fields.items()
            if field not in GLOBAL_STATES
        ]
        if groups:
            states["subscription_groups"] = groups
        return self._attributes.write(address, states)


def check_subscriptions(goal: Goal) -> list[Problem]:
    """Rows that are not of a purpose, or fill what is no subscription."""
    problems = []
    if goal.purpose:
        message = "It must also reach those who refuse: leave the purpose empty, its rows name theirs."
        problems.append(Problem("purpose", message))
    for place, row in enumerate(goal.mappings):
        path = f"mappings.{place}"
        if not isinstance(row.source, ConsentValue):
            problems.append(Problem(f"{path}.source", "A subscription follows consent: give it a purpose."))
        if row.field not in GLOBAL_STATES and not GROUP_ID.fullmatch(row.field):
            names = " or ".join(GLOBAL_STATES)
            message = f"{row.field!r} is neither {names} nor the id of a subscription group in small letters."
            problems.append(Problem(f"{path}.field", message))
    return problems
