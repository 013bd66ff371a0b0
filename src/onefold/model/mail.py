"""A mail to one address, as text."""

import re
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

ADDRESS = r"^[^@\s<>,;\"\\()\[\]:]+@[A-Za-z0-9.-]+$"
"""One address as it travels: nothing that a header could be broken with."""
TEST_KEY = "test"
"""Of a mail that may come as often as it likes."""
Address = Annotated[str, Meta(max_length=254, pattern=ADDRESS, description="An e-mail address.")]


def is_address(text: str) -> bool:
    """Whether it is one."""
    return len(text) <= 254 and re.match(ADDRESS, text) is not None


class Mail(msgspec.Struct, frozen=True):
    """What is said to whom. `key` names what it is about: nobody is told of that twice."""

    key: str
    address: str
    subject: str
    body: str


class MailState(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    """Given up: the server will never take it, or its time was over."""
    DROPPED = "dropped"
    """Somebody wanted it gone."""


class MailStanding(msgspec.Struct, frozen=True):
    """Where a mail stands that was not sent, without what it says."""

    id: int
    about: str
    """What it is about: the id of a run, or a state of a connection."""
    address: str
    subject: str
    state: MailState
    created_at: int
    due_at: int
    """When it is tried next."""
    attempts: int
    code: str
    """Why the last attempt failed."""


class MailWish(StrEnum):
    """What somebody wants done about a mail."""

    RETRY = "retry"
    DROP = "drop"


class WaitingMail(msgspec.Struct, frozen=True):
    """A mail that is to be sent, and how often that was tried."""

    id: int
    mail: Mail
    created_at: int
    attempts: int
