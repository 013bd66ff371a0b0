"""Why something was not taken: of one event (a value) and of a whole request (an exception)."""

import msgspec


class Refusal(msgspec.Struct, frozen=True):
    """One event that cannot be taken: what is wrong with which field, and what to do."""

    code: str
    field: str
    message: str
    hint: str


class RequestRefused(Exception):  # noqa: N818 (named as what happened to the request)
    """The whole request is answered with `status`; nothing of it was taken."""

    def __init__(
        self, status: int, code: str, message: str, hint: str = "", *, field: str = "", retry_after_s: int = 0
    ) -> None:
        super().__init__(message)
        self.status = status
        self.refusal = Refusal(code, field, message, hint)
        self.retry_after_s = retry_after_s


def invalid_json(detail: str) -> Refusal:
    """The bytes are no JSON that every reader understands."""
    return Refusal(
        "capture.invalid_json",
        "",
        f"The body is not valid JSON: {detail}.",
        "Send JSON in UTF-8, with complete surrogate pairs and without NaN or Infinity.",
    )


def invalid_field(field: str, detail: str) -> Refusal:
    """A field has a type or a value that it cannot have."""
    return Refusal(
        "capture.invalid_field", field, f"{field or 'The event'}: {detail}.", _REMEDIES.get(field, _TYPES)
    )


def missing_field(field: str, why: str) -> Refusal:
    """A field that this type of event needs."""
    return Refusal("capture.missing_field", field, f"{field} is missing or empty: {why}.", f"Send {field}.")


def too_long(field: str, chars: int, chars_max: int) -> Refusal:
    """An id or a name that is no id or name."""
    return Refusal(
        "capture.too_long",
        field,
        f"{field} has {chars} characters; {chars_max} are allowed.",
        "Send a shorter one; put long texts into properties.",
    )


_TYPES = "Send the type that the tracking specification gives this field."
_REMEDIES = {
    "properties": 'Send an object, as {"price": 10}.',
    "traits": 'Send an object, as {"plan": "pro"}.',
    "context": "Send an object, or leave it out.",
    "userId": "Send a text or a number.",
    "anonymousId": "Send a text or a number.",
    "timestamp": "Send ISO 8601, as 2026-11-23T21:30:00.123Z.",
}
