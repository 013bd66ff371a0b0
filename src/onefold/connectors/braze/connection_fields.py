"""What a connection to Braze is set up with, declared.

Source: Braze's documentation as of July 2026 (API limits, data centers).
"""

import msgspec

from onefold.plugin import Choice, Field, FieldKind
from onefold.plugin.declare import OVERLAP
from onefold.plugin.s3_settings import S3_FIELDS

INSTANCES = (
    *(f"https://rest.iad-0{number}.braze.com" for number in range(1, 9)),
    "https://rest.us-09.braze.com",
    "https://rest.us-10.braze.com",
    "https://rest.fra-01.braze.eu",
    "https://rest.fra-02.braze.eu",
    "https://rest.au-01.braze.com",
    "https://rest.id-01.braze.com",
    "https://rest.jp-01.braze.com",
    "https://rest.kr-01.braze.com",
)

CONTRACT_GROUP = "Contract and limits"
PEOPLE_GROUP = "People and their fields"

CONNECTION_FIELDS = (
    Field(
        "endpoint",
        "REST endpoint",
        FieldKind.URL,
        "The REST address of your instance, as Settings > API Keys in Braze shows it.",
        required=True,
        suggestions=INSTANCES,
    ),
    Field(
        "api_key",
        "REST API key",
        FieldKind.SECRET,
        "Needs users.track, users.identify where anonymous people are sent, users.merge where people are "
        "merged, and users.external_ids.rename with users.export.ids where they are renamed; with "
        "custom_attributes.get values are fitted to the types that Braze holds. Testing the connection tells "
        "what is missing. A key's permissions cannot be changed later: make a new one.",
        required=True,
        sent_to="endpoint",
    ),
    Field(
        "contract",
        "Contract",
        FieldKind.CHOICE,
        "What Braze bills. It decides how often /users/track may be called.",
        default="data_points",
        choices=(
            Choice("data_points", "Data points: at most 3,000 requests in 3 seconds"),
            Choice("mau", "Monthly active users: limits as API Usage in your dashboard shows them"),
        ),
        group=CONTRACT_GROUP,
    ),
    Field(
        "batch_limit",
        "Objects a request",
        FieldKind.CHOICE,
        "How Braze counts the 75 objects of a request under your contract.",
        default="combined_75",
        choices=(
            Choice("combined_75", "75 in all (the rule for new contracts)"),
            Choice("per_array_75", "75 of each kind (older contracts)"),
        ),
        group=CONTRACT_GROUP,
    ),
    *(
        Field(
            f"track_requests_per_{period}",
            f"Requests {words}",
            FieldKind.INTEGER,
            f"Most calls of /users/track {words}; empty: {otherwise}. Workspaces of one company share some "
            "limits: give each its part.",
            minimum=1,
            maximum=100_000_000,
            group=CONTRACT_GROUP,
        )
        for period, words, otherwise in (
            (
                "3s",
                "in 3 seconds",
                "3,000 with a contract for data points, else no limit but what Braze says",
            ),
            ("minute", "in a minute", "no limit but what Braze says"),
            ("hour", "in an hour", "no limit but what Braze says"),
        )
    ),
    Field(
        "alias_label",
        "Label of aliases",
        help="The label under which anonymous people are known in Braze.",
        default="onefold_id",
        group=PEOPLE_GROUP,
    ),
    Field(
        "merges",
        "People who turn out to be one",
        FieldKind.CHOICE,
        "Braze keeps one alias a person: further devices stay users of their own there, until Braze is asked "
        "to merge them. That cannot be undone, and the key needs users.merge.",
        default="leave",
        choices=(Choice("leave", "Leave them apart in Braze"), Choice("merge", "Merge them in Braze")),
        group=PEOPLE_GROUP,
    ),
    Field(
        "merge_hold_minutes",
        "Minutes until a merge",
        FieldKind.INTEGER,
        "How long to wait before Braze is asked: who is no longer one person by then is left apart.",
        default=60,
        minimum=0,
        maximum=43_200,
        group=PEOPLE_GROUP,
    ),
    Field(
        "changed_external_id",
        "People whose external id changes",
        FieldKind.CHOICE,
        "To Braze another id is another person: it is sent everything, and the old one keeps what it has. Or "
        "Braze is asked to rename the one that there is: then the id that came last counts, and the key "
        "needs users.external_ids.rename.",
        default="new",
        choices=(Choice("new", "Send everything to the new one"), Choice("rename", "Rename them in Braze")),
        group=PEOPLE_GROUP,
    ),
    Field(
        "concurrency",
        "Requests at a time",
        FieldKind.INTEGER,
        "How many requests may be under way at once.",
        default=16,
        minimum=1,
        maximum=64,
        group=CONTRACT_GROUP,
    ),
    msgspec.structs.replace(OVERLAP, group=PEOPLE_GROUP),
    *S3_FIELDS,
)
