"""How a connector declares itself: everything that forms, checks, catalogue and reference are made from.

All of it is plain data that msgspec writes as JSON; the API hands it out as it stands.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from onefold.model.json import JsonValue
from onefold.model.mapping import ValueType


class FieldKind(StrEnum):
    """What a setting holds, and so how a form asks for it."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    URL = "url"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    TEXTS = "texts"
    """A list of texts."""
    TEMPLATE = "template"
    """A text of any number of lines, with placeholders."""
    PAIRS = "pairs"
    """Texts by name."""
    OBJECTS = "objects"
    """A list of objects whose form the connector checks."""
    OBJECT = "object"
    """Values by name, which the connector checks."""


class Choice(msgspec.Struct, frozen=True):
    """One value of a setting of kind `choice`."""

    value: str
    title: str


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One setting of a connection or of a goal."""

    name: str
    title: str
    kind: FieldKind = FieldKind.TEXT
    help: str = ""
    required: bool = False
    default: JsonValue = None
    choices: tuple[Choice, ...] = ()
    suggestions: tuple[str, ...] = ()
    """Values to offer; others are allowed."""
    minimum: int | None = None
    maximum: int | None = None
    guards_secrets: bool = False
    """It says where secrets may go: with another value they must be given again, as with every URL."""
    is_listed: bool = False
    """The destination knows which values there are: the connector `OffersOptions` for this field."""
    sent_to: str = ""
    """Of a secret: the field with the only address that it is sent to (empty: to each of them)."""
    group: str = ""
    """Heading of the part of a form that it belongs to; of goals, one of the steps below, or the first."""


# The steps of a goal's form behind the first, which asks what it does.
WHO_STEP = "Who"
MATCH_STEP = "Match"
FIELDS_STEP = "Fields"
WHEN_STEP = "When"

# Settings of goals that activation itself obeys; a connector lists those that fit its goal.
LEAVING = Field(
    "leaving",
    "When someone leaves the segment",
    FieldKind.CHOICE,
    "Keep what was sent, or remove every field that this goal has set. A mapping row may say otherwise.",
    default="keep",
    choices=(Choice("keep", "Keep the fields"), Choice("null", "Remove the fields")),
    group=FIELDS_STEP,
)
REMOVED = Field(
    "removed",
    "When a row is taken out of the mapping",
    FieldKind.CHOICE,
    "Leave what its field holds, or remove it from everyone it was sent for.",
    default="keep",
    choices=(Choice("keep", "Leave the field"), Choice("null", "Remove the field")),
    group=FIELDS_STEP,
)
TEST_PEOPLE = Field(
    "test_people",
    "Only these people",
    FieldKind.TEXTS,
    "Test mode: identifiers such as email:ann@example.com. Nobody else is sent while there are any.",
    default=(),
    group=WHO_STEP,
)
OVERLAP = Field(
    "overlap",
    "Goals that write the same field",
    FieldKind.CHOICE,
    "Refuse a second goal for a field, or let the first goal in their order that has the person write it.",
    default="refuse",
    choices=(Choice("refuse", "Refuse"), Choice("priority", "The first goal in their order writes it")),
)
"""A setting of connections."""
FROM_BEGINNING = "beginning"
FROM_SINCE = "since"
START = Field(
    "start",
    "Begin with",
    FieldKind.CHOICE,
    "What to do about events from before the goal was turned on.",
    default="now",
    choices=(
        Choice("now", "Events from now on"),
        Choice(FROM_BEGINNING, "Every event we hold"),
        Choice(FROM_SINCE, "Events since a date"),
    ),
    group=WHEN_STEP,
)
SINCE = Field(
    "since",
    "Since",
    help="With `since`: a date or time, such as 2026-05-01. What happened before it is left out.",
    group=WHEN_STEP,
)
AGE_DAYS_MAX = Field(
    "age_days_max",
    "Oldest event, in days",
    FieldKind.INTEGER,
    "Older events are left out (0: no limit).",
    default=0,
    minimum=0,
    maximum=36_500,
    group=WHEN_STEP,
)

WHEN = Field(
    "when",
    "When",
    FieldKind.CHOICE,
    "What a call is made for.",
    required=True,
    choices=(
        Choice("entered", "Someone enters the segment"),
        Choice("left", "Someone leaves the segment"),
        Choice("event", "Someone does an event"),
        Choice("schedule", "At the times of its schedule, for each member of the segment"),
    ),
)
CAPS = Field(
    "caps",
    "At most",
    FieldKind.TEXTS,
    "How often for one person, such as 1/24h or 3/7d: what is beyond is left out.",
    default=[],
    suggestions=("1/24h", "3/7d"),
    group=WHEN_STEP,
)
QUIET_FROM = Field(
    "quiet_from", "Quiet from", help="Such as 22:00: nothing is sent until it is over.", group=WHEN_STEP
)
QUIET_UNTIL = Field("quiet_until", "Quiet until", help="Such as 08:00.", group=WHEN_STEP)
QUIET_ZONE = Field(
    "quiet_zone", "Time zone", help="Of the quiet hours: Europe/Berlin.", default="UTC", group=WHEN_STEP
)
QUIET_ZONE_TRAIT = Field(
    "quiet_zone_trait",
    "Trait with the time zone",
    help="A trait that holds the person's own time zone; where it does not, the time zone above is taken.",
    default="",
    group=WHEN_STEP,
)
QUIET_THEN = Field(
    "quiet_then",
    "In quiet hours",
    FieldKind.CHOICE,
    "What becomes of what happens in quiet hours.",
    default="wait",
    choices=(Choice("wait", "Send it when they are over"), Choice("drop", "Leave it out")),
    group=WHEN_STEP,
)
AGE_HOURS_MAX = Field(
    "age_hours_max",
    "Oldest, in hours",
    FieldKind.INTEGER,
    "What happened longer ago is left out (0: no limit): nobody wants a week's calls after a week's pause. "
    "A schedule says by itself what becomes of times that were missed.",
    default=24,
    minimum=0,
    maximum=8_784,
    group=WHEN_STEP,
)
MOMENT_FIELDS = (WHEN, AGE_HOURS_MAX, CAPS, QUIET_FROM, QUIET_UNTIL, QUIET_ZONE, QUIET_ZONE_TRAIT, QUIET_THEN)
"""What activation obeys of a goal whose feed is moments."""


EVERY_MINUTES = Field(
    "every_minutes",
    "Look every so many minutes",
    FieldKind.INTEGER,
    "While the goal is on, it looks for new files so often; 0: only when someone runs it.",
    default=15,
    minimum=0,
    maximum=1440,
    group=WHEN_STEP,
)


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field of the destination that a mapping may fill."""

    name: str
    title: str
    type: ValueType = ValueType.TEXT
    help: str = ""
    is_free: bool = False
    """Of a goal whose fields are billed: this one is not."""


class MatchTarget(msgspec.Struct, frozen=True, omit_defaults=True):
    """A key by which the destination knows people."""

    name: str
    title: str
    identifier: str
    """The kind of ours that usually fills it."""
    labelled: bool = False
    """It stands under a label."""
    help: str = ""


class Feed(StrEnum):
    """What a goal of a kind is fed with."""

    PROFILES = "profiles"
    """The fields of a profile that changed, for the members of the goal's segment."""
    EVENTS = "events"
    """Every event of the profiles that the goal chooses."""
    ROWS = "rows"
    """The other way: people whom the provider holds, brought in by runs."""
    FEEDBACK = "feedback"
    """The other way, too: events that the destination tells of, read by runs from files that it writes."""
    MOMENTS = "moments"
    """Each time when someone enters or leaves the goal's segment, does an event, or, for each member, at the
    times of a schedule: `WHEN` says which."""
    ERASURES = "erasures"
    """Everyone who is erased here, so that the destination forgets them, too."""

    @property
    def is_inward(self) -> bool:
        """Runs bring something in; activation has nothing to send."""
        return self in (Feed.ROWS, Feed.FEEDBACK)


def is_on_schedule(feed: Feed, settings: Mapping[str, JsonValue]) -> bool:
    """Whether a goal acts for each member at times, not on what happens."""
    return feed is Feed.MOMENTS and settings.get(WHEN.name) == "schedule"


class Preset(msgspec.Struct, frozen=True, omit_defaults=True):
    """Settings that make a goal of a kind for a purpose; whoever takes it changes what he likes."""

    name: str
    title: str
    description: str
    settings: dict[str, JsonValue]


class GoalKind(msgspec.Struct, frozen=True):
    """One kind of goal of a connector."""

    name: str
    title: str
    description: str
    feed: Feed
    fields: tuple[Field, ...] = ()
    targets: tuple[Target, ...] = ()
    """Known fields; empty for goals without mappings."""
    custom_targets: bool = False
    """Mappings may also name fields that `targets` does not list."""
    presets: tuple[Preset, ...] = ()
    is_last: bool = False
    """Planned behind the other goals that send profiles: what those set may reset what it is about."""
    match: tuple[MatchTarget, ...] = ()
    """Keys that a goal may choose from and order; empty: it has no say in how people are found."""
    bills_fields: bool = False
    """The provider bills each field that is sent, changed or not."""
    reads_back: bool = False
    """Its destination is a `ReadsBack`: what it holds of people can be compared."""

    def preset(self, name: str) -> Preset | None:
        """The preset of that name."""
        return next((one for one in self.presets if one.name == name), None)


class RateLimit(msgspec.Struct, frozen=True):
    """At most so many requests in any stretch of so many seconds."""

    requests_max: int
    period_s: float


class Channel(msgspec.Struct, frozen=True):
    """One kind of request of a destination and what fits in it."""

    name: str
    items_max: int
    bytes_max: int
    per_part: bool = False
    """`items_max` counts each part (array of the body) by itself."""
    is_optional: bool = False
    """Only `Address.before` goes there, and what comes behind may also go without it. When the permission for
    such a channel is missing, only it waits: it is planned anew once `check_credentials` passes."""
    limits: tuple[RateLimit, ...] = ()
    """What the contract with the provider allows: kept before it has to refuse."""


class Code(msgspec.Struct, frozen=True):
    """A reason with which a connector refuses or leaves out: stable, documented."""

    code: str
    meaning: str
    action: str


class ConnectorInfo(msgspec.Struct, frozen=True):
    """A connector, as the catalogue shows it."""

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    goals: tuple[GoalKind, ...]
    codes: tuple[Code, ...] = ()
    documentation: str = ""
    source_kind: str = ""
    """Kind of the sources of what its destination tells us; such events are never sent back to it."""
    custom_secrets: bool = False
    """A connection may hold secrets under any name, beside those that `fields` lists."""

    def goal(self, name: str) -> GoalKind | None:
        """The kind of that name."""
        return next((kind for kind in self.goals if kind.name == name), None)

    def hint(self, code: str) -> str:
        """What to do about a code."""
        return next((known.action for known in self.codes if known.code == code), "")


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with a connection or goal: `path` like `settings.endpoint` or `mappings.2.field`."""

    path: str
    message: str


class Probe(msgspec.Struct, frozen=True):
    """One thing tried with the credentials: a permission, and whether it is there."""

    name: str
    passed: bool
    needed_for: str = ""
    message: str = ""
    needed: bool = True
    """A goal of the connection needs it; what is not needed may be missing."""
    field: str = ""
    """The field of the connection that has to change where it does not pass, if that is known."""


class Option(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that a field may have, as the destination knows it."""

    value: str
    title: str = ""


class OptionPage(msgspec.Struct, frozen=True):
    """Some of them; `next_cursor` is null on the last page."""

    items: list[Option]
    next_cursor: str | None = None
