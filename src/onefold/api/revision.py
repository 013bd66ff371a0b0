"""Changes decided on what is no longer so: `If-Match`, and the ETag that it takes (RFC 9110, 13.1)."""

import hashlib

import msgspec

from onefold.errors import RequestError


def etag(revision: str | int) -> dict[str, str]:
    """The header by which a thing's GET says how it is now."""
    return {"etag": f'"{revision}"'}


def revision_of(thing: msgspec.Struct) -> str:
    """Of a thing that counts no versions: another one whenever anything of it differs."""
    return hashlib.sha256(msgspec.json.encode(thing)).hexdigest()[:16]


def check_match(if_match: str, revision: str | int, noun: str) -> None:
    """What `If-Match` asks for; without it every change goes.

    Raises:
        RequestError: the thing is another one by now.
    """
    wanted = if_match.strip().removeprefix("W/").strip('"')
    if wanted and wanted not in ("*", str(revision)):
        raise RequestError(
            "api.changed_meanwhile",
            f"The {noun} was changed by someone else meanwhile.",
            status=412,
            hint="Read it again and repeat your change.",
        )
