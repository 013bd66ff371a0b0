"""The kinds of goals that send to Braze, and the profile fields that it knows, declared.

Source: Braze's documentation as of July 2026 (users/track, objects and filters).
"""

from onefold.model.mapping import ValueType
from onefold.plugin import Choice, Feed, Field, FieldKind, GoalKind, MatchTarget, Target
from onefold.plugin.declare import (
    AGE_DAYS_MAX,
    FIELDS_STEP,
    LEAVING,
    MATCH_STEP,
    REMOVED,
    SINCE,
    START,
    TEST_PEOPLE,
)

ANONYMOUS = Field(
    "anonymous",
    "People without a user id",
    FieldKind.CHOICE,
    "Leave anonymous people out, or create them in Braze under an alias and identify them once known.",
    default="skip",
    choices=(Choice("skip", "Leave out"), Choice("alias", "Send under an alias")),
    group=MATCH_STEP,
)

CREATE = Field(
    "create",
    "People whom Braze does not have",
    FieldKind.CHOICE,
    "Create them, or only update those who are there: Braze then ignores all others without a word.",
    default="create",
    choices=(Choice("create", "Create"), Choice("update_only", "Only update")),
    group=MATCH_STEP,
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
            group=FIELDS_STEP,
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
            group=FIELDS_STEP,
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

DELETIONS = GoalKind(
    "deletions",
    "Forward erasures",
    "Deletes whoever is erased here in Braze, too: by external id, braze_id, and aliases that stand alone.",
    Feed.ERASURES,
)
