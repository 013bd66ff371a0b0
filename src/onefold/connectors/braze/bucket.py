"""The user's S3 bucket, into which Braze writes its exports: what the connection says of it."""

from onefold.model.connection import Connection
from onefold.plugin.object_store import ObjectStore
from onefold.plugin.s3_settings import BUCKET, s3_account


def open_bucket(connection: Connection) -> ObjectStore | None:
    """The bucket, opened at its first use; None where the connection names none.

    Raises:
        SetupError: it is named without its keys.
    """
    if not connection.settings.get(BUCKET.name):
        return None
    return ObjectStore(s3_account(connection.settings, connection.secrets))
