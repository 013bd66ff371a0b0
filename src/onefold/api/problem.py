"""Every error of the API as problem+json (RFC 9457), with our code, hint and the fields at fault.

In: what a route raised. Out: one response. An unknown exception says nothing of itself to the caller.
"""

import http
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from onefold.api.plain_words import in_plain_words
from onefold.errors import ConnectorError, OnefoldError, RequestError, StorageError
from onefold.model.json import JsonValue

logger = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"


class FieldProblem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One field at fault, what was given, and what to give instead; never a secret."""

    field: str
    message: str
    value: JsonValue = None
    remedy: str = ""


class ProblemDetails(msgspec.Struct, frozen=True):
    """The body of every error: `detail` for people, `code` for programs, `hint` says what to do."""

    title: str
    status: int
    detail: str
    code: str
    hint: str = ""
    field: str = ""
    problems: list[FieldProblem] = []
    type: str = "about:blank"


class InvalidError(RequestError):
    """Several fields are wrong: all are shown at once."""

    def __init__(self, code: str, problems: list[FieldProblem], *, hint: str = "") -> None:
        first = problems[0]
        message = first.message if len(problems) == 1 else f"{len(problems)} fields are wrong."
        super().__init__(code, message, status=422, field=first.field, hint=hint)
        self.problems = problems


def not_found(what: str, name: str, *, hint: str = "") -> RequestError:
    """The answer for a thing that is not there."""
    code = f"api.unknown_{what.replace(' ', '_')}"
    return RequestError(code, f"There is no {what} {name}.", status=404, hint=hint)


def problem_response(details: ProblemDetails, headers: dict[str, str] | None = None) -> Response[bytes]:
    """As a response."""
    return Response(
        msgspec.json.encode(details),
        status_code=details.status,
        media_type=MEDIA_TYPE,
        headers={"cache-control": "no-store", **(headers or {})},
    )


def on_onefold_error(_request: Request[Any, Any, Any], error: OnefoldError) -> Response[bytes]:
    """What we raise on purpose."""
    headers: dict[str, str] = {}
    status, field, problems = 500, "", list[FieldProblem]()
    if isinstance(error, RequestError):
        status, field = error.status, error.field
        if error.retry_after_s is not None:
            headers["retry-after"] = str(error.retry_after_s)
        if isinstance(error, InvalidError):
            problems = error.problems
    elif isinstance(error, StorageError):
        status = 503
    elif isinstance(error, ConnectorError):
        status = 502
    details = ProblemDetails(_title(status), status, error.message, error.code, error.hint, field, problems)
    return problem_response(details, headers)


def on_http_error(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What Litestar found wrong with a request."""
    status = error.status_code
    problems = list[FieldProblem]()
    if isinstance(error, ValidationException):
        problems = [
            FieldProblem(str(item.get("key", "")), in_plain_words(str(item.get("message", ""))))
            for item in error.extra or []
            if isinstance(item, dict)
        ]
    code = f"api.{_title(status).lower().replace(' ', '_')}"
    field = problems[0].field if problems else ""
    details = ProblemDetails(_title(status), status, _detail(error), code, "", field, problems)
    return problem_response(details, dict(error.headers or {}))


def on_deep_nesting(_request: Request[Any, Any, Any], _error: RecursionError) -> Response[bytes]:
    """A body of brackets: the decoder gives up before any of our code runs."""
    details = ProblemDetails(
        _title(400),
        400,
        "The body is nested too deeply.",
        "api.too_deep",
        "Send it flatter: a few levels are enough everywhere.",
    )
    return problem_response(details)


def on_unknown_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A bug: told in full to the operator, and to the caller only that it happened."""
    logger.error(
        "api.failed", method=request.method, route=request.scope.get("path_template"), exc_info=error
    )
    details = ProblemDetails(
        _title(500),
        500,
        "Something went wrong in Onefold.",
        "api.internal",
        "See the diagnostics of the web role.",
    )
    return problem_response(details)


def _detail(error: HTTPException) -> str:
    if error.status_code == 404:
        return "There is nothing at this address."
    if error.status_code == 413:
        return "The body is too large."
    return error.detail.partition(" for ")[0] if isinstance(error, ValidationException) else error.detail


def _title(status: int) -> str:
    return http.HTTPStatus(status).phrase
