"""The user's S3 bucket, into which Braze writes its exports: what the connection says of it."""

from onefold.model.connection import Connection
from onefold.plugin.object_store import ObjectStore, S3Account


def open_bucket(connection: Connection) -> ObjectStore | None:
    """The bucket, opened at its first use; None where the connection names none."""
    settings, secrets = connection.settings, connection.secrets
    if not settings.get("s3_bucket"):
        return None
    return ObjectStore(
        S3Account(
            access_key_id=str(settings.get("s3_access_key_id") or ""),
            secret_access_key=secrets.get("s3_secret_access_key", ""),
            bucket=str(settings["s3_bucket"]),
            region=str(settings.get("s3_region") or ""),
            endpoint=str(settings.get("s3_endpoint") or ""),
            prefix=str(settings.get("s3_prefix") or ""),
        )
    )
