"""Reserved profile fields: what is refused on arrival, what is stored, mapped or ignored later.

In: a field and its value. Out on arrival: an error text or None. Out when applied: the value to store,
None to remove the field, or `IgnoredError`. Source: fact sheet on the user attributes object (July
2026).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.custom import IgnoredError
from onefold.sandbox.braze.identifiers import is_email, normal_phone
from onefold.sandbox.braze.iso_tables import LANGUAGES, country_code, is_time_zone
from onefold.sandbox.braze.times import format_iso, parse_time
from onefold.sandbox.braze.values import is_one_of

CONTROL_FIELDS = frozenset(
    {
        "external_id",
        "user_alias",
        "braze_id",
        "alias_name",
        "alias_label",
        "app_id",
        "_update_existing_only",
        "_merge_objects",
        "push_token_import",
    }
)
EXPORT_ONLY_FIELDS = frozenset(
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
    }
)
# Written without data points, as the billing page lists them.
FREE_FIELDS = frozenset({"email_subscribe", "push_subscribe", "subscription_groups", "push_tokens"})
SUBSCRIPTION_STATES = frozenset({"opted_in", "subscribed", "unsubscribed"})
GROUP_STATES = frozenset({"subscribed", "unsubscribed"})
GENDERS = frozenset({"M", "F", "O", "N", "P"})
IMAGE_URL_CHARS_MAX = 1_024
TOKEN_DEVICE_BYTES = range(8, 256)
UUID_FORM = re.compile(r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
DATE_FORM = re.compile(r"^\d{4}-\d\d-\d\d$")


def _check_email(value: object) -> str | None:
    return None if value is None or is_email(value) else texts.EMAIL_INVALID


def _check_email_subscribe(value: object) -> str | None:
    return None if is_one_of(value, SUBSCRIPTION_STATES) else texts.BAD_EMAIL_SUBSCRIPTION_STATE


def _check_push_subscribe(value: object) -> str | None:
    return None if is_one_of(value, SUBSCRIPTION_STATES) else texts.BAD_PUSH_SUBSCRIPTION_STATE


def _check_location(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        return texts.BAD_LOCATION_UPDATE
    longitude, latitude = value.get("longitude"), value.get("latitude")
    ok = _within(longitude, 180) and _within(latitude, 90)
    return None if ok else texts.BAD_LOCATION_UPDATE


def _within(value: object, bound: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -bound <= value <= bound


def _refuse_subscription_info(_value: object) -> str | None:
    return texts.EMAIL_SUBSCRIPTION_INFO


def check_groups(value: object, known_ids: frozenset[str]) -> str | None:
    """Return what is wrong with `subscription_groups`; with no ids configured any UUID is a group."""
    if not isinstance(value, list):
        return texts.BAD_SUBSCRIPTION_GROUP_ARRAY
    for group in value:
        if not isinstance(group, dict):
            return texts.BAD_SUBSCRIPTION_GROUP_HASH
        group_id = group.get("subscription_group_id")
        if not isinstance(group_id, str) or not UUID_FORM.match(group_id):
            return texts.BAD_SUBSCRIPTION_GROUP_ID
        if known_ids and group_id not in known_ids:
            return texts.BAD_SUBSCRIPTION_GROUP_ID
        if not is_one_of(group.get("subscription_state"), GROUP_STATES):
            return texts.BAD_SUBSCRIPTION_GROUP_STATE
    return None


def check_tokens(value: object, app_ids: frozenset[str]) -> str | None:
    """Return what is wrong with `push_tokens`; the app must be one of the workspace's."""
    if not isinstance(value, list):
        return texts.BAD_PUSH_VALUE
    for token in value:
        if not isinstance(token, dict):
            return texts.BAD_PUSH_VALUE
        if not isinstance(token.get("token"), str) or not token["token"]:
            return texts.BAD_PUSH_STRING
        if not is_one_of(token.get("app_id"), app_ids):
            return texts.BAD_PUSH_APP_ID
        device_id = token.get("device_id")
        if device_id is not None and not (
            isinstance(device_id, str) and len(device_id.encode()) in TOKEN_DEVICE_BYTES
        ):
            return texts.BAD_DEVICE_ID
    return None


FIELD_CHECKS: dict[str, Callable[[object], str | None]] = {
    "email": _check_email,
    "email_subscribe": _check_email_subscribe,
    "push_subscribe": _check_push_subscribe,
    "current_location": _check_location,
    "email_subscription_info": _refuse_subscription_info,
}


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise IgnoredError("standard_field_type")
    return value


def _gender(value: object) -> object:
    if not is_one_of(value, GENDERS):
        raise IgnoredError("gender_unknown")
    return value


def _country(value: object) -> object:
    """Map names to codes; anything else is stored as nothing."""
    return country_code(value) if isinstance(value, str) else None


def _language(value: object) -> object:
    if not isinstance(value, str) or value.lower() not in LANGUAGES:
        raise IgnoredError("language_unknown")
    return value.lower()


def _time_zone(value: object) -> object:
    if not isinstance(value, str) or not is_time_zone(value):
        raise IgnoredError("time_zone_unknown")
    return value


def _date_of_birth(value: object) -> object:
    at = parse_time(value) if isinstance(value, str) and DATE_FORM.match(value) else None
    if at is None:
        raise IgnoredError("dob_invalid")
    return value


def _image_url(value: object) -> object:
    if not isinstance(value, str) or len(value) > IMAGE_URL_CHARS_MAX:
        raise IgnoredError("image_url_invalid")
    return value


def _moment(value: object) -> object:
    at = parse_time(value)
    if at is None:
        raise IgnoredError("standard_field_type")
    return format_iso(at)


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        raise IgnoredError("standard_field_type")
    return value


def _object(value: object) -> object:
    if not isinstance(value, dict):
        raise IgnoredError("standard_field_type")
    return value


def _coordinates(value: object) -> object:
    return [value["longitude"], value["latitude"]] if isinstance(value, dict) else None


def _phone(value: object) -> object:
    if not isinstance(value, str) or not value:
        raise IgnoredError("standard_field_type")
    return normal_phone(value)


def _as_sent(value: object) -> object:
    return value


FIELD_VALUES: dict[str, Callable[[object], object]] = {
    "first_name": _text,
    "last_name": _text,
    "home_city": _text,
    "email": _text,
    "phone": _phone,
    "dob": _date_of_birth,
    "gender": _gender,
    "country": _country,
    "language": _language,
    "time_zone": _time_zone,
    "current_location": _coordinates,
    "image_url": _image_url,
    "date_of_first_session": _moment,
    "date_of_last_session": _moment,
    "email_subscribe": _as_sent,
    "push_subscribe": _as_sent,
    "email_open_tracking_disabled": _flag,
    "email_click_tracking_disabled": _flag,
    "marked_email_as_spam_at": _moment,
    "subscription_groups": _as_sent,
    "push_tokens": _as_sent,
    "facebook": _object,
    "twitter": _object,
}
