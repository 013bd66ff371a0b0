"""What Braze can do, declared: fields of the connection, kinds of goals, known profile fields, codes.

Source: Braze's documentation as of July 2026 (users/track, objects and filters, API limits, data centers).
"""

from onefold.model.mapping import ValueType
from onefold.plugin import (
    Choice,
    Code,
    ConnectorInfo,
    Feed,
    Field,
    FieldKind,
    GoalKind,
    MatchTarget,
    Target,
)
from onefold.plugin.declare import (
    AGE_DAYS_MAX,
    EVERY_MINUTES,
    LEAVING,
    OVERLAP,
    REMOVED,
    SINCE,
    START,
    TEST_PEOPLE,
)
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
        "Needs users.track, users.identify where anonymous people are sent, and users.merge where people are "
        "merged; with custom_attributes.get values are fitted to the types that Braze holds. A key's "
        "permissions cannot be changed later: make a new one.",
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
    ),
    Field(
        "merges",
        "People who turn out to be one",
        FieldKind.CHOICE,
        "Braze keeps one alias a person: further devices stay users of their own there, until Braze is asked "
        "to merge them. That cannot be undone, and the key needs users.merge.",
        default="leave",
        choices=(Choice("leave", "Leave them apart in Braze"), Choice("merge", "Merge them in Braze")),
    ),
    Field(
        "merge_hold_minutes",
        "Minutes until a merge",
        FieldKind.INTEGER,
        "How long to wait before Braze is asked: who is no longer one person by then is left apart.",
        default=60,
        minimum=0,
        maximum=43_200,
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
    OVERLAP,
    *S3_FIELDS,
)

ANONYMOUS = Field(
    "anonymous",
    "People without a user id",
    FieldKind.CHOICE,
    "Leave anonymous people out, or create them in Braze under an alias and identify them once known.",
    default="skip",
    choices=(Choice("skip", "Leave out"), Choice("alias", "Send under an alias")),
)

CREATE = Field(
    "create",
    "People whom Braze does not have",
    FieldKind.CHOICE,
    "Create them, or only update those who are there: Braze then ignores all others without a word.",
    default="create",
    choices=(Choice("create", "Create"), Choice("update_only", "Only update")),
)
SUBSCRIPTION_STATES = "opted_in, subscribed or unsubscribed; not billed."
MATCH = (
    MatchTarget("external_id", "External id", "user_id"),
    MatchTarget("alias", "Alias", "anonymous_id", labelled=True, help="Its label; else the connection's."),
    MatchTarget("braze_id", "Braze id", "braze_id", help="Never creates anyone."),
    MatchTarget("email", "E-mail", "email", help="The known person with it, most recently updated."),
    MatchTarget("phone", "Phone", "phone", help="Likewise; no e-mail can be set for who is found so."),
)

EXPORT = GoalKind(
    "export",
    "Keep profiles up to date",
    "Sends the mapped fields of a segment's members (or of everyone known) to Braze whenever they change.",
    Feed.PROFILES,
    fields=(
        ANONYMOUS,
        CREATE,
        LEAVING,
        REMOVED,
        Field(
            "merge_objects",
            "Merge objects",
            FieldKind.BOOLEAN,
            "Lay an object over the one that Braze holds, key by key, instead of replacing it. A key that is "
            "gone here then stays there.",
            default=False,
        ),
        TEST_PEOPLE,
    ),
    targets=(
        Target("email", "E-mail", help="Stored in lower case. Setting it subscribes the person."),
        Target("phone", "Phone", help="In E.164 form, like +33612345678."),
        Target("first_name", "First name"),
        Target("last_name", "Last name"),
        Target("dob", "Date of birth", ValueType.DATE),
        Target("gender", "Gender", help="M, F, O (other), N (not applicable) or P (prefers not to say)."),
        Target("country", "Country", help="A two-letter code or an English name; billable once set here."),
        Target("home_city", "City"),
        Target("language", "Language", help="A two-letter code; billable once set here."),
        Target("time_zone", "Time zone", help="An IANA name such as Europe/Paris."),
        Target("image_url", "Image address"),
        Target("email_subscribe", "E-mail subscription", help=SUBSCRIPTION_STATES, is_free=True),
        Target("push_subscribe", "Push subscription", help=SUBSCRIPTION_STATES, is_free=True),
        Target("current_location", "Location", ValueType.OBJECT, "An object of longitude and latitude."),
        Target("date_of_first_session", "First session", ValueType.TIME),
        Target("date_of_last_session", "Last session", ValueType.TIME),
    ),
    custom_targets=True,
    match=MATCH,
    bills_fields=True,
    reads_back=True,
)

GLOBAL_STATES = ("email_subscribe", "push_subscribe")
SUBSCRIPTIONS = GoalKind(
    "subscriptions",
    "Keep subscriptions up to date",
    "Tells Braze what people said about purposes: who consented is subscribed, who refused is unsubscribed. "
    "About whom nothing is known, nothing is said.",
    Feed.PROFILES,
    fields=(
        ANONYMOUS,
        Field(
            "consented",
            "Who consented is",
            FieldKind.CHOICE,
            "In the global states of e-mail and push; a subscription group knows subscribed alone.",
            default="subscribed",
            choices=(Choice("subscribed", "Subscribed"), Choice("opted_in", "Opted in")),
        ),
    ),
    targets=(
        Target("email_subscribe", "E-mail", help="The state of every e-mail."),
        Target("push_subscribe", "Push", help="The state of every push message."),
    ),
    custom_targets=True,
    is_last=True,
)

EVENTS = GoalKind(
    "events",
    "Send events",
    "Sends events as custom events as they happen, and orders as purchases.",
    Feed.EVENTS,
    fields=(
        Field(
            "events",
            "Events",
            FieldKind.TEXTS,
            "Names of track events to send, and page or screen for views. Empty: every track event.",
            default=(),
        ),
        Field(
            "purchase_events",
            "Orders",
            FieldKind.TEXTS,
            "Track events that are orders; `orders` says what becomes of them.",
            default=("Order Completed",),
        ),
        Field(
            "orders",
            "Orders become",
            FieldKind.CHOICE,
            "Purchases are one for each product, or one for the order. The recommended events also tell of "
            "products viewed, carts, checkouts, refunds and cancelled orders, and cost no data points. Both "
            "count revenue twice in Braze: for the time of a change from one to the other.",
            default="purchases",
            choices=(
                Choice("purchases", "Purchases"),
                Choice("ecommerce", "Recommended e-commerce events"),
                Choice("both", "Both"),
            ),
        ),
        Field(
            "shop",
            "Name of the shop",
            help="The `source` of recommended e-commerce events that name none.",
            default="onefold",
        ),
        Field(
            "currency",
            "Currency",
            help="For orders that name none: three letters, such as EUR.",
            default="USD",
        ),
        ANONYMOUS,
        CREATE,
        START,
        SINCE,
        AGE_DAYS_MAX,
        Field("app_id", "App identifier", help="Optional: the app that events are counted for."),
        TEST_PEOPLE,
    ),
    match=MATCH,
)

AUDIENCE = Field(
    "audience",
    "Braze segment",
    help="The id of the segment in Braze; `goals audiences` lists them by name.",
    required=True,
    is_listed=True,
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
        ),
        Field(
            "timeout_minutes",
            "Longest wait, in minutes",
            FieldKind.INTEGER,
            "How long Braze may take to write the export (about an hour for 20 million people).",
            default=180,
            minimum=1,
            maximum=1440,
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
        ),
        Field(
            "late_hours",
            "Hours for late files",
            FieldKind.INTEGER,
            "How long after its hour a file may still come to be noticed.",
            default=48,
            minimum=1,
            maximum=720,
        ),
    ),
)
SOURCE_KIND = "braze-currents"
"""Of the sources that hold what Braze tells, read from files or pushed."""

_FIX_DATA = "Correct the value where it comes from, or change the mapping, then replay the dead letter."
DELETIONS = GoalKind(
    "deletions",
    "Forward erasures",
    "Deletes whoever is erased here in Braze, too: by external id, braze_id, and aliases that stand alone.",
    Feed.ERASURES,
)

CODES = (
    Code("activate.anonymous", "The person has no user id, and the goal leaves such people out.", ""),
    Code(
        "activate.no_match_key", "The person has none of the identifiers that the goal finds people by.", ""
    ),
    Code("activate.braze.value", "A field's value is not what Braze takes for that field.", _FIX_DATA),
    Code(
        "activate.braze.type",
        "Braze holds the attribute in a type that the value cannot become; it would ignore the value.",
        "State that type in the mapping and correct the value at its source, or map it to another attribute.",
    ),
    Code(
        "activate.braze.blocklisted",
        "The attribute is on Braze's blocklist: Braze would take it and keep nothing.",
        "Take it off the blocklist in Braze (Data Settings), or take the row out of the mapping.",
    ),
    Code("activate.braze.external_id", "The user id is longer than 987 bytes.", "Shorten it at its source."),
    Code("activate.braze.alias", "The anonymous id is longer than 236 bytes.", "Shorten it at its source."),
    Code("activate.braze.event_name", "The event's name is longer than 255 characters.", "Rename the event."),
    Code(
        "activate.braze.properties_too_large",
        "The properties are larger than 100 KB.",
        "Send less with the event, or leave this event out of the goal.",
    ),
    Code(
        "activate.braze.purchase", "The order or one of its products is not a purchase for Braze.", _FIX_DATA
    ),
    Code(
        "activate.braze.ecommerce",
        "The event lacks what a recommended e-commerce event needs, or Braze takes another value there.",
        _FIX_DATA,
    ),
    Code("activate.braze.item", "Braze refused the object; its own words say why.", _FIX_DATA),
    Code(
        "activate.braze.refused",
        "Braze refused a request that holds this object alone.",
        "See what Braze answered; correct the data, then replay the dead letter.",
    ),
    Code(
        "activate.braze.credentials",
        "Braze does not know the key at this address.",
        "Check that the key and the endpoint are of the same instance; keys are shown once, when created.",
    ),
    Code(
        "activate.braze.permission",
        "The key lacks a permission. Without users.identify, only joining anonymous people waits.",
        "Create a key with users.track and users.identify (and users.delete, to forward erasures): "
        "permissions of a key cannot be changed.",
    ),
    Code(
        "activate.braze.by_address",
        "An erased person may stand in Braze under an e-mail address or phone number alone.",
        "Look the address up in Braze and delete the profile there, if it is the person's.",
    ),
    Code(
        "activate.braze.wrong_address",
        "There is no Braze at this address.",
        "Take the REST endpoint from Settings > API Keys; it begins with https://rest.",
    ),
    Code(
        "activate.braze.ambiguous",
        "Several people of Braze have the e-mail or phone that a person is matched by.",
        "Match by external_id where the person has one.",
    ),
    Code(
        "activate.braze.not_exported",
        "Braze refused to tell what it holds of people.",
        "Test the connection: it shows what the key may do.",
    ),
    Code(
        "activate.braze.no_json",
        "Braze answered something that is no list of users.",
        "Nothing: it is asked again. If it stays so, check the endpoint of the connection.",
    ),
    Code(
        "acquire.braze.no_bucket",
        "Braze writes this export into a bucket that the connection does not know.",
        "Give the connection the S3 bucket that is set up in Braze under Technology Partners.",
    ),
    Code(
        "acquire.braze.expired",
        "The file that Braze made is no longer there: its address lives four hours.",
        "Run the import again.",
    ),
    Code(
        "acquire.braze.no_export",
        "Braze has not delivered the export in time.",
        "Braze mails the reason to the workspace's contacts. Run again, or give it more time.",
    ),
    Code(
        "acquire.braze.refused", "Braze refused the export.", "Is the audience still there? Choose it again."
    ),
    Code(
        "acquire.braze.no_json",
        "Braze answered something that is not JSON.",
        "Check the endpoint of the connection.",
    ),
    Code(
        "acquire.braze.bad_event",
        "An engagement event of Braze has no id, no person or no time, or cannot be read.",
        "Mend it and replay the dead letter, or discard it.",
    ),
    Code(
        "acquire.braze.broken_file",
        "A file of Braze Currents is broken; what could be read of it was taken.",
        "Discard the letter, or ask Braze to write the events again.",
    ),
    Code("acquire.braze.test_event", "A test event of Braze's dashboard: it is left out.", ""),
    Code("acquire.braze.echo", "Braze tells of an event that Onefold sent there: it is left out.", ""),
    Code(
        "activate.braze.message",
        "Braze answered without saying that it succeeded.",
        "Nothing: it is retried.",
    ),
)

INFO = ConnectorInfo(
    "braze",
    "Braze",
    "Customer engagement: keeps profiles, events and purchases of a Braze workspace up to date in real time.",
    CONNECTION_FIELDS,
    (EXPORT, EVENTS, SUBSCRIPTIONS, IMPORT, CURRENTS, DELETIONS),
    CODES,
    "https://www.braze.com/docs/api/endpoints/user_data/post_user_track",
    source_kind=SOURCE_KIND,
)

CONTROL_NAMES = frozenset(
    {
        "external_id",
        "braze_id",
        "user_alias",
        "alias_name",
        "alias_label",
        "app_id",
        "push_token_import",
        "_update_existing_only",
        "_merge_objects",
    }
)
"""Keys of an object that are not attributes."""
EXPORT_ONLY_NAMES = frozenset(
    {
        "created_at",
        "created_from",
        "random_bucket",
        "total_revenue",
        "attributed_campaign",
        "attributed_source",
        "attributed_adgroup",
        "attributed_ad",
        "last_coordinates",
        "apps",
        "devices",
        "campaigns_received",
        "canvases_received",
        "cards_clicked",
        "uninstalled_at",
        "push_opted_in_at",
        "custom_events",
        "purchases",
        "email_subscription_info",
    }
)
"""Braze fills these itself."""
OTHER_STANDARD_NAMES = frozenset({"subscription_groups", "push_tokens", "facebook", "twitter"})
"""Standard fields that a mapping of one value cannot fill."""
