"""E-mail and SMS lists: /email/status, unsubscribes, hard bounces, spam, blocklist and invalid phone numbers.

Source: Braze's pages on the e-mail and SMS endpoints (July 2026).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.identifiers import JsonObject, is_email, normal_phone
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.paging import read_slice
from onefold.sandbox.braze.standard import SUBSCRIPTION_STATES
from onefold.sandbox.braze.times import format_iso, parse_time
from onefold.sandbox.braze.values import is_one_of
from onefold.sandbox.braze.workspace import Workspace

ADDRESSES_MAX = 50
LIMIT_DEFAULT, LIMIT_MAX = 100, 500
DAY_FORM = re.compile(r"^\d{4}-\d\d-\d\d$")
PHONE_REASONS = frozenset({"provider_error", "deactivated"})


class _Range(NamedTuple):
    """Between two midnights."""

    start: float
    end: float

    def holds(self, at: float) -> bool:
        """Whether a moment is inside."""
        return self.start <= at <= self.end


def email_status(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue the global state of addresses, which need no profile yet."""
    state = body.get("subscription_state")
    if not isinstance(state, str) or not is_one_of(state, SUBSCRIPTION_STATES):
        return refuse(400, texts.not_valid("subscription_state"))
    return _change_emails(
        workspace, body, entry, lambda email: workspace.states.set_email_state(email, state)
    )


def bounce_remove(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue that addresses are no longer on the list of bounces."""
    return _change_emails(workspace, body, entry, lambda email: workspace.states.bounced_at.pop(email, None))


def spam_remove(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue that addresses are no longer on the list of those who reported spam."""
    return _change_emails(workspace, body, entry, lambda email: workspace.states.reported_at.pop(email, None))


def blocklist(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue that addresses are unsubscribed and marked as bounced."""
    return _change_emails(workspace, body, entry, workspace.states.unsubscribe_bounced)


def _change_emails(
    workspace: Workspace, body: JsonObject, entry: Entry, change: Callable[[str], object]
) -> Answer:
    value = body.get("email")
    emails = value if isinstance(value, list) else [value]
    if not emails or value in (None, ""):
        return refuse(400, texts.required("email"))
    if len(emails) > ADDRESSES_MAX:
        return refuse(400, texts.TOO_MANY_IDS)
    if not all(is_email(email) for email in emails):
        return refuse(400, texts.EMAIL_INVALID)
    return _queue(workspace, entry, [str(email).lower() for email in emails], change)


def _queue(workspace: Workspace, entry: Entry, items: list[str], change: Callable[[str], object]) -> Answer:
    def apply() -> None:
        for item in items:
            change(item)

    entry.objects = len(items)
    workspace.submit(apply)
    return Answer(201, {"message": texts.SUCCESS})


def unsubscribes(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with unsubscribed addresses, newest first unless told otherwise."""
    known = workspace.states.unsubscribed_at
    return _list_emails(query, known, "unsubscribed_at")


def hard_bounces(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with addresses that bounced."""
    if "email" in query and ("limit" in query or "offset" in query):
        return refuse(400, texts.not_valid("limit"))
    return _list_emails(query, workspace.states.bounced_at, "hard_bounced_at")


def _list_emails(query: JsonObject, known: Mapping[str, float], column: str) -> Answer:
    email = query.get("email")
    chosen = _read_range(query, email)
    part = read_slice(query, LIMIT_DEFAULT, LIMIT_MAX)
    if chosen is None:
        return refuse(400, texts.DATES_REQUIRED)
    if part is None:
        return refuse(400, texts.not_valid("limit"))
    direction = query.get("sort_direction", "desc")
    if direction not in ("asc", "desc"):
        return refuse(400, texts.not_valid("sort_direction"))
    if email is not None:
        found = [(at, one) for one, at in known.items() if one == str(email).lower()]
    else:
        found = [(at, one) for one, at in known.items() if chosen.holds(at)]
    found.sort(reverse=direction == "desc")
    rows: list[JsonObject] = [{"email": one, column: format_iso(at)} for at, one in found[part.window()]]
    return Answer(200, {"emails": rows, "message": texts.SUCCESS})


def _read_range(query: JsonObject, instead_of_start: object) -> _Range | None:
    """Return the days asked for; `end_date` is needed, and `start_date` unless something else narrows."""
    end = _midnight(query.get("end_date"))
    start = _midnight(query.get("start_date")) if "start_date" in query else None
    if end is None or (start is None and instead_of_start is None):
        return None
    return _Range(start if start is not None else 0.0, end)


def _midnight(value: object) -> float | None:
    return parse_time(value) if isinstance(value, str) and DAY_FORM.match(value) else None


def invalid_phone_numbers(workspace: Workspace, query: JsonObject, _entry: Entry) -> Answer:
    """Answer with numbers that turned out to be invalid."""
    asked = query.get("phone_numbers")
    chosen = _read_range(query, asked) if asked is None else _Range(0.0, float("inf"))
    part, reason = read_slice(query, LIMIT_DEFAULT, LIMIT_MAX), query.get("reason")
    if chosen is None:
        return refuse(400, texts.DATES_REQUIRED)
    if part is None:
        return refuse(400, texts.not_valid("limit"))
    if reason is not None and not is_one_of(reason, PHONE_REASONS):
        return refuse(400, texts.not_valid("reason"))
    numbers = None if asked is None else {normal_phone(str(one)) for one in _listed(asked)}
    rows: list[JsonObject] = [
        {"phone": phone, "invalid_detected_at": format_iso(known.at), "reason": known.reason}
        for phone, known in workspace.states.invalid_phones.items()
        if chosen.holds(known.at)
        and (reason is None or known.reason == reason)
        and (numbers is None or phone in numbers)
    ]
    return Answer(200, {"sms": rows[part.window()], "message": texts.SUCCESS})


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def invalid_phone_numbers_remove(workspace: Workspace, body: JsonObject, entry: Entry) -> Answer:
    """Queue that numbers are no longer on the list."""
    phones = body.get("phone_numbers")
    if not isinstance(phones, list) or not phones or not all(isinstance(one, str) for one in phones):
        return refuse(400, texts.required("phone_numbers"))
    if len(phones) > ADDRESSES_MAX:
        return refuse(400, texts.TOO_MANY_IDS)
    known = workspace.states.invalid_phones
    return _queue(workspace, entry, [normal_phone(one) for one in phones], lambda one: known.pop(one, None))
