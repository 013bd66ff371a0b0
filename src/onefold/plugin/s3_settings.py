"""The fields with which a connection names a bucket, for connectors that read or write files there.

In: settings and secrets of a connection. Out: the account that they name, what is wrong with them, what the
keys may do, and which buckets there are.
"""

import asyncio
from collections.abc import Mapping

from onefold.errors import ConnectorError, SetupError
from onefold.model.connection import Connection
from onefold.model.json import JsonValue
from onefold.plugin.declare import Field, FieldKind, Option, OptionPage, Probe, Problem
from onefold.plugin.object_store import ObjectStore, S3Account

GROUP = "Bucket for exports (S3)"
ACCESS_KEY_ID = Field(
    "s3_access_key_id",
    "S3 access key id",
    help="Of a user that may list the bucket and read its objects: s3:ListBucket and s3:GetObject.",
    group=GROUP,
)
SECRET = Field(
    "s3_secret_access_key",
    "S3 secret access key",
    FieldKind.SECRET,
    "Shown once by S3, when the key is made.",
    sent_to="s3_endpoint",
    group=GROUP,
)
BUCKET = Field(
    "s3_bucket", "S3 bucket", help="The bucket that exports are written into.", is_listed=True, group=GROUP
)
REGION = Field(
    "s3_region",
    "S3 region",
    help="Where the bucket is, such as eu-west-3; servers that are not AWS mostly need none.",
    suggestions=(
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "sa-east-1",
    ),
    group=GROUP,
)
ENDPOINT = Field(
    "s3_endpoint",
    "S3 endpoint",
    FieldKind.URL,
    "Address of an S3 server that is not AWS; leave it empty for AWS.",
    group=GROUP,
)
PREFIX = Field(
    "s3_prefix", "S3 prefix", help="What the keys of the exports begin with; empty: anything.", group=GROUP
)
S3_FIELDS = (ACCESS_KEY_ID, SECRET, BUCKET, REGION, ENDPOINT, PREFIX)
NEEDED = (ACCESS_KEY_ID, SECRET, BUCKET)
OPTIONS_MAX = 1000
"""Of buckets in one answer; AWS gives an account 100 unless it asks for more. `search` finds the others."""
PROBE_TIMEOUT_S = 10.0
"""A person waits for the answer."""


def has_s3(connection: Connection) -> bool:
    """Whether a bucket is wanted at all."""
    given = {**connection.settings, **connection.secrets}
    return any(given.get(field.name) for field in S3_FIELDS)


def check_s3(connection: Connection) -> list[Problem]:
    """A bucket is named whole or not at all."""
    if not has_s3(connection):
        return []
    given = {**connection.settings, **connection.secrets}
    return [
        Problem(f"{_part(field)}.{field.name}", f"{field.title} is needed with the other fields of S3.")
        for field in NEEDED
        if not given.get(field.name)
    ]


def s3_account(settings: Mapping[str, JsonValue], secrets: Mapping[str, str]) -> S3Account:
    """The account that a connection names.

    Raises:
        SetupError: key or secret are missing; the bucket may be.
    """
    missing = [
        field.title
        for field, given in ((ACCESS_KEY_ID, settings), (SECRET, secrets))
        if not given.get(field.name)
    ]
    if missing:
        raise SetupError(
            "connection.s3.incomplete",
            f"{' and '.join(missing)} must be given first.",
            hint="Fill in the fields of S3.",
        )
    return S3Account(
        access_key_id=str(settings[ACCESS_KEY_ID.name]),
        secret_access_key=secrets[SECRET.name],
        bucket=str(settings.get(BUCKET.name) or ""),
        region=str(settings.get(REGION.name) or ""),
        endpoint=str(settings.get(ENDPOINT.name) or ""),
        prefix=str(settings.get(PREFIX.name) or ""),
    )


async def list_buckets(connection: Connection, search: str = "") -> OptionPage:
    """The buckets that the keys see.

    Raises:
        ConnectorError: they cannot be asked for; says what to do.
    """
    store = ObjectStore(
        s3_account(connection.settings, connection.secrets), read_timeout_s=PROBE_TIMEOUT_S, tries=2
    )
    try:
        names = await asyncio.to_thread(store.buckets)
    finally:
        await asyncio.to_thread(store.close)
    found = [Option(name) for name in names if search.lower() in name.lower()]
    return OptionPage(found[:OPTIONS_MAX])


async def probe_s3(connection: Connection, *, is_needed: bool) -> list[Probe]:
    """What the keys may do with the bucket; changes nothing there."""
    store = ObjectStore(
        s3_account(connection.settings, connection.secrets), read_timeout_s=PROBE_TIMEOUT_S, tries=2
    )
    try:
        return await asyncio.to_thread(_probe, store, is_needed)
    finally:
        await asyncio.to_thread(store.close)


def _probe(store: ObjectStore, is_needed: bool) -> list[Probe]:
    """One after the other: what comes after a failure would only repeat it."""
    steps = [
        ("s3.list", "finding the files of exports", _list),
        ("s3.read", "reading the files of exports", _read),
    ]
    probes = []
    for name, needed_for, step in steps:
        try:
            probes.append(
                Probe(name, passed=True, needed_for=needed_for, message=step(store), needed=is_needed)
            )
        except ConnectorError as error:
            message = f"{error.message} {error.hint}".strip()
            probes.append(Probe(name, passed=False, needed_for=needed_for, message=message, needed=is_needed))
            break
    return probes


def _list(store: ObjectStore) -> str:
    next(store.list(store.prefix, count_max=1), None)
    return ""


def _read(store: ObjectStore) -> str:
    found = next(store.list(store.prefix, count_max=1), None)
    if found is None:
        return "There is no object to try it on yet."
    with store.open(found.key, end=1 if found.size else None) as stream:
        stream.read()
    return ""


def _part(field: Field) -> str:
    return "secrets" if field.kind is FieldKind.SECRET else "settings"
