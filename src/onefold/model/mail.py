"""A mail to one address, as text."""

from typing import Annotated

import msgspec
from msgspec import Meta

ADDRESS = r"^[^@\s<>,;\"\\()\[\]:]+@[A-Za-z0-9.-]+$"
"""One address as it travels: nothing that a header could be broken with."""
TEST_KEY = "test"
"""Of a mail that may come as often as it likes."""
Address = Annotated[str, Meta(max_length=254, pattern=ADDRESS, description="An e-mail address.")]


class Mail(msgspec.Struct, frozen=True):
    """What is said to whom. `key` names what it is about: nobody is told of that twice."""

    key: str
    address: str
    subject: str
    body: str


class WaitingMail(msgspec.Struct, frozen=True):
    """A mail that is to be sent, and how often that was tried."""

    id: int
    mail: Mail
    created_at: int
    attempts: int
