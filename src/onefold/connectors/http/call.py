"""One call, compiled: a goal's templates and what they are given.

In: a goal. Out: `Call`, which makes a `Written` request of a person and a moment, or what is wrong with the
goal. A secret's value is never here: a written request names it, and it is filled in when the request leaves.
"""

import re
from collections.abc import Mapping
from secrets import token_hex
from typing import Any, Literal, NamedTuple

import msgspec

from onefold.clock import to_iso
from onefold.connectors.http.address import url_problem
from onefold.connectors.http.declare import CALL, CONTENT_TYPES, JSON
from onefold.connectors.http.fault import NotJsonError, TemplateFaultError
from onefold.connectors.http.template import Named, Place, Secrets, Template, compile_template
from onefold.model.goal import Goal
from onefold.model.json import JsonValue
from onefold.plugin import Moment, Problem, Subject
from onefold.plugin.check import setting

PLACES = {"json": Place.JSON, "form": Place.FORM, "text": Place.TEXT}
HEADER = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")
OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
"""The client sets these; another value would make two requests of one."""
TEST_S = 10
"""A person waits for what a test is answered."""
NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}$")
STATUS = re.compile(r"^[1-5](?:\d\d|xx)$")
PROFILE = frozenset({"id", "identifiers", "all_identifiers", "traits", "first_seen", "last_seen"})
MOMENT = frozenset({"kind", "at", "segment_id"})
EVENT = frozenset({"name", "page", "message_id", "occurred_at", "received_at", "properties"})
TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "object": (dict,),
}

Roots = Mapping[str, frozenset[str] | None]


class SecretPart(msgspec.Struct, frozen=True, array_like=True):
    """A secret's place: `names` are one secret's name, or the two sides of basic authentication."""

    kind: Literal["secret", "basic"]
    names: list[tuple[Literal["secret", "text"], str]]


Part = str | SecretPart
Parts = list[Part]


class Rules(NamedTuple):
    """How a request is sent, and what its answer means."""

    method: str
    format: str
    success: tuple[str, ...]
    retry: tuple[str, ...]
    retry_unanswered: bool
    timeout_s: int

    def encode(self) -> str:
        """As one text: in pieces, each would be masked in an answer as if it were a value of the person."""
        unanswered = "again" if self.retry_unanswered else "once"
        lists = f"{','.join(self.success)} {','.join(self.retry) or '-'}"
        return f"{self.method} {self.format} {lists} {unanswered} {self.timeout_s}s"


def read_rules(text: str) -> Rules:
    """The rules of their text."""
    method, form, success, retry, unanswered, timeout = text.split(" ")
    later = () if retry == "-" else tuple(retry.split(","))
    seconds = int(timeout.removesuffix("s"))
    return Rules(method, form, tuple(success.split(",")), later, unanswered == "again", seconds)


class Written(msgspec.Struct, frozen=True):
    """A request as it waits to be sent."""

    rules: str
    url: Parts
    headers: dict[str, Parts]
    body: Parts


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What whoever uses a template fills in. Without a default it is needed."""

    name: str
    title: str = ""
    type: Literal["text", "number", "boolean", "list", "object"] = "text"
    default: JsonValue = None
    help: str = ""


class Call:
    """One goal's templates."""

    def __init__(self, goal: Goal, problems: list[Problem] | None = None) -> None:
        """With a list, problems are put there; without, there should be none.

        Raises:
            ValueError: the goal is wrong, and no list was given.
        """
        self._problems: list[Problem] = []
        self._goal = goal
        self.events = frozenset(map(str, self._list("events")))
        self._requires = [one.split(".", 1) for one in map(str, self._list("requires"))]
        self._params = self._read_parameters()
        self._format = str(self._get("format"))
        self._roots = self._read_roots()
        self._url = self._read_url()
        self._headers = self._read_headers()
        body = str(self._get("body") or "")
        self._body = self._compile("body", body, PLACES[self._format]) if body.strip() else None
        self._test = self._read_test()
        self._check_rest()
        self._rules = "" if self._problems else self._read_rules().encode()
        if problems is not None:
            problems += self._problems
        elif self._problems:
            raise ValueError(f"{self._problems[0].path}: {self._problems[0].message}")

    def lacks(self, subject: Subject) -> bool:
        """Whether the person has not what the goal requires."""
        for where, name in self._requires:
            held: Mapping[str, Any] = subject.traits if where == "traits" else subject.identifiers
            if held.get(name) in (None, "", []):
                return True
        return False

    def write(self, subject: Subject, moment: Moment, now: int) -> Written:
        """The request.

        Raises:
            TemplateFaultError: a template cannot be filled in.
        """
        nonce = f"n{token_hex(16)}"
        values = self._values(subject, moment, now, Secrets(nonce))

        def fill(field: str, template: Template) -> Parts:
            try:
                return _split(template.render(values), nonce)
            except TemplateFaultError as fault:
                raise TemplateFaultError(f"In {field}: {fault.message}", fault.field or field) from fault

        assert self._url is not None  # noqa: S101 - a goal with problems has no call
        headers = {name: fill(f"headers.{name}", template) for name, template in self._headers.items()}
        for name, parts in headers.items():
            if not all(part.isprintable() for part in parts if isinstance(part, str)):
                fault = f"In headers.{name}: a line break or control character."
                raise TemplateFaultError(fault, f"headers.{name}")
        if self._body is not None and not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = [CONTENT_TYPES[self._format]]
        body = fill("body", self._body) if self._body else []
        if self._format == JSON and body:
            check_json(body)
        return Written(self._rules, fill("url", self._url), headers, body)

    @property
    def has_test(self) -> bool:
        """Whether it says how a test sees that what the parameters name is there."""
        return self._test is not None

    def write_test(self) -> Written:
        """The request of such a test.

        Raises:
            TemplateFaultError: the template cannot be filled in.
        """
        assert self._test is not None  # noqa: S101 - asked before
        nonce = f"n{token_hex(16)}"
        secrets = Secrets(nonce)
        values = {
            "params": Named("params", self._params),
            "secrets": secrets,
            "basic_auth": secrets.basic,
        }
        given = self._get("headers")
        # Headers that need a person are left out.
        templates = read_headers(given if isinstance(given, dict) else {}, self._test_roots, [])
        headers = {name: _split(template.render(values), nonce) for name, template in templates.items()}
        rules = Rules("GET", "text", ("2xx",), (), True, TEST_S)
        return Written(rules.encode(), _split(self._test.render(values), nonce), headers, [])

    # -- what templates are given ---------------------------------------------------------------------

    def _read_roots(self) -> Roots:
        roots: dict[str, frozenset[str] | None] = {
            "profile": PROFILE,
            "moment": MOMENT,
            "params": frozenset(self._params),
            "secrets": None,
            "delivery_id": None,
            "now": None,
            "basic_auth": None,
        }
        return roots | {"event": EVENT} if self._get("when") == "event" else roots

    def _values(self, subject: Subject, moment: Moment, now: int, secrets: Secrets) -> dict[str, Any]:
        identifiers = {kind: found[0] for kind, found in subject.identifiers.items() if found}
        profile = {
            "id": subject.profile_id,
            "identifiers": Named("profile.identifiers", identifiers),
            "all_identifiers": Named("profile.all_identifiers", subject.identifiers),
            "traits": Named("profile.traits", subject.traits),
            "first_seen": to_iso(subject.first_seen),
            "last_seen": to_iso(subject.last_seen),
        }
        about = {"kind": moment.kind, "at": to_iso(moment.at), "segment_id": moment.segment_id}
        values = {
            "profile": Named("profile", profile),
            "moment": Named("moment", about),
            "params": Named("params", self._params),
            "secrets": secrets,
            "delivery_id": moment.delivery_id,
            "now": to_iso(now),
            "basic_auth": secrets.basic,
        }
        return values | {"event": Named("event", _event(moment))} if moment.event else values

    def _read_parameters(self) -> dict[str, JsonValue]:
        given = self._get("values")
        given = given if isinstance(given, dict) else {}
        found: dict[str, JsonValue] = {}
        for place, document in enumerate(self._list("parameters")):
            path = f"parameters.{place}"
            try:
                one = msgspec.convert(document, Parameter)
            except msgspec.ValidationError as error:
                self._problem(path, f"{error}.")
                continue
            if not NAME.match(one.name) or one.name in found:
                self._problem(f"{path}.name", "A parameter has a name of its own, such as campaign_id.")
                continue
            found[one.name] = self._value_of(one, given)
        for name in given:
            if name not in found:
                self._problem(f"values.{name}", f"There is no parameter {name!r}.")
        return found

    def _value_of(self, one: Parameter, given: Mapping[str, JsonValue]) -> JsonValue:
        value = given.get(one.name)
        value = one.default if value is None or value == "" else value
        if value is None:
            self._problem(f"values.{one.name}", f"{one.title or one.name} is needed. {one.help}".strip())
        elif not isinstance(value, TYPES[one.type]) or (one.type == "number" and isinstance(value, bool)):
            self._problem(f"values.{one.name}", f"{one.title or one.name} must be a {one.type}.")
        return value

    # -- the rest -------------------------------------------------------------------------------------

    def _read_url(self) -> Template | None:
        source = str(self._get("url") or "")
        if reason := url_problem(source):
            self._problem("url", reason)
            return None
        return self._compile("url", source, Place.URL)

    @property
    def _test_roots(self) -> Roots:
        return {"params": frozenset(self._params), "secrets": None, "basic_auth": None}

    def _read_test(self) -> Template | None:
        source = str(self._get("test_path") or "")
        if not source:
            return None
        if not source.startswith("/"):
            self._problem("test_path", "A path begins with /.")
            return None
        template, problems = compile_template(source, Place.URL, self._test_roots)
        for message in problems:
            self._problem("test_path", message)
        return template

    def _read_headers(self) -> dict[str, Template]:
        given = self._get("headers")
        return read_headers(given, self._roots, self._problems) if isinstance(given, dict) else {}

    def _compile(self, name: str, source: str, place: Place) -> Template | None:
        template, problems = compile_template(source, place, self._roots)
        for message in problems:
            self._problem(name, message)
        return template

    def _read_rules(self) -> Rules:
        return Rules(
            str(self._get("method")),
            self._format,
            tuple(map(str, self._list("success"))),
            tuple(map(str, self._list("retry"))),
            bool(self._get("retry_unanswered")),
            int(str(self._get("timeout_s"))),
        )

    def _check_rest(self) -> None:
        if self._get("when") == "event" and not self.events:
            self._problem("events", "Name the events to act on.")
        if not self._list("success"):
            self._problem("success", "Name at least one status that means success, such as 2xx.")
        for name in ("success", "retry"):
            for status in self._list(name):
                if not STATUS.match(str(status)):
                    self._problem(name, f"{status!r} is no status, such as 409 or 2xx.")
        for one in self._requires:
            if len(one) != 2 or one[0] not in ("identifiers", "traits") or not one[1]:
                self._problem("requires", f"{'.'.join(one)!r} is neither identifiers.KIND nor traits.NAME.")
        if self._get("method") == "GET" and self._body is not None:
            self._problem("body", "A GET has no body.")

    def _problem(self, name: str, message: str) -> None:
        self._problems.append(Problem(f"settings.{name}", message))

    def _get(self, name: str) -> JsonValue:
        return setting(CALL.fields, self._goal.settings, name)

    def _list(self, name: str) -> list[JsonValue]:
        found = self._get(name)
        return found if isinstance(found, list) else []


def read_headers(
    given: Mapping[str, JsonValue], roots: Roots, problems: list[Problem]
) -> dict[str, Template]:
    """Templates of headers by name."""
    found: dict[str, Template] = {}
    for name, source in given.items():
        if not HEADER.match(name) or name.lower() in OWN_HEADERS:
            problems.append(Problem(f"settings.headers.{name}", f"{name!r} cannot be set."))
            continue
        template, faults = compile_template(str(source), Place.HEADER, roots)
        problems += [Problem(f"settings.headers.{name}", message) for message in faults]
        if template is not None:
            found[name] = template
    return found


def write_headers(templates: Mapping[str, Template]) -> dict[str, Parts]:
    """The headers of every call of a connection: they know of secrets only."""
    nonce = f"n{token_hex(16)}"
    secrets = Secrets(nonce)
    values = {"secrets": secrets, "basic_auth": secrets.basic}
    return {name: _split(template.render(values), nonce) for name, template in templates.items()}


def check_json(body: Parts) -> None:
    """A JSON body must be one, whatever its secrets are.

    Raises:
        NotJsonError: it is not.
    """
    text = "".join(part if isinstance(part, str) else "x" for part in body)
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NotJsonError(f"The body is not valid JSON: {error}.", "body") from error


def _event(moment: Moment) -> dict[str, Any]:
    event = moment.event
    assert event is not None  # noqa: S101 - asked before
    properties = msgspec.json.decode(event.properties) if bytes(event.properties) else {}
    return {
        "name": event.name,
        "page": event.page,
        "message_id": event.message_id,
        "occurred_at": to_iso(event.occurred_at),
        "received_at": to_iso(event.received_at),
        "properties": Named("event.properties", properties) if isinstance(properties, dict) else {},
    }


def _split(text: str, nonce: str) -> Parts:
    """The text with its secrets' places apart.

    Raises:
        TemplateFaultError: a place was changed, as by a filter.
    """
    first, *others = text.split(nonce)
    parts: Parts = [first] if first else []
    for piece in others:
        marker, is_whole, rest = piece.partition("z")
        found = _read_marker(marker) if is_whole else None
        if found is None:
            raise TemplateFaultError("A secret cannot be changed by a filter.")
        parts.append(found)
        if rest:
            parts.append(rest)
    if any(isinstance(part, str) and nonce[1:20] in part.lower() for part in parts):
        raise TemplateFaultError("A secret cannot be changed by a filter.")
    return parts


def _read_marker(marker: str) -> SecretPart | None:
    try:
        if marker[:1] == "s":
            return SecretPart("secret", [("secret", bytes.fromhex(marker[1:]).decode())])
        if marker[:1] == "b":
            sides = [(side[:1], bytes.fromhex(side[1:]).decode()) for side in marker[1:].split("y")]
            return SecretPart("basic", [("secret" if kind == "s" else "text", text) for kind, text in sides])
    except (ValueError, UnicodeDecodeError):
        pass
    return None
