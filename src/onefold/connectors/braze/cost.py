"""What Braze bills for an object: data points.

In: what an object holds. Out: data points, which Braze counts whether or not a value changed.
Source: Braze's documentation of data points, as of July 2026.
"""

from collections.abc import Mapping

from onefold.model.json import JsonValue

FREE_FIELDS = frozenset({"email_subscribe", "push_subscribe", "subscription_groups", "push_tokens"})
"""Consent and tokens are not billed."""
FREE_EVENTS = "ecommerce."
"""The recommended e-commerce events are not billed since June 2026."""


def costs_of_fields(fields: Mapping[str, JsonValue]) -> dict[str, int]:
    """Data points of each field of an attributes object: one, or one a key at the end of the way."""
    return {field: 0 if field in FREE_FIELDS else _cost_of_value(value) for field, value in fields.items()}


def cost_of_event(name: str) -> int:
    """Data points of a custom event."""
    return 0 if name.startswith(FREE_EVENTS) else 1


def _cost_of_value(value: JsonValue) -> int:
    if isinstance(value, dict) and value:
        return sum(map(_cost_of_value, value.values()))
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return sum(map(_cost_of_value, value))
    return 1
