from collections.abc import Callable

import httpx
import pytest

from onefold.cli.client import Client
from onefold.errors import OnefoldError, RequestError


def client_of(answer: Callable[[httpx.Request], httpx.Response]) -> Client:
    return Client(
        httpx.Client(transport=httpx.MockTransport(answer), base_url="http://onefold"), "The server"
    )


def pages_of(count: int) -> Callable[[httpx.Request], httpx.Response]:
    """A listing of numbers whose cursor is the last of them."""

    def answer(request: httpx.Request) -> httpx.Response:
        first = int(request.url.params.get("cursor", "0"))
        last = min(count, first + int(request.url.params["limit"]))
        items = [{"id": number} for number in range(first + 1, last + 1)]
        return httpx.Response(200, json={"items": items, "next_cursor": str(last) if last < count else None})

    return answer


@pytest.mark.parametrize(
    ("count", "limit", "shown", "cursor"),
    [(0, 10, 0, None), (3, 10, 3, None), (1200, 1100, 1100, "1100"), (1200, 5000, 1200, None)],
)
def test_a_listing_has_so_many_items_and_says_where_it_goes_on(
    count: int, limit: int, shown: int, cursor: str | None
) -> None:
    page = client_of(pages_of(count)).listing("/x", limit=limit)
    assert [item["id"] for item in page["items"]] == list(range(1, shown + 1))
    assert page["next_cursor"] == cursor


def test_a_listing_goes_on_behind_a_cursor() -> None:
    page = client_of(pages_of(10)).listing("/x", limit=2, cursor="4")
    assert [item["id"] for item in page["items"]] == [5, 6]


def test_a_refusal_shows_every_field_at_fault_with_its_remedy() -> None:
    problem = {
        "code": "goal.invalid",
        "detail": "2 fields are wrong.",
        "hint": "",
        "field": "a",
        "problems": [
            {"field": "a", "message": "Too long.", "remedy": "Shorten it."},
            {"field": "", "message": "Missing."},
        ],
    }
    client = client_of(lambda _: httpx.Response(422, json=problem))
    with pytest.raises(RequestError) as refused:
        client.post("/x", {})
    assert refused.value.message == "2 fields are wrong.\n  - a: Too long. Shorten it.\n  - Missing."
    assert refused.value.status == 422


def test_a_single_problem_is_not_said_twice() -> None:
    problem = {"code": "c.d", "detail": "Wrong.", "problems": [{"field": "a", "message": "Wrong."}]}
    with pytest.raises(RequestError) as refused:
        client_of(lambda _: httpx.Response(400, json=problem)).get("/x")
    assert refused.value.message == "a: Wrong."


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b""])
def test_an_answer_that_is_none_of_ours_is_named_so(body: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        client_of(lambda _: httpx.Response(502, content=body)).get("/x")
    assert refused.value.code == "cli.unexpected_answer"


def test_nobody_there_is_no_traceback() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(OnefoldError) as unreachable:
        client_of(fail).get("/x")
    assert unreachable.value.code == "cli.unreachable"


def test_what_is_not_given_is_not_asked_for() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(204)

    assert client_of(answer).get("/x", a=None, b="", c=0) is None
    assert seen == ["http://onefold/x?c=0"]
