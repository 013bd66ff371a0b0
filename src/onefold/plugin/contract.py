"""The contract between activation and a connector.

A connector turns what activation gives it into provider's objects (pure functions, one object a call, each
validated by itself) and sends batches of them (`Destination.send`, the only place with I/O). Activation does
the rest: deltas, batching, order, retries, ledger, dead letters. It never looks into a body.

Life of an object: `address` says how the provider knows the person, a writer makes `Draft`s, activation packs
them as parcels into requests of a `Channel`, `send` answers one outcome a parcel in order.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, runtime_checkable

import msgspec

from onefold.errors import ConnectorError, SetupError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType
from onefold.model.outcome import Outcome
from onefold.model.profile import Seen
from onefold.plugin.declare import Channel, ConnectorInfo, OptionPage, Probe, Problem

Identifiers = Mapping[str, Mapping[str, Seen]]
"""Kind -> value -> when first and last seen, as a profile holds them."""


class RequestRefusedError(ConnectorError):
    """The provider refused a whole request for its content without saying which item is at fault.

    Activation halves the request until the item is found. `answer` is what the provider said, as it came.
    """

    def __init__(self, code: str, message: str, *, hint: str = "", answer: str = "") -> None:
        super().__init__(code, message, hint=hint)
        self.answer = answer


class Refusal(msgspec.Struct, frozen=True):
    """An object that cannot be sent as it is: becomes a dead letter."""

    code: str
    field: str
    reason: str
    hint: str


class Draft(msgspec.Struct, gc=False):
    """One object of the provider, ready for a request: `body` is its JSON, `part` the array it belongs in.

    `known` is remembered for the person and this connection once the object is accepted, and handed to
    `address` from then on.
    """

    channel: str
    part: str
    body: bytes
    known: dict[str, int | None] | None = None
    cost: int = 0
    """What the provider bills for it once accepted, in its own unit (Braze: data points)."""
    costs: dict[str, int] | None = None
    """Of an object of fields: what those of them cost that cost other than 1; together they make `cost`."""


class Address(msgspec.Struct, gc=False):
    """How the provider knows a person.

    `key` names it for the ledger; when it changes, what was sent to the old one is no longer relied upon.
    `fragment` is the JSON that each object of the person begins with. `before` must be accepted first.
    """

    key: str
    fragment: bytes
    before: tuple[Draft, ...] = ()
    taken: Mapping[str, JsonValue] = {}
    """Fields that `fragment` sets already, with their values; None: the field would turn it into another
    address. No object of the person sets one of these to anything else."""
    apart: "tuple[Apart, ...]" = ()
    """What of the person stands apart at the provider, and shall be joined after a while."""


class Apart(msgspec.Struct, gc=False):
    """One part of a person that the provider has as somebody else; `draft` joins it, which is for good.

    Activation asks `address` again once it has held it for `hold_s` seconds, and packs the draft if it is
    still among what stands apart then.
    """

    name: str
    draft: Draft
    hold_s: int


class Happening(msgspec.Struct, gc=False):
    """An event as an event goal gets it; `name` is the track event's name, or `page` or `screen`."""

    name: str
    page: str
    message_id: str
    occurred_at: int
    received_at: int
    properties: msgspec.Raw


class Subject(msgspec.Struct, gc=False):
    """A person as a moment goal gets one; of several identifiers of a kind, the one seen last comes first."""

    profile_id: int
    identifiers: Mapping[str, Sequence[str]]
    traits: Mapping[str, JsonValue]
    first_seen: int
    last_seen: int


MomentKind = Literal["entered", "left", "event", "schedule"]


class Moment(msgspec.Struct, gc=False):
    """What a moment goal is to act on. `event` is set for an event only; `at` is the due time of a schedule.

    `delivery_id` is the same at every try, and of no other moment: a key for whoever tells doubles apart.
    """

    kind: MomentKind
    at: int
    delivery_id: str
    segment_id: int = 0
    event: Happening | None = None


class Parcel(Protocol):
    """What `send` gets, one an object."""

    @property
    def part(self) -> str:
        """The array it belongs in."""
        ...

    @property
    def body(self) -> bytes:
        """Its JSON."""
        ...


class ProfileWriter(Protocol):
    """Makes objects of one goal whose feed is profiles. Pure."""

    def normalise(self, field: str, value: JsonValue, as_type: ValueType) -> JsonValue | Refusal:
        """The value as the provider will store it, so that equal values hash alike; None for none."""
        ...

    def write(self, address: Address, fields: Mapping[str, JsonValue]) -> Draft | Refusal:
        """One object that sets these fields (None removes one)."""
        ...

    def can_remove(self, field: str) -> bool:
        """Whether the provider lets a field be removed at all."""
        ...


class EventWriter(Protocol):
    """Makes objects of one goal whose feed is events. Pure."""

    def choose(self, name: str) -> bool:
        """Whether the goal wants events of that name; asked once a name."""
        ...

    def write(self, address: Address, event: Happening, now: int) -> Sequence[Draft | Refusal]:
        """The objects that an event becomes, in order: at least one."""
        ...


class MomentWriter(Protocol):
    """Makes objects of one goal whose feed is moments. Pure."""

    def choose(self, name: str) -> bool:
        """Whether the goal wants events of that name; asked once a name."""
        ...

    def write(self, subject: Subject, moment: Moment, now: int) -> Draft | Outcome | Refusal:
        """What to send; a filtered outcome means that the goal does not want it."""
        ...


class RequestView(msgspec.Struct, frozen=True):
    """A request as people may see it: secrets masked."""

    method: str
    url: str
    headers: dict[str, str]
    body: str
    missing_secrets: list[str] = []
    """Named in it, and not set: it cannot be sent."""


class ResponseView(msgspec.Struct, frozen=True):
    """What came back: `outcome` is what a delivery would have become; `error` why there is no answer."""

    outcome: Literal["passed", "rejected", "deferred"]
    code: str
    message: str
    hint: str
    status: int
    headers: dict[str, str]
    body: str
    """Cut where it is long."""
    is_cut: bool
    duration_ms: int


class DeletionWriter(Protocol):
    """Makes objects of one goal whose feed is erasures. Pure."""

    def write(
        self, identifiers: Mapping[str, Sequence[str]], known: Mapping[str, int]
    ) -> Sequence[Draft | Refusal]:
        """What makes the provider forget a person who had these identifiers; none if it cannot know them.

        `known` is what accepted drafts said to remember for this person and connection.
        """
        ...


class Destination(Protocol):
    """One connection of a connector, opened."""

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Its kinds of requests, by name."""
        ...

    @property
    def concurrency(self) -> int:
        """Requests under way at once."""
        ...

    def address(
        self, goal: Goal, identifiers: Identifiers, known: Mapping[str, int]
    ) -> Address | Outcome | Refusal:
        """How to reach a person; a filtered outcome means that the goal does not want such profiles.

        `known` is what accepted drafts said to remember for this person and connection.
        """
        ...

    def profile_writer(self, goal: Goal) -> ProfileWriter:
        """The writer of a goal; asked once a version of the goal."""
        ...

    def event_writer(self, goal: Goal) -> EventWriter:
        """The writer of a goal; asked once a version of the goal."""
        ...

    def deletion_writer(self, goal: Goal) -> DeletionWriter:
        """The writer of a goal; asked only where the connector declares a kind of goal with that feed."""
        ...

    async def send(self, channel: str, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Send one request; one outcome a parcel, in order, with the provider's `answer`.

        A filtered outcome: the provider will not do it, and nobody has to do anything. What then becomes of
        the person, `address` says; activation asks it at once if the draft had `known`.

        Raises:
            SetupError: credentials or permissions; nothing was taken. With `permission` set (the name of its
                probe), a channel that is optional waits alone; else the whole connection does.
            ThrottledError: come back later; nothing was taken.
            TransientError: no clear answer, or a failure on their side.
            RequestRefusedError: the request as a whole was refused; nothing was taken.
        """
        ...

    def wait_s(self, channel: str) -> float:
        """How long to hold back the next request of a channel, by what the provider's answers said."""
        ...

    async def learn(self, goals: Sequence[Goal]) -> Sequence[SetupError]:
        """Read what these goals must know beforehand, such as the types of fields that values must fit, and
        what the credentials may; changes nothing there. Called before the first plan and now and then.

        Returns what is missing for something that waits by itself meanwhile; mostly nothing.

        Raises:
            ConnectorError: nothing was learnt; planning goes on with what was known.
        """
        ...

    async def check_credentials(self) -> list[Probe]:
        """Try what delivering needs; changes nothing at the provider. Asked again and again by a pause."""
        ...

    async def close(self) -> None:
        """Give up its sockets."""
        ...


class MomentDestination(Destination, Protocol):
    """A destination with goals whose feed is moments."""

    def moment_writer(self, goal: Goal) -> MomentWriter:
        """The writer of a goal; asked once a version of the goal."""
        ...

    def show(self, draft: Draft) -> RequestView:
        """The request that a draft becomes, secrets masked."""
        ...

    async def try_out(self, draft: Draft) -> ResponseView:
        """Send it once and tell all that came back, secrets masked. Raises nothing of `send`."""
        ...


class Connector(Protocol):
    """What the entry point names: a declaration and how to open a connection."""

    @property
    def info(self) -> ConnectorInfo:
        """The declaration."""
        ...

    def check_connection(self, connection: Connection) -> list[Problem]:
        """What is wrong beyond what the declared fields say."""
        ...

    def check_goal(self, goal: Goal) -> list[Problem]:
        """What is wrong beyond what the declared fields and mappings say: reserved names, limits."""
        ...

    def open(self, connection: Connection) -> Destination:
        """A destination to send to; opens sockets at the first send."""
        ...


@runtime_checkable
class ProbesAll(Protocol):
    """A destination may also do this: tell a person everything that the credentials may and may not do."""

    async def probe_all(self, goals: Sequence[Goal]) -> list[Probe]:
        """Try each permission by itself, marked as needed where one of these goals needs it.

        Changes nothing at the provider.
        """
        ...


@runtime_checkable
class OffersOptions(Protocol):
    """A connector may also do this: tell which values a field may have, as the destination knows them.

    For every declared field with `is_listed`, of the connection (`goal_kind` empty) or of a kind of goal.
    """

    async def options(
        self, connection: Connection, field: str, *, goal_kind: str = "", search: str = "", cursor: str = ""
    ) -> OptionPage:
        """A page of options whose value or title holds `search`, without regard to case.

        The connection may be half filled in: only what the question needs must be there.

        Raises:
            SetupError: something that it needs is missing or wrong.
            ThrottledError, TransientError: ask again later.
        """
        ...
