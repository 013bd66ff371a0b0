"""Who somebody is, as a provider says."""

from typing import NamedTuple


class Identity(NamedTuple):
    """`issuer` and `subject` together never change and are never given to another; the rest may change."""

    issuer: str
    subject: str
    email: str = ""
    is_verified: bool = False
    """Whether the provider made sure that the address is theirs."""
    name: str = ""
