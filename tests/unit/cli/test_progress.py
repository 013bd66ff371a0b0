from collections.abc import Iterator

import httpx
import pytest

from onefold.cli import progress
from onefold.cli.client import Client
from onefold.errors import RequestError

RUNNING = {
    "id": "run-1",
    "state": "running",
    "done": 1,
    "total": 3,
    "unit": "rows",
    "passed": 1,
    "message": "",
}


class Server:
    """Answers with these states in turn; `interrupts` of them are met by a Ctrl-C."""

    def __init__(self, *states: str, interrupts: int = 0, cancel: httpx.Response | None = None) -> None:
        self._states: Iterator[str] = iter(states)
        self._interrupts = interrupts
        self._cancel = cancel or httpx.Response(202, json={})
        self.cancelled = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.cancelled += 1
            return self._cancel
        state = next(self._states)
        if self._interrupts:
            self._interrupts -= 1
            raise KeyboardInterrupt
        return httpx.Response(200, json={**RUNNING, "state": state})

    def client(self) -> Client:
        transport = httpx.MockTransport(self.answer)
        return Client(httpx.Client(transport=transport, base_url="http://onefold"), "The server")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "POLL_S", 0.0)


@pytest.mark.parametrize(("end", "code"), [("succeeded", 0), ("failed", 1), ("cancelled", 130)])
def test_a_run_is_followed_to_its_end(end: str, code: int) -> None:
    run = progress.follow(Server("queued", "running", end).client(), "run-1", "Importing")
    assert run["state"] == end
    assert progress.exit_code_of_run(run) == code


def test_ctrl_c_cancels_and_waits_for_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    server = Server("running", "running", "cancelled", interrupts=1)
    run = progress.follow(server.client(), "run-1", "Importing")
    assert (run["state"], server.cancelled) == ("cancelled", 1)
    assert "Cancelling run-1" in capsys.readouterr().err


def test_a_second_ctrl_c_leaves_at_once() -> None:
    server = Server("running", "running", interrupts=2)
    with pytest.raises(KeyboardInterrupt):
        progress.follow(server.client(), "run-1", "Importing")
    assert server.cancelled == 1


def test_a_run_that_ends_before_it_is_cancelled_has_simply_ended() -> None:
    ended = httpx.Response(409, json={"code": "api.run_ended", "detail": "It has ended."})
    run = progress.follow(
        Server("running", "succeeded", interrupts=1, cancel=ended).client(), "run-1", "Import"
    )
    assert run["state"] == "succeeded"


def test_a_cancel_that_is_refused_is_told() -> None:
    refused = httpx.Response(403, json={"code": "api.local_only", "detail": "No."})
    with pytest.raises(RequestError):
        progress.follow(Server("running", interrupts=1, cancel=refused).client(), "run-1", "Import")


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (
            {"state": "succeeded", "passed": 1200, "rejected": 2, "message": "Imported."},
            "Imported. (1,200 passed, 2 rejected)",
        ),
        ({"state": "cancelled", "message": ""}, "Cancelled."),
        ({"state": "failed", "message": "The disk is full."}, "Failed: The disk is full."),
    ],
)
def test_the_end_is_said_in_words(run: dict[str, object], words: str) -> None:
    assert progress.words_of_run(run) == words
