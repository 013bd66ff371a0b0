"""The tables of control.db as SQLAlchemy Core knows them; made by migrations/control."""

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table

metadata = MetaData()


def _table(name: str, *columns: Column[int] | Column[str] | Column[bool]) -> Table:
    return Table(name, metadata, *columns)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, String, primary_key=key, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


meta = _table("meta", _text("name", key=True), _text("value"))
source = _table(
    "source",
    _id(),
    _text("name"),
    _text("kind"),
    _flag("enabled"),
    _number("rate_per_s"),
    _flag("drop_ip"),
    _flag("drop_bots"),
    _number("created_at"),
)
write_key = _table(
    "write_key", _text("key", key=True), _number("source_id"), _flag("enabled"), _number("created_at")
)
token = _table(
    "token",
    _id(),
    _text("name"),
    _text("hash"),
    _number("created_at"),
    _text("rights"),
    _number("expires_at"),
)
teammate = _table(
    "teammate",
    _id(),
    _text("email"),
    _text("name"),
    _text("role"),
    _flag("personal"),
    _text("password"),
    _number("created_at"),
    _number("disabled_at"),
    _number("last_seen_at"),
    _text("issuer"),
    _text("subject"),
)
session = _table(
    "session",
    _text("hash", key=True),
    _number("created_at"),
    _number("expires_at"),
    _number("teammate_id"),
    _number("last_seen_at"),
    _text("address"),
    _text("agent"),
)
one_time_link = _table(
    "one_time_link",
    _text("hash", key=True),
    _number("created_at"),
    _number("expires_at"),
    _number("teammate_id"),
)
second_factor = _table(
    "second_factor",
    Column("teammate_id", Integer, primary_key=True),
    _text("secret"),
    _number("confirmed_at"),
    _number("last_step"),
    _text("recovery"),
)
audit = _table(
    "audit",
    _id(),
    _number("at"),
    _text("by"),
    _text("address"),
    _text("action"),
    _text("path"),
    _number("status"),
    _text("before"),
    _text("after"),
)
segment = _table(
    "segment",
    _id(),
    _number("version"),
    _number("last_version"),
    _text("name"),
    _text("description"),
    _text("condition"),
    _number("put_offset"),
    _flag("deleted"),
    _number("created_at"),
    _number("updated_at"),
)
identity = _table(
    "identity",
    _id(),
    _number("version"),
    _text("choice"),
    _number("put_offset"),
    _text("put_rules"),
    _number("updated_at"),
)
connection = _table("connection", _id(), _text("name"), _text("body"), _text("secrets"))
goal = _table("goal", _id(), _number("connection_id"), _text("body"))
letter_decision = _table(
    "letter_decision",
    _text("letter_id", key=True),
    _text("state"),
    _number("at"),
    _text("by"),
    _text("replayed_as"),
    _text("payload"),
)
run_request = _table(
    "run_request",
    _text("id", key=True),
    _text("kind"),
    _text("subject"),
    _text("arguments"),
    _text("by"),
    _number("created_at"),
    _flag("cancel_asked"),
)
mail_wish = _table("mail_wish", _id(), _number("mail_id"), _text("wish"), _text("by"), _number("at"))
run_cancel = _table("run_cancel", _text("run_id", key=True), _text("by"), _number("at"))
saved_view = _table(
    "saved_view",
    _id(),
    _number("owner_id"),
    _text("page"),
    _text("name"),
    _text("filters"),
    _text("personal_filters"),
    _flag("shared"),
    _number("revision"),
    _number("created_at"),
    _number("updated_at"),
)
