"""Where the files of a segment export go: the customer's bucket or a file that Braze hosts.

Both are written by one thread of their own, file by file, while the next people are read.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Any, Protocol

from onefold.sandbox.braze.archive import COMPRESSION_LEVEL, Archive
from onefold.sandbox.braze.settings import S3Settings


class Place(Protocol):
    """Takes the files of one export; called from a thread; raises OSError when it cannot."""

    def write(self, name: str, lines: bytes) -> str:
        """Store one file of JSON lines under a random name; returns what it is called there."""

    def finish(self) -> None:
        """Everything was written."""


class HostedPlace:
    """One zip behind a URL."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def write(self, name: str, lines: bytes) -> str:
        """Add a member."""
        member = f"{name}.txt"
        self._archive.write(member, lines)
        return member

    def finish(self) -> None:
        """Complete the zip."""
        self._archive.finish()


class BucketPlace:
    """One object a file in the customer's bucket."""

    def __init__(self, settings: S3Settings, folder: str, is_gzip: bool) -> None:
        self._bucket = Bucket(settings)
        self._folder = folder
        self._is_gzip = is_gzip

    def write(self, name: str, lines: bytes) -> str:
        """Upload one object."""
        if self._is_gzip:
            key, body = f"{self._folder}/{name}.gz", gzip.compress(lines, COMPRESSION_LEVEL)
        else:
            key, body = f"{self._folder}/{name}.zip", _zip_of(f"{name}.txt", lines)
        self._bucket.put(key, body)
        return key

    def finish(self) -> None:
        """Close the connections; no object says that the export is complete."""
        self._bucket.close()


class Bucket:
    """The customer's bucket; connects on first use, and is called from a thread."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._client: Any = None

    def put(self, key: str, body: bytes) -> None:
        """Store one object; raises OSError when S3 does not take it."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if self._client is None:
                self._client = _connect(self._settings)
            self._client.put_object(Bucket=self._settings.bucket, Key=key, Body=body)
        except (BotoCoreError, ClientError) as error:
            raise OSError(f"S3: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()


def _zip_of(member: str, body: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL) as archive:
        archive.writestr(member, body)
    return buffer.getvalue()


def _connect(settings: S3Settings) -> Any:
    """Return a client for any S3 server; the import is slow, and few workspaces have a bucket."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint_url,
        region_name=settings.region,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        config=Config(
            s3={"addressing_style": "path"},
            retries={"max_attempts": 3},
            connect_timeout=10,
            read_timeout=30,
            # Servers other than Amazon's do not all know the newer checksums.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
