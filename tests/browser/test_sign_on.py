"""Signing in by a provider in a browser: there and back, by a certified provider and `onefold serve`."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold
from tests.oidc.provider import open_provider, settings

from onefold.testing.ports import free_port


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Onefold, str]]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with open_provider(f"{url}/sign-on") as issuer:
        for name, value in settings(issuer, label="Acme").items():
            monkeypatch.setenv(name, value)
        onefold = Onefold(tmp_path / "data", port=port)
        try:
            onefold.link()
            yield onefold, url
        finally:
            onefold.stop()


def at_provider(page: Page, login: str) -> None:
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_who_is_invited_signs_in_and_is_led_back(page: Page, server: tuple[Onefold, str]) -> None:
    onefold, url = server
    onefold.run("team", "invite", "ada@example.org", "--role", "owner", "--name", "Ada")
    page.goto(f"{url}/segments?search=gold")
    page.get_by_role("button", name="Sign in with Acme").click()
    at_provider(page, "ada@example.org")
    expect(page.get_by_role("heading", level=1, name="Segments")).to_be_visible()
    assert page.url == f"{url}/segments?search=gold"
    page.get_by_role("button", name="Signed in as Ada").click()
    page.get_by_role("menuitem", name="Your account").click()
    expect(page.get_by_text("With Acme", exact=True)).to_be_visible()
    expect(page.get_by_label("New password")).to_be_hidden()
    page.goto(f"{url}/settings")
    expect(page.get_by_role("row", name=re.compile("ada@example.org.*provider"))).to_be_visible()


def test_who_is_not_invited_is_told_so(page: Page, server: tuple[Onefold, str]) -> None:
    _, url = server
    page.goto(url)
    page.get_by_role("button", name="Sign in with Acme").click()
    at_provider(page, "eve@example.org")
    expect(page.get_by_text("Nobody invited you to this workspace.")).to_be_visible()
    page.get_by_role("link", name="Begin again").click()
    expect(page.get_by_role("button", name="Sign in with Acme")).to_be_visible()
    assert httpx.get(f"{url}/api/v1/team").status_code == 401
