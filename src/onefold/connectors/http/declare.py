"""What the connector takes, declared: fields of the connection and of a call, codes."""

from onefold.connectors.http.presets import PRESETS
from onefold.plugin import Choice, Code, ConnectorInfo, Feed, Field, FieldKind, GoalKind
from onefold.plugin.declare import MOMENT_FIELDS, WHO_STEP

REACH_GROUP = "Where calls may go, and how many"
CONNECTION_FIELDS = (
    Field(
        "endpoint",
        "Address",
        FieldKind.URL,
        "Where the API is, such as https://api.example.com: calls name paths below it.",
        required=True,
    ),
    Field(
        "hosts",
        "Further hosts",
        FieldKind.TEXTS,
        "Other hosts that calls may name, such as hooks.example.com or api.example.com:8443. Nothing is sent "
        "elsewhere.",
        default=[],
        guards_secrets=True,
        group=REACH_GROUP,
    ),
    Field(
        "headers",
        "Headers of every call",
        FieldKind.PAIRS,
        "Such as Authorization: Bearer {{ secrets.api_key }}. A call's own header of that name goes before.",
        default={},
    ),
    Field(
        "private_addresses",
        "Allow private addresses",
        FieldKind.BOOLEAN,
        "For an API in your own network. Addresses of the link and of a cloud's metadata stay blocked.",
        default=False,
        guards_secrets=True,
        group=REACH_GROUP,
    ),
    Field(
        "concurrency",
        "Calls at a time",
        FieldKind.INTEGER,
        "What the API can bear.",
        default=8,
        minimum=1,
        maximum=64,
        group=REACH_GROUP,
    ),
    Field(
        "test_path",
        "Path for a test",
        help="What a test asks for with GET, such as /v1/me; else it only looks whether a server answers.",
        default="",
        group=REACH_GROUP,
    ),
)
METHODS = ("POST", "GET", "PUT", "PATCH", "DELETE")
JSON, FORM, TEXT = "json", "form", "text"
FORMATS = (
    Choice(JSON, "JSON"),
    Choice(FORM, "Form (URL-encoded)"),
    Choice(TEXT, "Text, as it stands"),
)
CONTENT_TYPES = {
    JSON: "application/json",
    FORM: "application/x-www-form-urlencoded",
    TEXT: "text/plain; charset=utf-8",
}
RETRIED = ["408", "425", "429", "5xx"]
"""What says that it may work later: everything else is said of the request itself."""
TIMEOUT_S = 10
CALL = GoalKind(
    "call",
    "Make a call",
    "One HTTP request each time when someone enters or leaves a segment or does an event, or for each member "
    "at the times of a schedule.",
    Feed.MOMENTS,
    fields=(
        *MOMENT_FIELDS,
        Field("events", "Events", FieldKind.TEXTS, "Names of the events to act on.", default=[]),
        Field(
            "requires",
            "Only people with",
            FieldKind.TEXTS,
            "Others are left out, such as identifiers.user_id or traits.phone.",
            default=[],
            group=WHO_STEP,
        ),
        Field(
            "method",
            "Method",
            FieldKind.CHOICE,
            default="POST",
            choices=tuple(Choice(one, one) for one in METHODS),
        ),
        Field(
            "url",
            "Path or URL",
            FieldKind.TEMPLATE,
            "A path below the connection's address, such as /users/{{ profile.identifiers.user_id }}, or a "
            "whole address on one of its hosts.",
            required=True,
        ),
        Field("headers", "Headers", FieldKind.PAIRS, "Values are templates.", default={}),
        Field(
            "format",
            "Form of the body",
            FieldKind.CHOICE,
            "Values are encoded for it, and the header Content-Type is set.",
            default=JSON,
            choices=FORMATS,
        ),
        Field("body", "Body", FieldKind.TEMPLATE, "A template; none for a call without a body.", default=""),
        Field(
            "parameters",
            "Parameters",
            FieldKind.OBJECTS,
            "What whoever uses the template fills in: name, title, type (text, number, boolean, list, "
            "object), default, help. A parameter without a default is needed.",
            default=[],
        ),
        Field("values", "Values", FieldKind.OBJECT, "Of the parameters, by name.", default={}),
        Field(
            "success",
            "Success",
            FieldKind.TEXTS,
            "Statuses that mean that it was taken, such as 2xx or 409.",
            default=["2xx"],
        ),
        Field(
            "retry",
            "Try again",
            FieldKind.TEXTS,
            "Statuses that mean that it was not taken and may be later.",
            default=list(RETRIED),
        ),
        Field(
            "retry_unanswered",
            "Try again without an answer",
            FieldKind.BOOLEAN,
            "It may have arrived: tried again it may double. Send {{ delivery_id }} as its idempotency key.",
            default=True,
        ),
        Field(
            "timeout_s",
            "Longest wait, in seconds",
            FieldKind.INTEGER,
            "For an answer.",
            default=TIMEOUT_S,
            minimum=1,
            maximum=60,
        ),
        Field(
            "test_path",
            "Path for a test",
            FieldKind.TEMPLATE,
            "What a test of the connection asks for with GET, to see whether what the parameters name is "
            "there, such as /lists/{{ params.list_id }}.",
            default="",
        ),
    ),
    presets=PRESETS,
)

CODES = (
    Code(
        "activate.call.template",
        "The template needs a value that the person or the event does not have, or cannot use it.",
        "Give the value a default, such as {{ profile.traits.plan | default('none') }}, or name it in "
        "`requires` so that others are left out; then replay.",
    ),
    Code(
        "activate.call.body",
        "What the template makes is not valid JSON.",
        "See the request with `onefold connections goals try`: a comma or a quote is missing, or one too "
        "many.",
    ),
    Code(
        "activate.call.url",
        "What the template makes is not an address on a host that the connection allows.",
        "Mend the URL, or add the host to the connection's hosts.",
    ),
    Code(
        "activate.call.status",
        "The API refused the call.",
        "See its answer; mend the template or the data and replay. A status that means success belongs into "
        "`success`, one that means later into `retry`.",
    ),
    Code(
        "activate.call.no_answer",
        "No answer came, and the goal does not try again then: it may have arrived.",
        "Ask the API whether it has it; replay if not.",
    ),
    Code(
        "activate.call.credentials",
        "The API does not accept the credentials (401).",
        "Put the right secret, or the header that is missing, into the connection; everything waits until "
        "then.",
    ),
    Code(
        "activate.call.secret_missing",
        "A template names a secret that the connection does not have.",
        "Put it into the connection, or correct the name in the template; then replay.",
    ),
    Code(
        "activate.call.address_blocked",
        "The API's host leads to an address that must not be reached.",
        "For an API in your own network turn on `private_addresses` of the connection. Addresses of the link "
        "and of a cloud's metadata are never reached.",
    ),
    Code(
        "activate.call.requirement",
        "Filtered: the person lacks what the goal requires.",
        "Nothing.",
    ),
)

INFO = ConnectorInfo(
    "http",
    "HTTP API",
    "Any API that takes HTTP requests: a call of your own making each time when someone enters or leaves a "
    "segment or does an event, or at the times of a schedule.",
    fields=CONNECTION_FIELDS,
    goals=(CALL,),
    codes=CODES,
    documentation="guides/engagements.md",
    custom_secrets=True,
)
