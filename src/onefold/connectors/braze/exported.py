"""A user as Braze exports one, as a row: field -> value.

In: a line of JSON. Out: standard fields under Braze's names, custom attributes under their own (one that is
called like a standard field as `custom_attributes.<name>`), an alias as `alias:<label>`. Dates are liberal in
Braze's exports; here they are ISO. What is missing in the line is empty.
"""

import re
from collections.abc import Mapping

import msgspec

from onefold.clock import from_iso, to_iso
from onefold.connectors.braze.held import Attribute
from onefold.model.intake import Row
from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType
from onefold.plugin.origin import BadRow, OfferedField

LINE_BYTES_MAX = 16 * 1024**2
"""A user with every list of Braze's stays far below."""
ALIAS = "alias:"
CUSTOM = "custom_attributes"
LEFT_OUT = frozenset({"appboy_id", "user_aliases", CUSTOM})
DATE_FIELDS = frozenset({"dob"})
TIME_FIELDS = frozenset({"created_at", "uninstalled_at", "push_opted_in_at", "email_opted_in_at"})
_UTC_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?) ?(?:UTC|Z)")

FIELDS = (
    OfferedField("external_id", "External ID", ValueType.TEXT, is_identifier=True),
    OfferedField("braze_id", "Braze ID", ValueType.TEXT, is_identifier=True),
    OfferedField("email", "E-mail", ValueType.TEXT, is_identifier=True),
    OfferedField("phone", "Phone", ValueType.TEXT, is_identifier=True),
    OfferedField("first_name", "First name", ValueType.TEXT),
    OfferedField("last_name", "Last name", ValueType.TEXT),
    OfferedField("dob", "Date of birth", ValueType.DATE),
    OfferedField("gender", "Gender", ValueType.TEXT),
    OfferedField("country", "Country", ValueType.TEXT),
    OfferedField("home_city", "City", ValueType.TEXT),
    OfferedField("language", "Language", ValueType.TEXT),
    OfferedField("time_zone", "Time zone", ValueType.TEXT),
    OfferedField("email_subscribe", "E-mail subscription", ValueType.TEXT),
    OfferedField("push_subscribe", "Push subscription", ValueType.TEXT),
    OfferedField("total_revenue", "Revenue in Braze", ValueType.NUMBER),
    OfferedField("created_at", "Created in Braze", ValueType.TIME),
    OfferedField("last_coordinates", "Last coordinates", ValueType.LIST),
    OfferedField("attributed_campaign", "Attributed campaign", ValueType.TEXT),
    OfferedField("attributed_source", "Attributed source", ValueType.TEXT),
    OfferedField("attributed_adgroup", "Attributed ad group", ValueType.TEXT),
    OfferedField("attributed_ad", "Attributed ad", ValueType.TEXT),
)
"""What every export asks for; the lists below only where a row names them."""
LISTS = tuple(
    OfferedField(name, title, ValueType.LIST)
    for name, title in (
        ("custom_events", "Custom events of the last 90 days"),
        ("purchases", "Purchases of the last 90 days"),
        ("campaigns_received", "Campaigns received"),
        ("canvases_received", "Canvases received"),
        ("cards_clicked", "Cards clicked"),
        ("devices", "Devices"),
        ("apps", "Apps"),
        ("push_tokens", "Push tokens"),
    )
)
STANDARD = frozenset(field.name for field in (*FIELDS, *LISTS))
TYPES = {
    "string": ValueType.TEXT,
    "number": ValueType.NUMBER,
    "boolean": ValueType.BOOLEAN,
    "time": ValueType.TIME,
    "array": ValueType.LIST,
    "object": ValueType.OBJECT,
    "object array": ValueType.LIST,
}

_decoder = msgspec.json.Decoder(dict[str, object])


def read_user(line: bytes) -> Row | BadRow:
    """The row of one line."""
    if len(line) > LINE_BYTES_MAX:
        return BadRow(f"The line is longer than {LINE_BYTES_MAX:,} bytes.", "")
    try:
        user = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return BadRow("The line is not a JSON object.", line[:1000].decode("utf-8", "replace"))
    return flatten(user)


def flatten(user: Mapping[str, JsonValue]) -> Row:
    """The row of one exported user."""
    row: Row = {}
    custom = user.get(CUSTOM)
    if isinstance(custom, dict):
        row |= {(f"{CUSTOM}.{name}" if name in STANDARD else name): value for name, value in custom.items()}
    for name, value in user.items():
        if name not in LEFT_OUT:
            row[name] = _plain(name, value)
    aliases = user.get("user_aliases")
    for alias in aliases if isinstance(aliases, list) else ():
        if isinstance(alias, dict) and alias.get("alias_label"):
            row.setdefault(f"{ALIAS}{alias['alias_label']}", alias.get("alias_name"))
    return row


def custom_field(attribute: Attribute) -> OfferedField | None:
    """The field of one attribute that Braze lists; None for one that it blocks."""
    if attribute.status.lower() != "active":
        return None
    name = attribute.name
    shown = f"{CUSTOM}.{name}" if name in STANDARD else name
    kind = TYPES.get(attribute.type, ValueType.AUTO)
    return OfferedField(shown, name, kind, help=attribute.description or "")


def _plain(name: str, value: JsonValue) -> JsonValue:
    if not isinstance(value, str) or name not in DATE_FIELDS | TIME_FIELDS:
        return value
    if name in DATE_FIELDS:
        return value[:10]
    found = _UTC_TIME.fullmatch(value)
    return to_iso(from_iso(f"{found[1]}T{found[2]}Z")) if found else value
