"""Which names a mapping cannot fill in Braze."""

from onefold.connectors.braze.limits import TEXT_CHARS_MAX

CONTROL_NAMES = frozenset(
    {
        "external_id",
        "braze_id",
        "user_alias",
        "alias_name",
        "alias_label",
        "app_id",
        "push_token_import",
        "_update_existing_only",
        "_merge_objects",
    }
)
"""Keys of an object that are not attributes."""
EXPORT_ONLY_NAMES = frozenset(
    {
        "created_at",
        "created_from",
        "random_bucket",
        "total_revenue",
        "attributed_campaign",
        "attributed_source",
        "attributed_adgroup",
        "attributed_ad",
        "last_coordinates",
        "apps",
        "devices",
        "campaigns_received",
        "canvases_received",
        "cards_clicked",
        "uninstalled_at",
        "push_opted_in_at",
        "custom_events",
        "purchases",
        "email_subscription_info",
    }
)
"""Braze fills these itself."""
OTHER_STANDARD_NAMES = frozenset({"subscription_groups", "push_tokens", "facebook", "twitter"})
"""Standard fields that a mapping of one value cannot fill."""


def refuse_name(name: str) -> str:
    """Why a profile field cannot have this name; empty if it can."""
    if name in CONTROL_NAMES:
        return "is not an attribute: Onefold fills it from the person's identifiers."
    if name in EXPORT_ONLY_NAMES:
        return "is filled by Braze alone."
    if name in OTHER_STANDARD_NAMES:
        return "cannot be filled by a mapping."
    if name.startswith("$"):
        return "must not begin with $."
    if len(name) > TEXT_CHARS_MAX:
        return f"is longer than {TEXT_CHARS_MAX} characters."
    return ""
