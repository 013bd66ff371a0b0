"""The kinds of goals that bring in what Braze holds and tells, declared."""

from onefold.plugin import Feed, Field, FieldKind, GoalKind
from onefold.plugin.declare import EVERY_MINUTES, WHEN_STEP, WHO_STEP

AUDIENCE = Field(
    "audience",
    "Braze segment",
    help="The id of the segment in Braze; `goals audiences` lists them by name.",
    required=True,
    is_listed=True,
    group=WHO_STEP,
)
IMPORT = GoalKind(
    "import",
    "Bring people in",
    "Reads the people of a Braze segment, with the fields that you choose, into Onefold.",
    Feed.ROWS,
    fields=(
        AUDIENCE,
        Field(
            "settle_s",
            "Quiet time, in seconds",
            FieldKind.INTEGER,
            "Braze does not say when an export into a bucket is whole: it is, when no file came for so long.",
            default=180,
            minimum=1,
            maximum=3600,
            group=WHEN_STEP,
        ),
        Field(
            "timeout_minutes",
            "Longest wait, in minutes",
            FieldKind.INTEGER,
            "How long Braze may take to write the export (about an hour for 20 million people).",
            default=180,
            minimum=1,
            maximum=1440,
            group=WHEN_STEP,
        ),
    ),
)

CURRENTS = GoalKind(
    "currents",
    "Bring engagement in",
    "Reads what Braze Currents writes into the bucket: who was sent, opened and clicked what.",
    Feed.FEEDBACK,
    fields=(
        Field(
            "folder",
            "Folder",
            help="What the keys of the connector begin with, as set up in Braze. Empty: the connection's "
            "S3 prefix, or the whole bucket.",
        ),
        Field(
            "bucket",
            "Bucket",
            help="If Currents writes into another bucket than the connection's: the same keys must reach it.",
        ),
        Field(
            "event_types",
            "Event types",
            FieldKind.TEXTS,
            "Such as users.messages.email.Open. Empty: every type that Braze writes, also those to come.",
            default=(),
        ),
        EVERY_MINUTES,
        Field(
            "past_days",
            "Days before the first run",
            FieldKind.INTEGER,
            "How old the files may be that the first run reads.",
            default=30,
            minimum=0,
            maximum=3650,
            group=WHEN_STEP,
        ),
        Field(
            "late_hours",
            "Hours for late files",
            FieldKind.INTEGER,
            "How long after its hour a file may still come to be noticed.",
            default=48,
            minimum=1,
            maximum=720,
            group=WHEN_STEP,
        ),
    ),
)
SOURCE_KIND = "braze-currents"
"""Of the sources that hold what Braze tells, read from files or pushed."""
