"""Capture as a raw ASGI application: the hot path has no framework above it.

In: HTTP requests of SDKs. Out: answers, sent once what they stand for is on disk. A request is judged on
the event loop (microseconds), queued with the committer, and answered after its group's commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple, NoReturn

from onefold.capture.answer import (
    PIXEL_SEEN,
    SUCCESS,
    Answer,
    cors_headers,
    json_answer,
    preflight,
    refused,
    taken,
)
from onefold.capture.authenticate import Authenticator, bearer_key, missing_write_key, named_key
from onefold.capture.body import plain_body, too_large
from onefold.capture.directory import SourceDirectory
from onefold.capture.intake import STAGE, Arrival, Batch, Envelope, Intake, Taker, read_batch, read_envelope
from onefold.capture.pixel import event_of
from onefold.capture.pushed import PushTaker
from onefold.capture.reading import BodyReader, ClientLeft
from onefold.capture.refusal import Refusal, RequestRefused
from onefold.capture.routes import Route, Takes, find_route, is_capture_path
from onefold.capture.settings import CaptureSettings
from onefold.capture.setup import base_url, segment_settings, source_config
from onefold.capture.throttle import Throttle
from onefold.clock import Clock, now
from onefold.errors import OnefoldError, StorageError
from onefold.log.committer import Committer
from onefold.model.letter import Letter
from onefold.model.outcome import Count, Kind
from onefold.model.record import Record
from onefold.model.source import Source
from onefold.plugin.feedback import PushReader

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
HeaderMap = Mapping[bytes, bytes]

STRANGERS_FLUSH_S = 1.0
"""Requests with a wrong write key are counted together: a flood of them must cost no disk."""
UNKNOWN = "unknown"
"""The subject under which they are counted."""
USER_AGENT_BYTES_MAX = 512
"""Kept of a User-Agent: what names the client stands within."""
_CLOSE = (b"connection", b"close")
TAKES_A_BODY = frozenset({Takes.EVENT, Takes.BATCH, Takes.PUSH})


def capture_app(
    settings: CaptureSettings,
    directory: SourceDirectory,
    committer: Committer,
    clock: Clock = now,
    *,
    push_readers: Callable[[], Mapping[str, PushReader]] = dict,
) -> "CaptureApplication":
    """The application; `committer` stays its owner's to close, after this one's `close`.

    `push_readers` tells, by the kind of a source, how what a destination pushes is read; it is asked once, at
    the first push.
    """
    return CaptureApplication(settings, directory, committer, clock, push_readers=push_readers)


class Request(NamedTuple):
    """What capture looks at besides the body."""

    headers: HeaderMap
    query: bytes
    client: tuple[str, int] | None


class CaptureApplication:
    """Call it with an HTTP scope whose path `is_capture_path` says is ours."""

    is_capture_path = staticmethod(is_capture_path)

    def __init__(
        self,
        settings: CaptureSettings,
        directory: SourceDirectory,
        committer: Committer,
        clock: Clock,
        *,
        push_readers: Callable[[], Mapping[str, PushReader]] = dict,
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._committer = committer
        self._clock = clock
        self._authenticator = Authenticator(directory)
        self._taker = Taker(settings)
        self._push_readers = push_readers
        self._pushes: PushTaker | None = None
        self._throttle = Throttle()
        self._reader = BodyReader(settings)
        self._strangers: dict[str, int] = {}
        self._flush: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            answer = await self._answer(scope, headers, receive)
        except RequestRefused as refusal:
            answer = self._refuse(refusal)
        except StorageError as error:
            answer = self._overloaded(error)
        except ClientLeft:
            return
        # Ours first: uvicorn writes them in this order, and every one of them costs.
        all_headers = answer.headers if b"origin" not in headers else answer.headers + cors_headers(headers)
        await send({"type": "http.response.start", "status": answer.status, "headers": all_headers})
        await send({"type": "http.response.body", "body": answer.body})

    def answer_directly(
        self, route: Route, request: Request, body: bytes, respond: Callable[[Answer], None]
    ) -> None:
        """The same for an event or a batch whose body is here, without a task: see `protocol.py`.

        `respond` is called once, on the loop: now, or after the commit.
        """
        try:
            if len(body) > self._settings.body_bytes_max:
                raise too_large(self._settings.body_bytes_max)
            self._committer.check_room()
            answer, intake = self._decide(route, request, body)
            if not intake.counts:
                respond(answer)
                return

            def written(_offset: int, error: OnefoldError | None) -> None:
                respond(answer if error is None else self._overloaded(error))

            self._committer.submit_with(written, *self._batch_of(intake))
        except RequestRefused as refusal:
            respond(self._refuse(refusal))
        except StorageError as error:
            respond(self._overloaded(error))

    async def close(self) -> None:
        """Write what is still only counted. Requests under way have had their answers by then."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        counts = self._take_strangers()
        if counts:
            await self._committer.submit((), counts)

    async def _answer(self, scope: Scope, headers: HeaderMap, receive: Receive) -> Answer:
        route = find_route(scope["path"])
        if route is None:
            _not_found()
        method = scope["method"]
        if method not in route.methods:
            return _other_method(method, route, headers)
        if route.takes in TAKES_A_BODY:
            self._committer.check_room()
            body = await self._reader.read(headers, receive)
            return await self._take(route, scope, headers, body)
        if route.takes is Takes.PIXEL:
            return await self._take(route, scope, headers, b"")
        if route.takes is Takes.METRICS:
            await self._reader.read(headers, receive)
            return SUCCESS
        return self._describe(route, scope, headers)

    async def _take(self, route: Route, scope: Scope, headers: HeaderMap, body: bytes) -> Answer:
        answer, intake = self._decide(route, Request(headers, scope["query_string"], scope["client"]), body)
        if intake.counts:
            await self._committer.submit(*self._batch_of(intake))
        return answer

    def _decide(self, route: Route, request: Request, body: bytes) -> tuple[Answer, Intake]:
        """What to answer, and what must be on disk before."""
        source = self._authenticator.from_request(request.headers, request.query)
        if route.takes is Takes.PUSH:
            source = source or self._pusher(request.headers)
        if route.takes is Takes.PIXEL:
            body = event_of(request.query)
        else:
            encoding = request.headers.get(b"content-encoding", b"")
            body = plain_body(body, encoding, self._settings.body_bytes_max)
        batch = read_batch(body) if route.takes is Takes.BATCH else None
        if source is None:
            source = self._source_of(read_envelope(body))
        if source.is_feedback != (route.takes is Takes.PUSH):
            raise _other_kind(source)
        arrival = self._arrival(source, request)
        if source.rate_per_s:
            self._admit(source, arrival.received_at)
        answer, intake = self._judge(route, body, batch, arrival)
        if source.rate_per_s:
            self._throttle.take(source, sum(count.count for count in intake.counts), arrival.received_at)
        return answer, intake

    def _judge(
        self, route: Route, body: bytes, batch: Batch | Refusal | None, arrival: Arrival
    ) -> tuple[Answer, Intake]:
        if route.takes is Takes.PUSH:
            pushed = self._push_taker.take(body, arrival)
            if isinstance(pushed, Refusal):
                return refused(400, pushed), self._taker.refuse_body(body, pushed, arrival)
            return taken(pushed), pushed
        if batch is None:
            intake = self._taker.take_event(body, route.type, arrival)
            if intake.rejections:
                return refused(400, intake.rejections[0].refusal), intake
            return (PIXEL_SEEN if route.takes is Takes.PIXEL else SUCCESS), intake
        if isinstance(batch, Refusal):
            return refused(400, batch), self._taker.refuse_body(body, batch, arrival)
        intake = self._taker.take_batch(batch, arrival)
        return taken(intake), intake

    @property
    def _push_taker(self) -> PushTaker:
        # Late: most never need it, and reading connectors takes a while.
        if self._pushes is None:
            self._pushes = PushTaker(self._settings, self._push_readers(), self._taker.allowance)
        return self._pushes

    def _pusher(self, headers: HeaderMap) -> Source:
        """The source whose key a destination sends as its token.

        Raises:
            RequestRefused: it sends none, or one that is unknown or disabled.
        """
        write_key = bearer_key(headers)
        if not write_key:
            raise missing_write_key()
        return self._authenticator.source_of(write_key)

    def _batch_of(self, intake: Intake) -> tuple[Sequence[Record], Sequence[Count], Sequence[Letter]]:
        """What the committer shall write; strangers counted meanwhile go along."""
        counts = intake.counts
        if self._strangers:
            counts = (*counts, *self._take_strangers())
        return (intake.record,) if intake.record is not None else (), counts, intake.letters

    def _admit(self, source: Source, received_at: int) -> None:
        if wait_s := self._throttle.retry_after_s(source, received_at):
            raise RequestRefused(
                429,
                "capture.rate_limited",
                f"This source may send {source.rate_per_s} events a second.",
                "Send more slowly, or raise the source's rate.",
                retry_after_s=wait_s,
            )

    def _source_of(self, envelope: Envelope | Refusal) -> Source:
        if isinstance(envelope, Refusal):
            # Nobody to keep a dead letter for, and the reason helps more than the missing key.
            raise RequestRefused(400, envelope.code, envelope.message, envelope.hint, field=envelope.field)
        if not envelope.write_key or not isinstance(envelope.write_key, str):
            raise missing_write_key()
        return self._authenticator.source_of(envelope.write_key)

    def _arrival(self, source: Source, request: Request) -> Arrival:
        user_agent = request.headers.get(b"user-agent", b"")[:USER_AGENT_BYTES_MAX].decode("latin-1")
        return Arrival(source, self._clock(), self._ip(request), user_agent)

    def _ip(self, request: Request) -> str:
        hops = self._settings.forwarded_hops
        if hops and b"x-forwarded-for" in request.headers:
            path = request.headers[b"x-forwarded-for"].decode("latin-1").split(",")
            return path[-min(hops, len(path))].strip()[:64]
        return request.client[0] if request.client else ""

    def _describe(self, route: Route, scope: Scope, headers: HeaderMap) -> Answer:
        if route.takes is Takes.SCRIPT:
            raise RequestRefused(
                404,
                "capture.no_script",
                "Onefold serves no copy of Segment's script.",
                "Bundle @segment/analytics-next or @rudderstack/analytics-js and point it here.",
            )
        url = base_url(headers, scope["scheme"], self._settings)
        if route.takes is Takes.SETTINGS:
            self._authenticator.source_of(route.write_key)
            return json_answer(200, segment_settings(route.write_key, url), (b"cache-control", b"no-cache"))
        write_key = named_key(headers, scope["query_string"])
        if not write_key:
            raise missing_write_key()
        content = source_config(self._authenticator.source_of(write_key), write_key, url)
        return json_answer(200, content, (b"cache-control", b"no-cache"))

    def _refuse(self, refused_request: RequestRefused) -> Answer:
        if refused_request.status == 401:
            self._count_stranger(refused_request.refusal.code)
        extra = (_CLOSE,) if refused_request.status in (408, 413) else ()
        return refused(
            refused_request.status,
            refused_request.refusal,
            *extra,
            retry_after_s=refused_request.retry_after_s,
        )

    def _overloaded(self, error: OnefoldError) -> Answer:
        # 429, never 503: some clients know Retry-After only with it, others give up on the rest.
        refusal = Refusal(error.code, "", error.message, error.hint)
        return refused(429, refusal, retry_after_s=self._settings.retry_after_s)

    def _count_stranger(self, code: str) -> None:
        self._strangers[code] = self._strangers.get(code, 0) + 1
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(STRANGERS_FLUSH_S, self._flush_strangers)

    def _flush_strangers(self) -> None:
        self._flush = None
        if not self._strangers or self._committer.is_full:
            return
        written = self._committer.submit((), self._take_strangers())
        written.add_done_callback(_ignore_failure)

    def _take_strangers(self) -> tuple[Count, ...]:
        counts = tuple(
            Count(STAGE, UNKNOWN, Kind.REJECTED, code, count) for code, count in self._strangers.items()
        )
        self._strangers.clear()
        return counts


def _not_found() -> NoReturn:
    raise RequestRefused(
        404,
        "capture.not_found",
        "There is no such path.",
        "Send events to /v1/track, /v1/identify, /v1/page, /v1/screen, /v1/group, /v1/alias or /v1/batch.",
    )


def _other_kind(source: Source) -> RequestRefused:
    """A source of what a destination tells takes nothing else, and nobody else takes that."""
    if source.is_feedback:
        hint = "Send to the path of that destination, such as /v1/currents, or use another write key."
    else:
        hint = "Make one: onefold sources create NAME --kind braze-currents."
    return RequestRefused(
        403, "capture.other_kind", f"The source {source.name} is not for what is sent here.", hint
    )


def _other_method(method: str, route: Route, headers: HeaderMap) -> Answer:
    if method == "OPTIONS":
        return preflight(route.methods, headers.get(b"access-control-request-headers", b""))
    allow = ", ".join((*route.methods, "OPTIONS"))
    refusal = Refusal(
        "capture.method_not_allowed", "", f"This path does not take {method[:20]}.", f"Use {allow}."
    )
    return refused(405, refusal, (b"allow", allow.encode()))


def _ignore_failure(written: "asyncio.Future[int]") -> None:
    # Only counts of strangers were in it; the log's own failure shows with the next event.
    if not written.cancelled():
        written.exception()
