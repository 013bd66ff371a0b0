"""The user's S3 bucket, into which Braze writes its exports: what the connection says of it."""

from onefold.model.connection import Connection
from onefold.plugin.object_store import ObjectStore, S3Account


def open_bucket(connection: Connection, bucket: str = "") -> ObjectStore | None:
    """The bucket, or another one that the same keys reach, opened at its first use; None where there is
    none."""
    settings, secrets = connection.settings, connection.secrets
    if not settings.get("s3_bucket") and not bucket:
        return None
    return ObjectStore(
        S3Account(
            access_key_id=str(settings.get("s3_access_key_id") or ""),
            secret_access_key=secrets.get("s3_secret_access_key", ""),
            bucket=bucket or str(settings["s3_bucket"]),
            region=str(settings.get("s3_region") or ""),
            endpoint=str(settings.get("s3_endpoint") or ""),
            prefix=str(settings.get("s3_prefix") or ""),
        )
    )
