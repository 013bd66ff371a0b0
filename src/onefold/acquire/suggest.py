"""What a file's columns probably mean: told by their names and their first values. To be looked at.

In: a sample. Out: a `ColumnUse` a column, and the mapping that they make together. The rules, in their order:

1. What names a person by its name (`email`, `Customer ID`, `phone`) is an identifier, one a kind; a column
   whose values are e-mail addresses is one, too.
2. A column that names events, or an order's number, makes each row an event; otherwise a row is a person.
3. Of events, one column that holds times says when they happened, and an order's number that is there once
   a row names the event for good.
4. Everything else is a property of the event, or a trait of the person, of the type that all its values have.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from onefold.acquire.cell import read_boolean, read_number, read_time
from onefold.acquire.sample import Sample
from onefold.model.identifier import ANONYMOUS_ID, EMAIL, PHONE, USER_ID
from onefold.model.json import JsonObject, JsonValue

Role = Literal["identifier", "trait", "property", "time", "event", "consent", "ignore"]
ValueType = Literal["as_is", "text", "number", "boolean", "time"]

IDENTIFIERS = {
    EMAIL: ("email", "e_mail", "mail", "email_address", "e_mail_address", "mail_address", "user_email"),
    PHONE: ("phone", "phone_number", "mobile", "mobile_number", "mobile_phone", "telephone", "tel"),
    USER_ID: (
        *("user_id", "userid", "customer_id", "customerid", "customer_no", "customer_number", "customer"),
        *("client_id", "member_id", "account_id", "external_id", "contact_id", "person_id", "user", "id"),
    ),
    ANONYMOUS_ID: ("anonymous_id", "anonymousid", "device_id", "visitor_id", "cookie_id"),
}
EVENT_NAMES = ("event", "event_name", "event_type", "action", "activity")
ORDER_NUMBERS = (
    *("order_id", "orderid", "order_no", "order_number", "order"),
    *("invoice_id", "invoice_no", "invoiceno", "invoice", "invoice_number", "transaction_id"),
)
TIMES = (
    *("timestamp", "time", "occurred_at", "happened_at", "event_time", "datetime", "date", "at"),
    *("order_date", "ordered_at", "invoice_date", "invoicedate", "created_at", "created", "purchased_at"),
)
ORDER_EVENT = "Order Completed"
OTHER_EVENT = "Imported"
EMAIL_SHARE = 0.8
"""So many of a column's values are e-mail addresses, or it is not a column of them."""
PLAIN_TEXT = re.compile(r"(^|_)(id|no|number|code|zip|postcode|postal_code|plz|sku|phone|tel|mobile)$")
"""Names of columns whose digits are no number to calculate with."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LEADING_ZERO = re.compile(r"[+-]?0\d")
_DIGITS = re.compile(r"[+-]?\d+([.,]\d+)?")
_UTC = ZoneInfo("UTC")


class ColumnUse(msgspec.Struct, frozen=True):
    """What a column is taken for: `target` is the kind, trait, property or purpose that it fills."""

    name: str
    role: Role
    target: str = ""
    type: ValueType = "as_is"
    why: str = ""


class Suggestion(msgspec.Struct, frozen=True):
    """One use a column, and the mapping that they make."""

    columns: list[ColumnUse]
    event: str
    """What each row is called as an event; empty: rows are people, or a column says it."""
    id: list[str]
    mapping: JsonObject


def suggest_mapping(sample: Sample) -> Suggestion:
    """What the columns of a file probably mean."""
    uses: dict[str, ColumnUse] = {}
    for use in _identifiers(sample):
        uses[use.name] = use
    left = [name for name in sample.columns if name not in uses]
    named = _first(left, EVENT_NAMES)
    order = _first(left, ORDER_NUMBERS)
    is_event = bool(named or order) or not uses or not left
    if named:
        uses[named] = ColumnUse(named, "event", why="Its name says that it names events.")
    if is_event and (time := _time(sample, [name for name in left if name != named])):
        uses[time] = ColumnUse(time, "time", why="It holds times.")
    role: Role = "property" if is_event else "trait"
    columns = _told_apart(uses.get(name) or _plain(sample, name, role) for name in sample.columns)
    is_named = bool(named) or not is_event
    event = "" if is_named else ORDER_EVENT if order else OTHER_EVENT
    named_by = [order] if order and _is_unique(sample, order) else []
    return Suggestion(columns, event, named_by, make_mapping(columns, event, named_by))


def make_mapping(columns: Sequence[ColumnUse], event: str, named_by: Sequence[str] = ()) -> JsonObject:
    """The mapping document of these uses; `event` is the name of the event where no column holds it."""
    mapping: JsonObject = {}
    sections: Sequence[tuple[Role, str]] = (
        ("identifier", "identifiers"),
        ("trait", "traits"),
        ("property", "properties"),
        ("consent", "consents"),
    )
    for role, section in sections:
        filled = {use.target: _value(use) for use in columns if use.role == role}
        if filled:
            mapping[section] = filled
    for use in columns:
        if use.role == "time":
            mapping["time"] = {"column": use.name}
        if use.role == "event":
            mapping["event"] = {"column": use.name}
    if event and "event" not in mapping:
        mapping["event"] = {"name": event}
    return {**mapping, "id": list(named_by)} if named_by else mapping


def plain_name(column: str) -> str:
    """`First Name` and `firstName` become first_name: how traits and properties are called here."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip())
    return re.sub(r"[^0-9a-zA-Z\u00c0-\uffff]+", "_", parted).strip("_").lower() or column


def _told_apart(columns: Iterable[ColumnUse]) -> list[ColumnUse]:
    """The same with a number behind a target that was there before."""
    seen: set[tuple[Role, str]] = set()
    found = []
    for use in columns:
        target, count = use.target, 1
        while target and (use.role, target) in seen:
            count += 1
            target = f"{use.target}_{count}"
        seen.add((use.role, target))
        found.append(msgspec.structs.replace(use, target=target))
    return found


def _value(use: ColumnUse) -> JsonValue:
    is_plain = use.type == "as_is" or use.role == "consent"
    return use.name if is_plain else {"column": use.name, "type": use.type}


def _identifiers(sample: Sample) -> Iterable[ColumnUse]:
    taken: set[str] = set()
    for kind, names in IDENTIFIERS.items():
        column = _first([name for name in sample.columns if name not in taken], names)
        if not column and kind == EMAIL:
            column = next((name for name in sample.columns if _holds_emails(sample.values(name))), "")
            why = "Its values are e-mail addresses."
        else:
            why = "Its name says so."
        if column:
            taken.add(column)
            yield ColumnUse(column, "identifier", kind, why=why)


def _first(columns: Sequence[str], names: Sequence[str]) -> str:
    """The column with the name that stands first."""
    found = {plain_name(column): column for column in reversed(columns)}
    return next((found[name] for name in names if name in found), "")


def _holds_emails(values: Sequence[JsonValue]) -> bool:
    fitting = sum(isinstance(one, str) and bool(_EMAIL.fullmatch(one.strip())) for one in values)
    return bool(values) and fitting >= EMAIL_SHARE * len(values)


def _time(sample: Sample, columns: Sequence[str]) -> str:
    with_times = [name for name in columns if _all(sample.values(name), _is_time)]
    return _first(with_times, TIMES) or (with_times[0] if len(with_times) == 1 else "")


def _plain(sample: Sample, column: str, role: Role) -> ColumnUse:
    values = sample.values(column)
    name = plain_name(column)
    if not values:
        return ColumnUse(column, "ignore", name, why="It is empty in the first rows.")
    return ColumnUse(column, role, name, _type(name, values))


def _type(name: str, values: Sequence[JsonValue]) -> ValueType:
    """Only text needs one: other formats say the types of their values themselves."""
    if not all(isinstance(one, str) for one in values) or PLAIN_TEXT.search(name):
        return "as_is"
    if _all(values, _is_number):
        return "number"
    if _all(values, _is_truth):
        return "boolean"
    return "time" if _all(values, _is_time) else "as_is"


def _all(values: Sequence[JsonValue], fits: Callable[[JsonValue], bool]) -> bool:
    return bool(values) and all(map(fits, values))


def _is_number(value: JsonValue) -> bool:
    if isinstance(value, str) and _LEADING_ZERO.match(value.strip()):
        return False
    return _reads(read_number, value)


def _is_truth(value: JsonValue) -> bool:
    return _reads(read_boolean, value)


def _is_time(value: JsonValue) -> bool:
    """As text, and not as a number alone: 20240101 may be anything."""
    if not isinstance(value, str) or _DIGITS.fullmatch(value.strip()):
        return False
    return _reads(lambda cell: read_time(cell, "auto", _UTC), value)


def _reads(read: Callable[[JsonValue], object], value: JsonValue) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def _is_unique(sample: Sample, column: str) -> bool:
    values = sample.values(column)
    return len(values) == len(sample.rows) == len({str(one) for one in values})
