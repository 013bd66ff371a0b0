"""Sending calls: one request a call, to allowed hosts only, and what its answer means.

In: calls as `call.py` wrote them. Out: one outcome each. A status that the goal names as success passes, one
that it names as later comes again; 401 pauses, everything else is a refusal. Redirects are not followed.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from onefold.connectors.http.address import find_url, host_of
from onefold.connectors.http.call import TEST_S, Call, Rules, Written, read_headers, read_rules, write_headers
from onefold.connectors.http.declare import CONNECTION_FIELDS, INFO
from onefold.connectors.http.fault import NotJsonError, TemplateFaultError
from onefold.connectors.http.secrets import fill, mask_filled, mask_values, missing
from onefold.connectors.http.wire import Answer, Wire
from onefold.errors import ConnectorError, SetupError, ThrottledError, TransientError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.outcome import PASSED, Outcome, filtered, rejected
from onefold.plugin import (
    Address,
    Channel,
    Draft,
    Moment,
    Parcel,
    Probe,
    Problem,
    Refusal,
    RequestView,
    ResponseView,
    Subject,
)
from onefold.plugin.check import setting
from onefold.plugin.contract import EventWriter, Identifiers, ProfileWriter
from onefold.plugin.rate import read_rate

CALL = "call"
CHANNELS = {CALL: Channel(CALL, 1, 4 << 20)}
"""One call a request: each has its own outcome, and only those under way can double."""
ANSWER_CHARS_MAX = 5_000
"""Of an answer kept with a refused call, before it is masked and cut further."""
THROTTLED_S = 5.0
TEST_CHARS_MAX = 300
"""Of an answer shown with a test."""
MAY_NOT_ASK = frozenset({401, 403})
"""The credentials may be right for the call, and not for asking."""
LACKING = filtered("activate.call.requirement")
_decode = msgspec.json.Decoder(Written).decode


class CallWriter:
    """Makes calls of one goal."""

    def __init__(self, goal: Goal) -> None:
        self._call = Call(goal)

    def choose(self, name: str) -> bool:
        """Those that the goal names."""
        return name in self._call.events

    def write(self, subject: Subject, moment: Moment, now: int) -> Draft | Outcome | Refusal:
        """One call."""
        if self._call.lacks(subject):
            return LACKING
        try:
            written = self._call.write(subject, moment, now)
        except TemplateFaultError as fault:
            is_json = not isinstance(fault, NotJsonError)
            code = "activate.call.template" if is_json else "activate.call.body"
            hint = "See the request with `onefold connections goals try`; mend it, then replay."
            return Refusal(code, fault.field, fault.message, hint)
        return Draft(CALL, CALL, msgspec.json.encode(written))


class HttpDestination:
    """One API, opened."""

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        self._secrets = connection.secrets
        self._endpoint = str(settings.get("endpoint", ""))
        self._hosts = allowed_hosts(connection)
        allow_private = setting(CONNECTION_FIELDS, settings, "private_addresses") is True
        self._concurrency = int(str(setting(CONNECTION_FIELDS, settings, "concurrency")))
        self._wire = Wire(concurrency=self._concurrency, allow_private=allow_private)
        self._test_path = str(setting(CONNECTION_FIELDS, settings, "test_path"))
        given = setting(CONNECTION_FIELDS, settings, "headers")
        faults: list[Problem] = []
        roots = {"secrets": None, "basic_auth": None}
        templates = read_headers(given if isinstance(given, dict) else {}, roots, faults)
        self._headers = write_headers(templates)

    @property
    def channels(self) -> Mapping[str, Channel]:
        """Calls, one by one."""
        return CHANNELS

    @property
    def concurrency(self) -> int:
        """Calls at a time."""
        return self._concurrency

    def address(
        self, goal: Goal, identifiers: Identifiers, known: Mapping[str, int]
    ) -> Address | Outcome | Refusal:
        """Nobody is addressed: a call's template says whom it is about."""
        return Address("", b"")

    def profile_writer(self, goal: Goal) -> ProfileWriter:
        """No goal of this connector sends fields of profiles."""
        raise NotImplementedError

    def event_writer(self, goal: Goal) -> EventWriter:
        """Likewise: events come as moments."""
        raise NotImplementedError

    def moment_writer(self, goal: Goal) -> CallWriter:
        """Calls."""
        return CallWriter(goal)

    def wait_s(self, channel: str) -> float:
        """An API says with a 429 when it is too much."""
        return 0.0

    async def send(self, channel: str, parcels: Sequence[Parcel]) -> list[Outcome]:
        """One call; see the contract."""
        return [await self._send(self._complete(parcel.body)) for parcel in parcels]

    def show(self, draft: Draft) -> RequestView:
        """The request, secrets masked."""
        written = self._complete(draft.body)
        filled = fill(written, None)
        try:
            url = find_url(filled.url.replace("***", "%2A%2A%2A"), self._endpoint, self._hosts)
        except TemplateFaultError as fault:
            url = f"{filled.url} ({fault.message})"
        return RequestView(
            read_rules(written.rules).method,
            url.replace("%2A%2A%2A", "***"),
            filled.headers,
            filled.body,
            missing(written, self._secrets),
        )

    async def try_out(self, draft: Draft) -> ResponseView:
        """Send it once and show what came back."""
        written = self._complete(draft.body)
        started = time.monotonic()
        answer: Answer | None = None
        outcome: Outcome | ConnectorError
        if names := missing(written, self._secrets):
            return self._view(written, None, rejected("activate.call.secret_missing", _lacking(names)), 0)
        try:
            answer = await self._exchange(written)
            outcome = self._judge(written, answer)
        except ConnectorError as error:
            outcome = error
        except TemplateFaultError as fault:
            outcome = _refuse_url(fault)
        took = round((time.monotonic() - started) * 1000)
        return self._view(written, answer, outcome, took)

    async def learn(self, goals: Sequence[Goal]) -> Sequence[SetupError]:
        """An API of which nothing is known has no types that values must fit."""
        del goals
        return ()

    async def check_credentials(self) -> list[Probe]:
        """Whether a server answers; with a path for a test, whether it answers well."""
        path = self._test_path or "/"
        rules = Rules("GET" if self._test_path else "HEAD", "text", ("2xx",), (), True, TEST_S)
        written = Written(rules.encode(), [path], self._headers, [])
        message = await self._find_obstacle(written)
        name = self._test_path or "reachable"
        field = "test_path" if self._test_path else "endpoint"
        return [Probe(name, passed=not message, needed_for="calls", message=message, field=field)]

    async def probe_all(self, goals: Sequence[Goal]) -> list[Probe]:
        """The same, and for each goal that says how, whether what it names is there."""
        probes = await self.check_credentials()
        for goal in goals:
            problems: list[Problem] = []
            call = Call(goal, problems)
            if call.has_test and not problems:
                message, is_fault = await self._ask_for(call)
                probe = Probe(goal.name, passed=not message, needed_for="its call", message=message)
                probes.append(msgspec.structs.replace(probe, needed=is_fault))
        return probes

    async def _ask_for(self, call: Call) -> tuple[str, bool]:
        """Why what a goal names is not there (empty: it is), and whether that can be told."""
        try:
            written = self._with_headers(call.write_test())
            if names := missing(written, self._secrets):
                return _lacking(names), True
            answer = await self._exchange(written)
        except ConnectorError as error:
            return f"{error.message} {error.hint}", True
        except TemplateFaultError as fault:
            return fault.message, True
        path = fill(written, None).url
        if _matches(answer.status, ("2xx",)):
            return "", True
        if answer.status in MAY_NOT_ASK:
            return f"It cannot be told: GET {path} was answered with {answer.status}.", False
        words = mask_filled(answer.body.decode(errors="replace"), written, self._secrets)
        return f"GET {path} was answered with {answer.status}: {words[:TEST_CHARS_MAX]}", True

    async def _find_obstacle(self, written: Written) -> str:
        """Why the request of a check does not succeed; empty when it does."""
        if names := missing(written, self._secrets):
            return _lacking(names)
        try:
            answer = await self._exchange(written)
        except ConnectorError as error:
            return f"{error.message} {error.hint}"
        except TemplateFaultError as fault:
            return fault.message
        if self._test_path and not _matches(answer.status, read_rules(written.rules).success):
            return f"GET {self._test_path} was answered with {answer.status}."
        return ""

    async def close(self) -> None:
        """Give up the sockets."""
        await self._wire.close()

    # -- one request -----------------------------------------------------------------------------------

    def _complete(self, body: bytes) -> Written:
        return self._with_headers(_decode(body))

    def _with_headers(self, written: Written) -> Written:
        """With the connection's own headers, where the call has none of that name."""
        own = {name.lower() for name in written.headers}
        others = {name: parts for name, parts in self._headers.items() if name.lower() not in own}
        return msgspec.structs.replace(written, headers={**others, **written.headers})

    async def _send(self, written: Written) -> Outcome:
        if names := missing(written, self._secrets):
            return rejected("activate.call.secret_missing", _lacking(names))
        try:
            answer = await self._exchange(written)
        except TemplateFaultError as fault:
            return _refuse_url(fault)
        except TransientError as error:
            if error.may_have_arrived and not read_rules(written.rules).retry_unanswered:
                return rejected("activate.call.no_answer", error.message)
            raise
        outcome = self._judge(written, answer)
        if isinstance(outcome, ConnectorError):
            raise outcome
        return outcome

    def _judge(self, written: Written, answer: Answer) -> Outcome | ConnectorError:
        """What an answer means for the call."""
        rules, status = read_rules(written.rules), answer.status
        if _matches(status, rules.success):
            return PASSED
        if _matches(status, rules.retry):
            if status == 429:
                rate = read_rate({name.lower(): text for name, text in answer.headers.items()}, time.time())
                wait = rate.retry_after_s if rate.retry_after_s is not None else rate.reset_s
                return ThrottledError(
                    "activate.http.throttled",
                    "The destination asks to slow down.",
                    retry_after_s=THROTTLED_S if wait is None else wait,
                )
            return TransientError(
                "activate.http.server_error",
                f"The destination failed with status {status}.",
                may_have_arrived=status >= 500,
            )
        if status == 401:
            return SetupError(
                "activate.call.credentials",
                "The API does not accept the credentials (401).",
                hint="Put the right secret, or the header that is missing, into the connection.",
            )
        words = mask_filled(answer.body.decode(errors="replace"), written, self._secrets)
        words = mask_values(words[:ANSWER_CHARS_MAX], written)
        return rejected("activate.call.status", _detail(answer), f"{status} {words}")

    async def _exchange(self, written: Written) -> Answer:
        """One request, one try.

        Raises:
            TemplateFaultError: the URL is none, or its host is not allowed.
            SetupError: the address behind the host must not be reached, or a header cannot be sent.
            TransientError: no answer.
        """
        rules, filled = read_rules(written.rules), fill(written, self._secrets)
        # What a template wrote was looked at before: only a secret can hold such a character here.
        if not all(value.isprintable() for value in filled.headers.values()):
            raise SetupError(
                "activate.call.credentials",
                "A secret in a header holds a line break or control character.",
                hint="Put the secret into the connection again, without a line break at its end.",
            )
        url = find_url(filled.url, self._endpoint, self._hosts)
        return await self._wire.exchange(
            rules.method, url, filled.headers, filled.body, timeout_s=rules.timeout_s
        )

    def _view(
        self, written: Written, answer: Answer | None, outcome: Outcome | ConnectorError, took: int
    ) -> ResponseView:
        text = answer.body.decode(errors="replace") if answer else ""
        end: Literal["passed", "rejected", "deferred"]
        headers = {
            name: mask_filled(value, written, self._secrets)
            for name, value in (answer.headers.items() if answer else ())
        }
        if isinstance(outcome, ConnectorError):
            end, code, message, hint = "deferred", outcome.code, outcome.message, outcome.hint
        else:
            end = "passed" if outcome is PASSED else "rejected"
            code, message, hint = outcome.code, outcome.detail, INFO.hint(outcome.code)
        return ResponseView(
            end,
            code,
            message,
            hint,
            answer.status if answer else 0,
            headers,
            mask_filled(text, written, self._secrets),
            answer.is_cut if answer else False,
            took,
        )


def allowed_hosts(connection: Connection) -> frozenset[str]:
    """Hosts (with a port where it is not the usual one) to which the connection may send."""
    further = connection.settings.get("hosts")
    texts = [str(connection.settings.get("endpoint", ""))]
    texts += map(str, further) if isinstance(further, list) else []
    found = set()
    for text in texts:
        try:
            found.add(host_of(text))
        except ValueError:
            continue  # reported when the connection is checked
    return frozenset(found)


def _lacking(names: Sequence[str]) -> str:
    return f"The connection has no secret {', '.join(names)}."


def _refuse_url(fault: TemplateFaultError) -> Outcome:
    return rejected("activate.call.url", fault.message)


def _matches(status: int, wanted: Sequence[str]) -> bool:
    text = str(status)
    return text in wanted or f"{text[0]}xx" in wanted


def _detail(answer: Answer) -> str:
    if 300 <= answer.status < 400:
        return f"The API answered {answer.status}, a redirect: it is not followed."
    return f"The API answered {answer.status}."
