"""The control API for a command: over the local socket when a server runs, over HTTP when --url names one,
else in this process on the locked directory, where what the command caused is worked off before it ends.

In: method, path, JSON. Out: JSON, or the error that the API answered, as `RequestError`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from onefold.cli.watch import TerminalWatch
from onefold.errors import OnefoldError, RequestError
from onefold.model.json import JsonObject, JsonValue
from onefold.runtime.client import open_client

PAGE_ITEMS = 500
"""Items asked for at once; the API gives at most 1,000."""


class RefusedError(RequestError):
    """What the API answered, with each field at fault as it told it."""

    problems: tuple[JsonObject, ...] = ()


class Client:
    """Requests of one command."""

    def __init__(self, http: httpx.Client, place: str) -> None:
        self._http = http
        self.place = place

    def get(self, path: str, /, **query: Any) -> Any:
        """GET; a query value of None or "" is left out."""
        return self.send("GET", path, params=_given(query))

    def post(self, path: str, body: JsonValue = None, **query: Any) -> Any:
        """POST a JSON body, or none."""
        arguments = {} if body is None else {"json": body}
        return self.send("POST", path, params=_given(query), **arguments)

    def put(self, path: str, body: JsonValue) -> Any:
        """PUT a JSON body."""
        return self.send("PUT", path, json=body)

    def patch(self, path: str, body: JsonValue) -> Any:
        """PATCH a JSON body."""
        return self.send("PATCH", path, json=body)

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self.send("DELETE", path)

    def listing(self, path: str, /, *, limit: int, cursor: str = "", **query: Any) -> JsonObject:
        """Up to `limit` items of a listing as one page, with the cursor of what comes behind them."""
        items: list[JsonObject] = []
        at: str | None = cursor
        while at is not None and len(items) < limit:
            page = self.get(path, limit=min(limit - len(items), PAGE_ITEMS), cursor=at, **query)
            items += page["items"]
            at = page["next_cursor"]
        return {"items": items, "next_cursor": at}

    def pages(self, path: str, **query: Any) -> Iterator[JsonObject]:
        """Every item of a listing, one page in memory at a time."""
        at: str | None = ""
        while at is not None:
            page = self.get(path, limit=PAGE_ITEMS, cursor=at, **query)
            yield from page["items"]
            at = page["next_cursor"]

    def send(self, method: str, path: str, **arguments: Any) -> Any:
        """One request; the decoded answer.

        Raises:
            RequestError: the API refused.
            OnefoldError: nobody answered.
        """
        answer = self.send_raw(method, path, **arguments)
        return msgspec.json.decode(answer.content) if answer.content else None

    def send_raw(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """The same, undecoded."""
        try:
            answer = self._http.request(method, path, **arguments)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self.unreachable(error) from error
        if answer.is_error:
            raise refusal(answer)
        return answer

    @contextmanager
    def stream(self, method: str, path: str, **arguments: Any) -> Iterator[httpx.Response]:
        """An answer that is read as it comes."""
        try:
            with self._http.stream(method, path, **arguments) as answer:
                if answer.is_error:
                    answer.read()
                    raise refusal(answer)
                yield answer
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self.unreachable(error) from error

    def unreachable(self, error: Exception) -> OnefoldError:
        """Nobody answered."""
        return OnefoldError(
            "cli.unreachable",
            f"{self.place} does not answer ({type(error).__name__}).",
            hint="Is the server running? `onefold serve` starts it.",
        )


@contextmanager
def connect(data_dir: Path, url: str, token: str, *, create: bool) -> Iterator[Client]:
    """The client for this command; see the module."""
    if url and not url.startswith(("http://", "https://")):
        raise OnefoldError("cli.usage", f"--url is {url}.", hint="It begins with http:// or https://.")
    with open_client(data_dir, url.rstrip("/"), token, create=create, watch=TerminalWatch()) as http:
        yield Client(http, url or f"The workspace in {data_dir}")


def refusal(answer: httpx.Response) -> RequestError:
    """The problem that the API answered with, as the error that it was there."""
    try:
        problem = msgspec.json.decode(answer.content, type=dict[str, Any])
        fields = [problem_words(item) for item in problem.get("problems") or []]
        listed = "".join(f"\n  - {line}" for line in fields)
        detail = fields[0] if len(fields) == 1 else problem["detail"] + listed
        refused = RefusedError(
            problem["code"],
            detail,
            status=answer.status_code,
            field=problem.get("field", ""),
            hint=problem.get("hint", ""),
        )
        refused.problems = tuple(problem.get("problems") or ())
        return refused
    except (msgspec.MsgspecError, KeyError, TypeError):
        return RequestError(
            "cli.unexpected_answer",
            f"The server answered {answer.status_code} without a reason.",
            status=answer.status_code,
            hint="Is that address an Onefold server?",
        )


def problem_words(problem: JsonObject) -> str:
    """A field at fault, what is wrong with it, and what to do."""
    field = f"{problem['field']}: " if problem["field"] else ""
    return f"{field}{problem['message']} {problem.get('remedy') or ''}".rstrip()


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None and value != ""}
