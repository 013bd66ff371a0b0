"""A teammate: somebody who may sign in, with a role."""

from typing import NamedTuple

from onefold.model.access import Right, Role, rights_of

TEAMMATES_MAX = 1000
PASSWORD_CHARS_MIN = 12
"""Length is what counts (NIST SP 800-63B asks for no signs of a kind)."""
PASSWORD_CHARS_MAX = 200


class Teammate(NamedTuple):
    """As kept, without the password."""

    id: int
    email: str
    name: str
    role: Role
    personal: bool
    has_password: bool
    created_at: int
    disabled_at: int
    last_seen_at: int
    is_bound: bool = False
    """Whether somebody at the provider is known to be them."""

    @property
    def signs_in_by(self) -> list[str]:
        """`password`, `provider`, both, or nothing yet."""
        return ["password"] * self.has_password + ["provider"] * self.is_bound

    @property
    def rights(self) -> frozenset[Right]:
        """What they may do; nothing while disabled."""
        return frozenset() if self.disabled_at else rights_of(self.role, personal=self.personal)

    @property
    def is_owner(self) -> bool:
        """Whether they own the workspace now."""
        return self.role is Role.OWNER and not self.disabled_at
