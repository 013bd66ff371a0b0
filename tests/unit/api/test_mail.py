"""Who hears of runs is set with the connection, and a mail can be tried: by the API and by commands."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.mail_wishes import MailWishStore
from onefold.backends.embedded.mails import EmbeddedMails
from onefold.cli import main
from onefold.clock import MINUTE
from onefold.model.mail import Mail, MailState, MailWish
from onefold.runtime.client import open_client
from onefold.testing.mail_server import Inbox, mail_server

CONNECTION: dict[str, Any] = {
    "name": "Braze",
    "connector": "braze",
    "settings": {"endpoint": "https://rest.fra-01.braze.eu"},
    "secrets": {"api_key": "secret"},
}
PATH = "/api/v1/connections/Braze"
AT = 1_795_000_000_000_000


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    with mail_server(inbox) as found:
        yield found


@pytest.fixture
def api(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    monkeypatch.setenv("ONEFOLD_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("ONEFOLD_MAIL__PORT", str(port))
    monkeypatch.setenv("ONEFOLD_MAIL__TLS", "none")
    monkeypatch.setenv("ONEFOLD_MAIL__PASSWORD", "secret sauce")
    monkeypatch.setenv("ONEFOLD_DATA_DIR", str(tmp_path))
    with open_client(tmp_path, create=True) as client:
        yield client


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    def run_words(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["onefold", *words])
        capfd.readouterr()
        code = main()
        sys.stdout.flush()
        return (code, *capfd.readouterr())

    return run_words


def test_notices_are_set_changed_and_shown(api: httpx.Client) -> None:
    notices = {"addresses": ["ops@example.org"], "when": "every"}
    made = api.post("/api/v1/connections", json={**CONNECTION, "notices": notices})
    assert made.json()["notices"] == notices
    changed = api.patch(PATH, json={"notices": {"addresses": ["a@example.org"]}}).json()
    assert changed["notices"] == {"addresses": ["a@example.org"], "when": "failures"}
    assert api.patch(PATH, json={"favourite": True}).json()["notices"]["addresses"] == ["a@example.org"]


@pytest.mark.parametrize(
    "address", ["ops", "a@b@c", "a b@example.org", "a@example.org\r\nBcc: x@y.z", "<a@b>", "@b"]
)
def test_what_is_no_address_is_refused(api: httpx.Client, address: str) -> None:
    body = {**CONNECTION, "notices": {"addresses": [address]}}
    assert api.post("/api/v1/connections", json=body).status_code == 400
    assert api.post("/api/v1/mail/test", json={"address": address}).status_code == 400


def test_a_mail_is_tried(api: httpx.Client, inbox: Inbox) -> None:
    answer = api.post("/api/v1/mail/test", json={"address": "ops@example.org"})
    assert answer.json() == {"address": "ops@example.org", "message": "The mail server took it."}
    assert inbox.mails[0]["subject"] == "[Onefold] A test"
    inbox.refusals = ["550 no"]
    answer = api.post("/api/v1/mail/test", json={"address": "ops@example.org"})
    assert (answer.status_code, answer.json()["code"]) == (502, "mail.refused")


def test_commands(tmp_path: Path, port: int, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setenv("ONEFOLD_DATA_DIR", str(tmp_path))
    code, _, err = run("mail", "test", "ops@example.org")
    assert code != 0
    assert "mail.not_set_up" in err
    for name, value in {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "TLS": "none",
        "PASSWORD": "secret sauce",
    }.items():
        monkeypatch.setenv(f"ONEFOLD_MAIL__{name}", value)
    assert run("mail", "test", "ops@example.org")[0] == 0
    assert len(inbox.mails) == 1
    settings = ("--set", "endpoint=https://rest.fra-01.braze.eu", "--secret", "api_key=x")
    notify = ("--notify", "a@example.org", "--notify", "b@example.org", "--notify-when", "every")
    made = run("connections", "create", "Braze", "--connector", "braze", *settings, *notify, "--json")
    assert json.loads(made[1])["notices"] == {
        "addresses": ["a@example.org", "b@example.org"],
        "when": "every",
    }
    assert "a@example.org, b@example.org of every run" in run("connections", "show", "Braze")[1]
    changed = run("connections", "update", "Braze", "--notify", "none", "--json")
    assert json.loads(changed[1])["notices"]["addresses"] == []
    shown = run("settings")[1]
    assert 'mail.password = "***"' in shown
    assert "secret sauce" not in shown


def keep_mails(root: Path) -> None:
    """One that waits (1), one that was given up (2), one that was sent (3)."""
    mails = EmbeddedMails(root)
    subjects = {"run-1": "[Shop] Braze: failed", "run-2": "[Shop] Braze: skipped", "run-3": "[Shop] Braze"}
    mails.add([Mail(key, "ops@example.org", text, "Body") for key, text in subjects.items()], AT)
    mails.put_off(1, "mail.unreachable", AT + MINUTE)
    mails.end(2, MailState.FAILED, "mail.refused")
    mails.end(3, MailState.SENT)
    mails.close()


def test_notices_that_were_not_sent_are_shown_with_what_to_do(api: httpx.Client, tmp_path: Path) -> None:
    assert api.get("/api/v1/mail").json() == {"items": [], "next_cursor": None}
    keep_mails(tmp_path)
    page = api.get("/api/v1/mail?limit=1").json()
    (failed,) = page["items"]
    (waiting,) = api.get(f"/api/v1/mail?cursor={page['next_cursor']}").json()["items"]
    assert waiting == {
        "id": 1,
        "about": "run-1",
        "address": "ops@example.org",
        "subject": "[Shop] Braze: failed",
        "state": "waiting",
        "created_at": "2026-11-18T11:06:40.000Z",
        "attempts": 1,
        "next_attempt_at": "2026-11-18T11:07:40.000Z",
        "code": "mail.unreachable",
        "hint": "See mail.host, mail.port and the network.",
        "asked": None,
    }
    assert (failed["state"], failed["next_attempt_at"]) == ("failed", None)
    assert failed["hint"].endswith("onefold mail retry 2")


def test_what_someone_wants_done_about_a_notice_is_kept_for_the_tasks_role(
    api: httpx.Client, tmp_path: Path
) -> None:
    keep_mails(tmp_path)
    assert api.post("/api/v1/mail/2/retry").json()["asked"] == "retry"
    assert api.delete("/api/v1/mail/1").status_code == 202
    assert [one["asked"] for one in api.get("/api/v1/mail").json()["items"]] == ["retry", "drop"]
    control = ControlDatabase.reader(tmp_path)
    wishes = MailWishStore(control).after(0)
    control.close()
    assert [(one.mail_id, one.wish) for one in wishes] == [(2, MailWish.RETRY), (1, MailWish.DROP)]
    mails = EmbeddedMails(tmp_path)
    mails.follow(wishes, AT)
    mails.close()
    (left,) = api.get("/api/v1/mail").json()["items"]
    assert (left["id"], left["state"], left["asked"]) == (2, "waiting", None)
    for number in (1, 3, 99, 10**30):
        assert api.delete(f"/api/v1/mail/{number}").json()["code"] == "api.unknown_mail"


def test_commands_about_notices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Any) -> None:
    monkeypatch.setenv("ONEFOLD_DATA_DIR", str(tmp_path))
    with open_client(tmp_path, create=True):
        keep_mails(tmp_path)
    listed = run("mail", "list")[1]
    assert "See mail.host" in listed
    assert "onefold mail retry 2" in listed
    assert run("mail", "retry", "2")[0] == 0
    assert run("mail", "drop", "1")[0] == 0
    assert "failed, retry asked" in run("mail", "list")[1]
    assert run("mail", "drop", "99")[0] == 3
