"""What capture answers.

Success is exactly 200: older clients resend after 201, 202 or 204. Every error is JSON with `code` and
`message`, or the same clients retry it as if the network had failed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from onefold.capture.intake import Intake, Rejection
from onefold.capture.refusal import Refusal

Headers = list[tuple[bytes, bytes]]

LISTED_MAX = 100
"""Rejections listed in an answer; the count is exact."""
PREFLIGHT_AGE_S = 86_400
"""How long a browser may remember a preflight: a day, the most that any keeps."""
ALLOWED_HEADERS = (
    b"Authorization, Content-Type, Content-Encoding, X-Retry-Count, AnonymousId, "
    b"SentAt, RSA-Retry-Attempt, RSA-Since-Last-Attempt, RSA-Since-First-Attempt, "
    b"RSA-Retry-Reason, RSA-Recovered, "
    b"X-Write-Key, X-Enable-Debug, X-IP-Policy"
)
"""Listed one by one, since `*` does not cover Authorization; what a retry adds stands here already, so that
the preflight remembered for the first attempt serves it, too."""
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_JSON = (b"content-type", b"application/json")
_AS_SAID = (b"x-content-type-options", b"nosniff")
_NOT_STORED = (b"cache-control", b"no-store")


class Answer(msgspec.Struct, frozen=True):
    """Status, body and headers; the same object may be sent any number of times."""

    status: int
    body: bytes
    headers: Headers


def json_answer(status: int, content: object, *extra: tuple[bytes, bytes]) -> Answer:
    """An answer with a JSON body."""
    body = msgspec.json.encode(content)
    return Answer(status, body, [_JSON, _AS_SAID, (b"content-length", b"%d" % len(body)), *extra])


SUCCESS = json_answer(200, {"success": True})
PIXEL_SEEN = Answer(
    200,
    PIXEL,
    [(b"content-type", b"image/gif"), _AS_SAID, (b"content-length", b"%d" % len(PIXEL)), _NOT_STORED],
)


def taken(intake: Intake) -> Answer:
    """The answer to a batch."""
    if not intake.rejections:
        return SUCCESS
    content = {
        "success": True,
        "accepted": intake.accepted,
        "rejected_count": len(intake.rejections),
        "rejected": _listed(intake.rejections),
    }
    return json_answer(200, content)


def refused(status: int, refusal: Refusal, *extra: tuple[bytes, bytes], retry_after_s: int = 0) -> Answer:
    """An error, with what to do about it."""
    content: dict[str, Any] = {"success": False, "code": refusal.code, "message": refusal.message}
    if refusal.field:
        content["field"] = refusal.field
    if refusal.hint:
        content["hint"] = refusal.hint
    if retry_after_s:
        extra = (*extra, (b"retry-after", b"%d" % retry_after_s))
    return json_answer(status, content, *extra)


def preflight(methods: Sequence[str], asked: bytes) -> Answer:
    """The answer to a browser's OPTIONS that asks for some headers: clients add new ones with any release."""
    known = ALLOWED_HEADERS.lower().split(b", ")
    more = [name for name in asked.split(b",") if name.strip().lower() not in known and name.strip()]
    return Answer(
        204,
        b"",
        [
            (b"access-control-allow-methods", ", ".join((*methods, "OPTIONS")).encode()),
            (b"access-control-allow-headers", b", ".join((ALLOWED_HEADERS, *more))),
            (b"access-control-max-age", b"%d" % PREFLIGHT_AGE_S),
        ],
    )


def cors_headers(headers: Mapping[bytes, bytes]) -> Headers:
    """What lets a page of any origin send here and read the answer. Capture knows no cookies, so any may."""
    origin = headers.get(b"origin")
    if origin is None:
        return []
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"Retry-After"),
        (b"vary", b"Origin"),
    ]


def _listed(rejections: Sequence[Rejection]) -> list[dict[str, object]]:
    return [
        {
            "index": rejection.index,
            "message_id": rejection.message_id,
            "code": rejection.refusal.code,
            "field": rejection.refusal.field,
            "message": rejection.refusal.message,
            "hint": rejection.refusal.hint,
        }
        for rejection in rejections[:LISTED_MAX]
    ]
