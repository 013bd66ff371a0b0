"""The overview on `onefold serve` itself: signed out, opened by a one-time link, moved by one event."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import stamina
from playwright.sync_api import Page, expect

from onefold.model.second_factor import code_at

ONEFOLD = Path(sys.executable).with_name("onefold")
# A start takes about a second; a loaded machine may need many times that.
START_TIMEOUT_S = 60
EXPECT_TIMEOUT_MS = 20_000
PASSWORD = "tin lamp over seven rivers"


class Onefold:
    """A running server on a data directory of its own, and its command line."""

    def __init__(self, data_dir: Path, *, port: int = 0) -> None:
        self.data_dir = data_dir
        command = [ONEFOLD, "serve", "--data-dir", data_dir, "--port", str(port)]
        self.output = (data_dir.parent / "serve.txt").open("w")
        self.process = subprocess.Popen(command, stdout=self.output, stderr=subprocess.STDOUT)

    def run(self, *arguments: str) -> dict[str, str]:
        command = [ONEFOLD, *arguments, "--data-dir", self.data_dir, "--json"]
        done = subprocess.run(command, capture_output=True, timeout=START_TIMEOUT_S, check=True)
        answer: dict[str, str] = json.loads(done.stdout)
        return answer

    def link(self) -> str:
        """A fresh one-time link; waits until the server listens."""
        for attempt in stamina.retry_context(
            on=(subprocess.CalledProcessError, httpx.TransportError), timeout=START_TIMEOUT_S, attempts=None
        ):
            with attempt:
                url = self.run("open")["url"]
                httpx.get(httpx.URL(url).join("/healthz")).raise_for_status()
        return url

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_TIMEOUT_S)
        self.output.close()


@pytest.fixture
def onefold(tmp_path: Path) -> Iterator[Onefold]:
    server = Onefold(tmp_path / "data")
    yield server
    server.stop()


def test_the_page_opens_by_a_link_and_moves_with_the_first_event(page: Page, onefold: Onefold) -> None:
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    link = httpx.URL(onefold.link())
    page.goto(str(link.join("/")))
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()

    page.goto(str(link))
    expect(page.get_by_test_id("live")).to_have_text("live")
    expect(page.get_by_role("heading", name="Nothing has been captured yet")).to_be_visible()

    key = onefold.run("sources", "create", "my-site")["write_key"]
    event = {"type": "track", "event": "Basket Opened", "userId": "u-1"}
    answer = httpx.post(str(link.join("/v1/track")), json=event, auth=(key, ""))
    assert answer.status_code == 200, answer.text
    for step in ("captured", "accepted", "unified"):
        expect(page.get_by_test_id(f"step-{step}")).to_contain_text("1 in all")
    expect(page.get_by_test_id("people")).to_have_text("1")
    expect(page.get_by_role("img", name=re.compile("Rates of the last"))).to_be_visible()


def test_a_stop_is_not_held_up_by_an_open_page(page: Page, onefold: Onefold) -> None:
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    page.goto(onefold.link())
    expect(page.get_by_test_id("live")).to_have_text("live")
    onefold.process.terminate()
    assert onefold.process.wait(START_TIMEOUT_S) == 0
    expect(page.get_by_test_id("live")).to_have_text("reconnecting")


def test_an_invited_sets_a_password_signs_out_and_in(page: Page, onefold: Onefold) -> None:
    expect.set_options(timeout=EXPECT_TIMEOUT_MS)
    onefold.link()
    invited = onefold.run("team", "invite", "ada@example.org", "--role", "owner")
    link: str = invited["link"]["url"]  # type: ignore[index]
    page.goto(link)
    expect(page.get_by_role("heading", name="Welcome to Onefold")).to_be_visible()
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Password", exact=True).fill("ada@example.org")
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("status")).to_contain_text("That password is guessed at once.")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_test_id("live")).to_have_text("live")

    page.get_by_role("button", name="Signed in as Ada Lovelace").click()
    page.get_by_role("menuitem", name="Your account").click()
    page.get_by_role("button", name="Turn on a second factor").click()
    expect(page.get_by_role("img", name="Code to scan")).to_be_visible()
    secret = page.get_by_role("figure", name="The secret").locator("pre").inner_text()
    page.get_by_label("Code", exact=True).fill(code_at(secret, time.time_ns() // 1000))
    page.get_by_role("button", name="Turn it on").click()
    recovery = page.get_by_role("figure", name="Recovery codes").locator("pre").inner_text().split()
    assert len(recovery) == 10

    page.get_by_role("button", name="Signed in as Ada Lovelace").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill("something else here")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("do not belong together")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code of your authenticator, or a recovery code").fill(recovery[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_test_id("live")).to_have_text("live")

    page.goto(link)
    expect(page.get_by_role("heading", name="This link is no good any more")).to_be_visible()
