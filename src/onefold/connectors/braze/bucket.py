"""The user's S3 bucket, into which Braze writes its exports: what the connection says of it."""

import msgspec

from onefold.model.connection import Connection
from onefold.plugin.object_store import ObjectStore
from onefold.plugin.s3_settings import BUCKET, s3_account


def open_bucket(connection: Connection, bucket: str = "") -> ObjectStore | None:
    """The bucket, or another one that the same keys reach, opened at its first use; None where there is none.

    Raises:
        SetupError: it is named without its keys.
    """
    wanted = bucket or str(connection.settings.get(BUCKET.name) or "")
    if not wanted:
        return None
    account = s3_account(connection.settings, connection.secrets)
    return ObjectStore(msgspec.structs.replace(account, bucket=wanted))
