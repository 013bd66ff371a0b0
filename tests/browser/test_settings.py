"""What an administrator does in the settings: let the log go back less far, see whether mails arrive."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold

from onefold.testing.mail_server import Inbox, mail_server


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    inbox = Inbox()
    with mail_server(inbox) as port:
        for name, value in (("HOST", "127.0.0.1"), ("PORT", str(port)), ("TLS", "none")):
            monkeypatch.setenv(f"ONEFOLD_MAIL__{name}", value)
        yield inbox


@pytest.fixture
def onefold(tmp_path: Path, inbox: Inbox) -> Iterator[Onefold]:
    assert inbox.mails == []
    server = Onefold(tmp_path / "data")
    yield server
    server.stop()


def test_the_log_is_shortened_once_its_reach_is_read(page: Page, onefold: Onefold) -> None:
    link = onefold.link()
    key = onefold.run("sources", "create", "my-site")["write_key"]
    event = {"userId": "u-1", "event": "Basket Opened"}
    assert httpx.post(httpx.URL(link).join("/v1/track"), json=event, auth=(key, "")).status_code == 200
    page.goto(link)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Settings").click()
    page.get_by_role("tab", name="Retention").click()
    expect(page.get_by_text("Every event")).to_be_visible()
    days = page.get_by_label("Days of events to keep, this once")
    days.fill("30")
    page.get_by_role("button", name="Shorten the log").click()
    dialog = page.get_by_role("dialog", name="Shorten the log?")
    expect(dialog).to_contain_text("Events received more than 30 days ago go for good.")
    dialog.get_by_role("button", name="Cancel").click()
    days.fill("0")
    page.get_by_role("button", name="Shorten the log").click()
    expect(dialog).to_contain_text("Every event that profiles know and goals have read goes for good.")
    dialog.get_by_role("button", name="Shorten the log").click()
    page.get_by_role("link", name="see how far it is").click()
    expect(page.get_by_text("Succeeded").first).to_be_visible()
    assert onefold.run("retention", "show")["base"] is not None


def test_a_mail_is_tried_and_a_refusal_is_told(page: Page, onefold: Onefold, inbox: Inbox) -> None:
    page.goto(onefold.link())
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Settings").click()
    page.get_by_role("tab", name="E-mail").click()
    expect(page.get_by_role("heading", name="Every mail was sent")).to_be_visible()
    address = page.get_by_label("Send a test to")
    address.fill("ada@example.org")
    inbox.refusals.append("550 5.1.1 nobody has this address")
    page.get_by_role("button", name="Send test").click()
    expect(address).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_role("status").filter(has_text="ada@example.org")).to_be_visible()
    assert [mail["to"] for mail in inbox.mails] == ["ada@example.org"]


def test_the_settings_tell_which_onefold_this_is(page: Page, onefold: Onefold) -> None:
    page.goto(f"{onefold.link()}")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Settings").click()
    page.get_by_role("tab", name="About").click()
    expect(page.get_by_text("worker: running")).to_be_visible()
    expect(page.get_by_role("link", name="The API, as OpenAPI")).to_have_attribute(
        "href", "/api/v1/openapi.json"
    )
