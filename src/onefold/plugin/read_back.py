"""What a destination may do besides being sent to: tell what it holds of people.

In: addresses, as its own `address` gave them. Out: values by field, as the provider has them, and in the form
in which a goal's values are. Activation compares, counts and keeps.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType
from onefold.model.outcome import Outcome
from onefold.plugin.contract import Address
from onefold.plugin.declare import RateLimit

There = Mapping[str, JsonValue] | Outcome | None
"""What a provider holds of a person, by field (those without a value are absent); None: it does not know the
person; a filtered outcome: it cannot be told, such as when several people have the address."""


class ProfileReader(Protocol):
    """Reads back what the provider holds of people, for one goal whose feed is profiles."""

    @property
    def people_max(self) -> int:
        """People of one call of `read`, but for those whom it reads alone."""
        ...

    @property
    def lag_s(self) -> float:
        """How long what was accepted may take until it is read."""
        ...

    @property
    def limits(self) -> tuple[RateLimit, ...]:
        """What the contract with the provider allows of calls."""
        ...

    def can_read(self, field: str) -> bool:
        """Whether the provider tells what it holds in a field."""
        ...

    def reads_alone(self, address: Address) -> bool:
        """Whether someone with this address must be asked for by a call of its own."""
        ...

    def wait_s(self) -> float:
        """How long to hold back the next call, by what the provider's answers said."""
        ...

    async def read(self, addresses: Sequence[Address]) -> list[There]:
        """What it holds of each, in order: one request, or a few where an answer does not tell enough.

        Raises:
            SetupError: credentials or permissions.
            ThrottledError: come back later.
            TransientError: no clear answer, or a failure on their side.
            ConnectorError: anything else that asking again will not mend.
        """
        ...

    def fit(self, field: str, theirs: JsonValue, ours: JsonValue, as_type: ValueType) -> JsonValue:
        """Their value in the form in which `ours` (normalised) is; `ours` itself where the provider would
        hold just this after it took `ours`. None on either side is no value."""
        ...


@runtime_checkable
class ReadsBack(Protocol):
    """A destination may also do this, for kinds of goals that declare `reads_back`: tell what it holds."""

    def profile_reader(self, goal: Goal) -> ProfileReader:
        """The reader of a goal; asked once a version of the goal."""
        ...
