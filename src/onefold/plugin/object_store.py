"""Buckets of any S3 server, for connectors: list and read; errors by what to do.

In: an account that a user configured. Out: objects by key. Every method blocks: call it in a thread
(`asyncio.to_thread`). Nothing is taken from the machine's own AWS set-up (profiles, environment, instance
roles): a connection reaches what its own keys reach. Redirects to other hosts are not followed.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import msgspec

from onefold.errors import ConnectorError, SetupError, ThrottledError, TransientError
from onefold.plugin.reach import check_host

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
TRIES = 3
"""Of one call; whoever calls decides about anything longer."""
POOL_MAX = 8
CHUNK_BYTES = 1 << 20
PAGE_KEYS_MAX = 1000
"""S3 lists no more in one answer."""
THROTTLED_S = 5.0
REGION_DEFAULT = "us-east-1"
"""What a server without regions is asked for, and where AWS answers for buckets of any region."""

KEYS = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "AuthFailure"}
)
DENIED = frozenset({"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403"})
REGION = frozenset(
    {"AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException"}
)
BUSY = frozenset({"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests"})
SKEWED = "RequestTimeTooSkewed"


class MissingObjectError(ConnectorError):
    """There is no object under that key (any more)."""


class S3Account(msgspec.Struct, frozen=True):
    """Where buckets are, and as whom to ask; `bucket` may still be unknown."""

    access_key_id: str
    secret_access_key: str
    bucket: str = ""
    region: str = ""
    endpoint: str = ""
    """Empty: AWS."""
    prefix: str = ""

    def __repr__(self) -> str:
        return f"S3Account(bucket={self.bucket!r}, endpoint={self.endpoint!r})"


class StoredObject(msgspec.Struct, frozen=True):
    """One object; `modified_at` in microseconds since 1970."""

    key: str
    size: int
    modified_at: int


class ObjectStream:
    """An object as it comes: `read`, or bytes piece by piece. Use it in a `with` block.

    Raises:
        TransientError: it broke off; open it again from where it got to.
    """

    def __init__(self, body: Any) -> None:
        self._body = body
        self.position = 0
        """Bytes read so far."""

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes (all that are left, when negative); empty at the end."""
        with _explaining():
            content: bytes = self._body.read(None if size < 0 else size)
        self.position += len(content)
        return content

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read(CHUNK_BYTES):
            yield piece

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._body.close()


class ObjectStore:
    """One account at one S3 server; sockets are opened at the first call. May be shared by threads.

    Every method raises `SetupError` (keys, rights, bucket, clock), `ThrottledError` or `TransientError`.
    """

    def __init__(
        self, account: S3Account, *, read_timeout_s: float = READ_TIMEOUT_S, tries: int = TRIES
    ) -> None:
        self._account = account
        self._read_timeout_s = read_timeout_s
        self._tries = tries
        self._opened: Any = None

    @property
    def bucket(self) -> str:
        """The bucket of the account."""
        return self._account.bucket

    @property
    def prefix(self) -> str:
        """What the keys of the account begin with; methods take whole keys."""
        return self._account.prefix

    def buckets(self) -> list[str]:
        """Every bucket that the account sees, by name."""
        with _explaining():
            answer = self._client().list_buckets()
        if "Buckets" not in answer:
            raise _no_server()
        return sorted(bucket["Name"] for bucket in answer.get("Buckets", ()))

    def list(self, prefix: str = "", *, after: str = "", count_max: int = 0) -> Iterator[StoredObject]:
        """Objects whose key begins so, by key; a request a thousand. `count_max` 0: all."""
        given = {"Bucket": self.bucket, "Prefix": prefix}
        if after:
            given["StartAfter"] = after
        limits = {"MaxItems": count_max, "PageSize": min(count_max, PAGE_KEYS_MAX)} if count_max else {}
        with _explaining():
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(**given, PaginationConfig=limits):
                if not {"Name", "KeyCount", "Contents"} & page.keys():
                    raise _no_server()
                for found in page.get("Contents", ()):
                    yield StoredObject(found["Key"], found["Size"], _micros(found["LastModified"]))

    def open(self, key: str, *, start: int = 0, end: int | None = None) -> ObjectStream:
        """The bytes of an object from `start`, up to but without `end`.

        Raises:
            MissingObjectError: there is none.
        """
        given = {"Bucket": self.bucket, "Key": key}
        if start or end is not None:
            given["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        with _explaining():
            return ObjectStream(self._client().get_object(**given)["Body"])

    def close(self) -> None:
        """Give up the sockets."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _client(self) -> Any:
        if self._opened is None:
            self._opened = _open_client(self._account, self._read_timeout_s, self._tries)
        return self._opened


def _open_client(account: S3Account, read_timeout_s: float, tries: int) -> Any:
    # Late: it takes a fifth of a second to load, and most processes never need it.
    import botocore.session
    from botocore.config import Config

    if account.endpoint:
        check_host(account.endpoint, allow_private=True)
    nothing = (None, None, None, None)
    no_file = (None, None, os.devnull, None)
    session = botocore.session.Session(
        session_vars={"profile": nothing, "config_file": no_file, "credentials_file": no_file}
    )
    with _explaining():
        return session.create_client(
            "s3",
            region_name=account.region or REGION_DEFAULT,
            endpoint_url=account.endpoint or None,
            aws_access_key_id=account.access_key_id,
            aws_secret_access_key=account.secret_access_key,
            config=Config(
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=read_timeout_s,
                max_pool_connections=POOL_MAX,
                retries={"mode": "standard", "total_max_attempts": tries},
                # Buckets as names of hosts need DNS of their own: AWS has it, other servers seldom.
                s3={"addressing_style": "path" if account.endpoint else "auto"},
                # Trailing checksums are refused by many servers that are not AWS.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                ignore_configured_endpoint_urls=True,
            ),
        )


@contextmanager
def _explaining() -> Iterator[None]:
    """What botocore raises, as our errors by what to do."""
    import botocore.exceptions as theirs
    from botocore.parsers import ResponseParserError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except theirs.ClientError as error:
        stated = error.response.get("Error", {})
        headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        code, message = str(stated.get("Code", "")), str(stated.get("Message", ""))
        raise _error_for(code, _status(error), message, headers) from error
    except (theirs.ParamValidationError, theirs.InvalidRegionError, ValueError) as error:
        raise SetupError(
            "connection.s3.settings",
            f"The bucket, region or address is not one: {str(error)[:200]}",
            hint="Correct it in the settings of the connection.",
        ) from error
    except ResponseParserError as error:
        raise _no_server() from error
    except (theirs.EndpointConnectionError, theirs.ConnectTimeoutError, theirs.ProxyConnectionError) as error:
        raise TransientError(
            "connection.s3.unreachable",
            f"The S3 server cannot be reached: {type(error).__name__}.",
            hint="Check the endpoint and the region, and whether this machine may reach it.",
        ) from error
    except theirs.SSLError as error:
        raise SetupError(
            "connection.s3.certificate",
            "The S3 server's certificate is not trusted here.",
            hint="Use the server's right name, or make its certificate authority known (AWS_CA_BUNDLE).",
        ) from error
    except (theirs.BotoCoreError, HTTPError, OSError) as error:
        raise TransientError(
            "connection.s3.no_answer",
            f"The S3 server broke off: {type(error).__name__}.",
            may_have_arrived=True,
        ) from error


def _error_for(code: str, status: int, message: str, headers: dict[str, str]) -> ConnectorError:
    if code == SKEWED:
        return _skewed(headers)
    if code in KEYS:
        return SetupError(
            "connection.s3.credentials",
            "The S3 server does not know this access key id, or the secret is not its own.",
            hint="Check both; a secret is shown only once, when the key is made: make a new key if in doubt.",
        )
    if code == "NoSuchBucket":
        return SetupError(
            "connection.s3.no_bucket",
            "There is no such bucket at this S3 server.",
            hint="Choose one of the list, and check endpoint and region.",
        )
    if code == "NoSuchKey":
        return MissingObjectError("connection.s3.no_object", "There is no such object in the bucket.")
    if code in REGION or status in {301, 307}:
        region = headers.get("x-amz-bucket-region", "")
        return SetupError(
            "connection.s3.region",
            "The bucket is in another region.",
            hint=f"Set the region to {region}." if region else "Set the region that the bucket was made in.",
        )
    if code in BUSY or status == 429:
        return ThrottledError(
            "connection.s3.throttled", "The S3 server asks to slow down.", retry_after_s=THROTTLED_S
        )
    if code in DENIED or status in {401, 403}:
        return SetupError(
            "connection.s3.permission",
            "The access key may not do this.",
            hint="Give it s3:ListBucket on the bucket, and s3:GetObject on its objects.",
        )
    if status >= 500:
        return TransientError("connection.s3.failed", f"The S3 server failed with status {status}.")
    if status in {404, 405}:
        return _no_server()
    return SetupError(
        "connection.s3.refused",
        f"The S3 server refused: {code or status} {message[:200]}".rstrip(),
        hint="Check endpoint, region and bucket.",
    )


def _skewed(headers: dict[str, str]) -> SetupError:
    """S3 takes no signature of another time than its own, give or take a quarter of an hour."""
    apart = ""
    try:
        server = parsedate_to_datetime(headers.get("date", ""))
        minutes = (datetime.now(UTC) - server).total_seconds() / 60
        if abs(minutes) >= 1:
            apart = f" by {abs(minutes):.0f} minutes"
    except (ValueError, TypeError):
        pass
    return SetupError(
        "connection.s3.clock",
        f"This machine's clock differs from the S3 server's{apart}: it takes no signature of another time.",
        hint="Set the clock of this machine (NTP), then try again.",
    )


def _no_server() -> SetupError:
    return SetupError(
        "connection.s3.wrong_address",
        "What answers at this address is no S3 server.",
        hint="Check the endpoint: it is the address of the S3 interface, often on a port of its own.",
    )


def _status(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _micros(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
