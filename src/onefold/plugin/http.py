"""The HTTP client of connectors: one pool of sockets a destination, JSON in and out, errors by what to do.

In: a path and a body of bytes. Out: `Answer` for every status that the connector must judge itself; the three
`ConnectorError`s for those that mean the same everywhere (429, 5xx, no answer).
"""

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
import msgspec

from onefold import __version__
from onefold.errors import ThrottledError, TransientError
from onefold.model.json import JsonValue
from onefold.plugin.guarded_resolver import BlockedAddressError, GuardedResolver
from onefold.plugin.rate import Rate, read_rate
from onefold.plugin.reach import blocked_host, is_address, is_allowed

USER_AGENT = f"partner-Onefold-CDP/{__version__}"
"""Braze asks partners to name themselves so; others do not mind."""
TIMEOUT_S = 30.0
"""Ten seconds proved too short for Braze (action-destinations #2371)."""
CONNECT_TIMEOUT_S = 10.0
ANSWER_BYTES_MAX = 8 << 20
"""An answer names at most some thousand errors; more is not an answer."""
THROTTLED_S = 5.0
"""How long to wait after a 429 that does not say."""


class Answer(msgspec.Struct, frozen=True):
    """A status, what the body said, and the rate limit that it stated."""

    status: int
    body: bytes
    rate: Rate
    request_id: str = ""
    next_path: str = ""
    """Where a list goes on, if the answer says so (`Link: …; rel="next"`)."""

    def json(self) -> JsonValue:
        """The body decoded; None when it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


class HttpClient:
    """A provider's REST interface at one address."""

    def __init__(
        self, base_url: str, headers: Mapping[str, str], *, connections_max: int, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._base = base_url.rstrip("/")
        # A client asks no resolver about a host that is an address already.
        self._host = urlsplit(base_url).hostname or ""
        self._headers = {"User-Agent": USER_AGENT, **headers}
        self._connections_max = connections_max
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, connect=CONNECT_TIMEOUT_S)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """POST JSON; see `request`."""
        return await self.request("POST", path, body, {"Content-Type": "application/json", **(headers or {})})

    async def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request, one try.

        Raises:
            SetupError: the address behind the host is never asked.
            ThrottledError: 429.
            TransientError: 5xx, or no answer (then `may_have_arrived` unless the connection never stood).
        """
        if is_address(self._host) and not is_allowed(self._host, allow_private=True):
            raise blocked_host()
        try:
            # Followed, a redirect would turn a POST into a GET, whose answer says nothing of our data.
            async with self._open().request(
                method, self._base + path, data=body, headers=headers, allow_redirects=False
            ) as response:
                content = await _read(response.content)
                rate = read_rate(response.headers, time.time())
                request_id = response.headers.get("x-request-id", "")
                status = response.status
                following = response.links.get("next")
                next_path = getattr(following["url"], "raw_path_qs", "") if following else ""
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            if isinstance(getattr(error, "os_error", None), BlockedAddressError):
                raise blocked_host() from error
            raise TransientError(
                "activate.http.unreachable", f"The destination cannot be reached: {type(error).__name__}."
            ) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TransientError(
                "activate.http.no_answer", f"No answer came: {type(error).__name__}.", may_have_arrived=True
            ) from error
        if status == 429:
            wait = rate.retry_after_s if rate.retry_after_s is not None else rate.reset_s
            raise ThrottledError(
                "activate.http.throttled",
                "The destination asks to slow down.",
                retry_after_s=THROTTLED_S if wait is None else wait,
            )
        if status >= 500:
            raise TransientError(
                "activate.http.server_error",
                f"The destination failed with status {status}.",
                may_have_arrived=True,
            )
        return Answer(status, content, rate, request_id, next_path)

    async def close(self) -> None:
        """Give up the sockets."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        # Opened late: a session belongs to the running event loop.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=self._timeout,
                connector=aiohttp.TCPConnector(
                    limit=self._connections_max, resolver=GuardedResolver(allow_private=True)
                ),
                auto_decompress=True,
            )
        return self._session


async def _read(stream: aiohttp.StreamReader) -> bytes:
    """The body, cut where it is too long to be an answer."""
    pieces: list[bytes] = []
    size = 0
    async for piece in stream.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_BYTES_MAX:
            break
    return b"".join(pieces)
