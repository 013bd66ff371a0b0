"""The control API for a command: over the local socket when a server runs, over HTTP when --url names one,
else in this process on the locked directory, where what the command caused is worked off before it ends.

In: method, path, JSON. Out: JSON, or the error that the API answered, as `RequestError`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from onefold.errors import OnefoldError, RequestError
from onefold.model.json import JsonObject, JsonValue
from onefold.runtime.client import open_client

PAGE_ITEMS = 500


class Client:
    """Requests of one command."""

    def __init__(self, http: httpx.Client, place: str) -> None:
        self._http = http
        self.place = place

    def get(self, path: str, **query: Any) -> JsonValue:
        """GET; a query value of None is left out."""
        return self.send(
            "GET", path, params={name: value for name, value in query.items() if value is not None}
        )

    def post(self, path: str, body: JsonValue = None) -> JsonValue:
        """POST a JSON body."""
        return self.send("POST", path, json=body)

    def put(self, path: str, body: JsonValue) -> JsonValue:
        """PUT a JSON body."""
        return self.send("PUT", path, json=body)

    def patch(self, path: str, body: JsonValue) -> JsonValue:
        """PATCH a JSON body."""
        return self.send("PATCH", path, json=body)

    def delete(self, path: str) -> JsonValue:
        """DELETE."""
        return self.send("DELETE", path)

    def pages(self, path: str, *, count_max: int, **query: Any) -> Iterator[JsonObject]:
        """The items of a listing, page after page."""
        cursor: str | None = None
        while count_max > 0:
            page = self.get(path, limit=min(count_max, PAGE_ITEMS), cursor=cursor, **query)
            yield from page["items"]
            count_max -= len(page["items"])
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def send(self, method: str, path: str, **arguments: Any) -> JsonValue:
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
        except httpx.HTTPError as error:
            raise OnefoldError(
                "cli.unreachable",
                f"{self.place} does not answer ({type(error).__name__}).",
                hint="Is the server running? `onefold serve` starts it.",
            ) from error
        if answer.is_error:
            raise _refusal(answer)
        return answer


@contextmanager
def connect(data_dir: Path, url: str, token: str, *, create: bool) -> Iterator[Client]:
    """The client for this command; see the module."""
    with open_client(data_dir, url, token, create=create) as http:
        yield Client(http, url or f"The workspace in {data_dir}")


def _refusal(answer: httpx.Response) -> RequestError:
    try:
        problem = msgspec.json.decode(answer.content)
        lines = [item["field"] + ": " + item["message"] for item in problem.get("problems", [])]
        message = problem["detail"] + "".join(f"\n  - {line}" for line in lines)
        return RequestError(
            problem["code"], message, status=answer.status_code, field=problem["field"], hint=problem["hint"]
        )
    except (msgspec.MsgspecError, KeyError, TypeError):
        return RequestError(
            "cli.unexpected_answer",
            f"The server answered {answer.status_code} without a reason.",
            status=answer.status_code,
            hint="Is that address an Onefold server?",
        )
