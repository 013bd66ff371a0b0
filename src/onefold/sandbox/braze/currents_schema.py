"""The engagement events that this Braze emits, and their Avro schemas as the storage connector writes them.

A field is required where `*` stands, and a string unless its type is named. Source: Braze's event glossary
for Currents (July 2026).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

COMMON = (
    "id* user_id* external_user_id time*:int timezone app_group_id dispatch_id send_id campaign_id "
    "campaign_name message_variation_id message_variation_name canvas_id canvas_name canvas_variation_id "
    "canvas_variation_name canvas_step_id canvas_step_name"
)
_DEVICE = "device_id device_model os_version platform ad_id ad_id_type ad_tracking_enabled:boolean"
_MAIL = "email_address* esp from_domain ip_pool"

EVENT_FIELDS = {
    "users.behaviors.CustomEvent": f"app_id name* properties* {_DEVICE}",
    "users.behaviors.Purchase": f"app_id currency* price*:float product_id* properties* {_DEVICE}",
    "users.behaviors.Uninstall": "app_id* device_id",
    "users.behaviors.app.SessionStart": "app_id* device_id device_model os_version platform session_id*",
    "users.behaviors.app.SessionEnd": (
        "app_id* device_id device_model duration:float os_version platform session_id*"
    ),
    "users.behaviors.subscription.GlobalStateChange": (
        "app_id channel channel_identifier email_address state_change_source subscription_status*"
    ),
    "users.behaviors.subscriptiongroup.StateChange": (
        "app_id channel channel_identifier email_address phone_number state_change_source "
        "subscription_group_id* subscription_status*"
    ),
    "users.campaigns.Conversion": "app_id conversion_behavior conversion_behavior_index:int",
    "users.canvas.Conversion": "app_id conversion_behavior conversion_behavior_index:int",
    "users.canvas.Entry": "in_control_group*:boolean",
    "users.messages.email.Send": "email_address* from_domain ip_pool message_extras",
    "users.messages.email.Delivery": f"{_MAIL} sending_ip",
    "users.messages.email.Open": (
        f"browser device_class device_model device_os {_MAIL} is_amp:boolean machine_open "
        "mailbox_provider user_agent"
    ),
    "users.messages.email.Click": (
        f"browser device_class device_model device_os {_MAIL} is_amp:boolean "
        "is_suspected_bot_click:boolean link_alias link_id mailbox_provider url user_agent"
    ),
    "users.messages.email.Bounce": f"bounce_reason {_MAIL} is_drop:boolean sending_ip",
    "users.messages.email.SoftBounce": f"bounce_reason {_MAIL} sending_ip",
    "users.messages.email.MarkAsSpam": f"{_MAIL} user_agent",
    "users.messages.email.Unsubscribe": "email_address* ip_pool",
    "users.messages.pushnotification.Send": (f"app_id* locale_key message_extras push_token {_DEVICE}"),
    "users.messages.pushnotification.Open": f"app_id* button_action_type button_string {_DEVICE}",
    "users.messages.inappmessage.Impression": f"app_id* card_id version* {_DEVICE}",
    "users.messages.inappmessage.Click": f"app_id* button_id card_id version* {_DEVICE}",
    "users.messages.contentcard.Impression": f"app_id* content_card_id* {_DEVICE}",
    "users.messages.contentcard.Click": f"app_id* content_card_id* {_DEVICE}",
    "users.messages.sms.Send": "category message_extras subscription_group_id to_phone_number*",
    "users.messages.sms.Delivery": (
        "from_phone_number is_sms_fallback:boolean subscription_group_id to_phone_number"
    ),
    "users.messages.webhook.Send": "message_extras",
}
# What stands for a required field that nobody gave.
_BLANKS: dict[str, object] = {"string": "", "int": 0, "float": 0.0, "boolean": False}


@lru_cache
def fields_of(event_type: str) -> dict[str, tuple[str, bool]]:
    """Return each field's type and whether it is required."""
    fields: dict[str, tuple[str, bool]] = {}
    for word in f"{COMMON} {EVENT_FIELDS[event_type]}".split():
        name, _, kind = word.partition(":")
        fields[name.rstrip("*")] = (kind or "string", name.endswith("*"))
    return fields


def avro_schema(event_type: str, extra: str | None = None) -> dict[str, Any]:
    """Return the schema of one file; `extra` is a field that a later version has added."""
    namespace, _, name = event_type.rpartition(".")
    fields: list[dict[str, Any]] = []
    for field, (kind, is_required) in fields_of(event_type).items():
        if is_required:
            fields.append({"name": field, "type": kind})
        else:
            fields.append({"name": field, "type": ["null", kind], "default": None})
    if extra is not None:
        fields.append({"name": extra, "type": ["null", "string"], "default": None})
    return {"type": "record", "name": name, "namespace": f"dataexport.S3.inner.{namespace}", "fields": fields}


def complete(event_type: str, given: dict[str, object]) -> dict[str, object]:
    """Return all fields of an event; ValueError names one that it does not have."""
    fields = fields_of(event_type)
    unknown = given.keys() - fields.keys()
    if unknown:
        raise ValueError(f"{event_type} has no field {sorted(unknown)[0]!r}")
    return {
        name: given.get(name, _BLANKS[kind] if is_required else None)
        for name, (kind, is_required) in fields.items()
    }
