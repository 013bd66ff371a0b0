"""One request on the wire: to an address that may be reached, without redirects, cookies or proxies.

In: a method, an allowed URL, headers, a body. Out: `Answer`, for whatever status. The address that a host's
name leads to is judged when the socket is opened, and the socket goes to that very address, so a name that
changes in between wins nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

import aiohttp
from yarl import URL

from onefold import __version__
from onefold.errors import SetupError, TransientError
from onefold.plugin.guarded_resolver import BlockedAddressError, GuardedResolver
from onefold.plugin.reach import is_address, is_allowed

CONNECT_S_MAX = 10.0
ANSWER_BYTES_MAX = 64 << 10
"""Read of an answer: enough to see what is wrong. What is longer is cut, and its connection closed."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    is_cut: bool


class Wire:
    """The sockets of one connection."""

    def __init__(self, *, concurrency: int, allow_private: bool) -> None:
        self._concurrency = concurrency
        self._allow_private = allow_private
        self._session: aiohttp.ClientSession | None = None

    async def exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: str, *, timeout_s: int
    ) -> Answer:
        """One request, one try.

        Raises:
            SetupError: the address behind the host must not be reached.
            TransientError: no answer.
        """
        target = URL(url, encoded=True)
        host = target.raw_host or ""
        # A client asks no resolver about a host that is an address already.
        if is_address(host) and not is_allowed(host, allow_private=self._allow_private):
            raise _blocked()
        timeout = aiohttp.ClientTimeout(total=timeout_s, connect=min(CONNECT_S_MAX, timeout_s))
        try:
            async with self._open().request(
                method,
                target,
                data=body.encode() if body else None,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                content, is_cut = await _read(response)
                return Answer(response.status, dict(response.headers), content, is_cut)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            if isinstance(error.__cause__, BlockedAddressError) or isinstance(
                getattr(error, "os_error", None), BlockedAddressError
            ):
                raise _blocked() from error
            raise TransientError(
                "activate.http.unreachable", f"The destination cannot be reached: {type(error).__name__}."
            ) from error
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TransientError(
                "activate.http.no_answer", f"No answer came: {type(error).__name__}.", may_have_arrived=True
            ) from error

    async def close(self) -> None:
        """Give up the sockets."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        # Opened late: a session belongs to the running event loop.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"User-Agent": f"Onefold/{__version__}", "Accept-Encoding": "identity"},
                connector=aiohttp.TCPConnector(
                    limit=self._concurrency,
                    resolver=GuardedResolver(allow_private=self._allow_private),
                    use_dns_cache=False,
                ),
                # A small answer could unpack into a large one.
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        return self._session


def _blocked() -> SetupError:
    return SetupError(
        "activate.call.address_blocked",
        "The API's host leads to an address that must not be reached.",
        hint="For an API in your own network turn on private_addresses of the connection.",
    )


async def _read(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """The body, cut where it is long."""
    pieces: list[bytes] = []
    size = 0
    async for piece in response.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > ANSWER_BYTES_MAX:
            response.close()
            return b"".join(pieces)[:ANSWER_BYTES_MAX], True
    return b"".join(pieces), False
