"""Saved views on the pages: kept, opened, changed, shared, brought back; one's own and the team's."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.conftest import new_page
from tests.browser.running import PASSWORD, Onefold, open_page, send, set_password

OLD_KEY = "onefold-views-/profiles"


@pytest.fixture(scope="module")
def onefold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Onefold]:
    """A server with somebody to find, something refused, and an analyst who may not see people."""
    server = Onefold(tmp_path_factory.mktemp("views") / "data")
    base = str(httpx.URL(server.link()).join("/")).rstrip("/")
    key = server.run("sources", "create", "shop")["write_key"]
    traits = {"email": "ada@example.org", "name": "Ada Lovelace"}
    assert send(base, key, "identify", {"userId": "u-1", "traits": traits}) == 200
    assert send(base, key, "track", {"userId": "u-1", "messageId": "m-1"}) == 400
    invited: Any = server.run("team", "invite", "vera@example.org", "--role", "analyst", "--name", "Vera")
    set_password(base, invited["link"]["url"])
    yield server
    server.stop()


def views(page: Page) -> Locator:
    """What the button opens."""
    return page.get_by_role("dialog")


def button(page: Page, name: str | re.Pattern[str] = "Views") -> Locator:
    return page.get_by_role("main").get_by_role("button", name=name)


def save(page: Page, name: str) -> None:
    button(page).click()
    views(page).get_by_label("Name of the view").fill(name)
    views(page).get_by_role("button", name="Save view").click()
    expect(button(page, f"View: {name}")).to_be_visible()
    expect(views(page)).to_be_hidden()


def sign_in(page: Page, base: str, email: str) -> None:
    page.goto(base)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_test_id("live")).to_have_text("live")


def test_filters_are_kept_changed_and_found_again(page: Page, base: str, onefold: Onefold) -> None:
    page.goto(f"{base}/dead-letters")
    page.get_by_role("button", name="capture.missing_field").click()
    save(page, "Fields that lack")
    assert re.search(r"/dead-letters\?code=capture\.missing_field&view=\d+$", page.url)

    page.get_by_text("Replayed", exact=True).click()
    button(page, "View: Fields that lack changed").click()
    views(page).get_by_role("link", name="Back to saved").click()
    expect(page.get_by_role("radio", name="Open")).to_be_checked()
    page.get_by_text("Discarded", exact=True).click()
    button(page, "View: Fields that lack changed").click()
    views(page).get_by_role("button", name="Update view").click()
    expect(button(page, re.compile("^View: Fields that lack$"))).to_be_visible()
    listed: Any = onefold.run("views", "list")
    assert [one["filters"] for one in listed["items"]] == [
        {"code": "capture.missing_field", "state": "discarded"}
    ]

    open_page(page, "Runs")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name=re.compile("^Find"))).to_be_focused()
    page.keyboard.type("fields that")
    found = page.get_by_role("listbox", name="Found").get_by_role("option")
    expect(found).to_have_count(1)
    expect(found).to_have_text(re.compile("^Fields that lackView of Dead letters$"))
    page.keyboard.press("Enter")
    expect(button(page, re.compile("^View: Fields that lack$"))).to_be_visible()
    expect(page.get_by_role("radio", name="Discarded")).to_be_checked()


def test_by_keys_alone_a_view_is_renamed_and_deleted_and_a_deletion_is_undone(page: Page, base: str) -> None:
    page.goto(f"{base}/runs?kind=import")
    save(page, "Files")
    expect(button(page, "View: Files")).to_be_focused()
    page.keyboard.press("Enter")
    expect(views(page).get_by_role("link", name="Files")).to_have_attribute("aria-current", "true")
    views(page).get_by_role("button", name="Rename view Files").press("Enter")
    box = views(page).get_by_label("Another name for Files")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    views(page).get_by_role("button", name="Rename view Files").press("Enter")
    box.fill("Imported files")
    page.keyboard.press("Enter")
    expect(views(page).get_by_role("link", name="Imported files")).to_be_visible()
    views(page).get_by_role("button", name="Delete view Imported files").press("Enter")
    expect(views(page)).to_contain_text("A view keeps the filters of this list")
    page.keyboard.press("Escape")
    expect(views(page)).to_be_hidden()
    expect(page.get_by_role("button", name="Undo")).to_have_count(1)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(button(page, "View: Imported files")).to_be_visible()


def test_a_view_is_shared_and_tells_nobody_what_they_may_not_see(
    page: Page, base: str, browser: Browser
) -> None:
    page.goto(f"{base}/profiles?search=ada%40")
    save(page, "Everyone called Ada")
    button(page, "View: Everyone called Ada").click()
    views(page).get_by_role("button", name="Share view Everyone called Ada with the team").click()
    team = views(page).get_by_role("region", name="The team's")
    expect(team.get_by_role("link", name="Everyone called Ada")).to_be_visible()
    page.goto(f"{base}/runs?kind=goal")
    button(page).click()
    views(page).get_by_label("Name of the view").fill("Goals")
    views(page).get_by_label("Share with the team").check()
    views(page).get_by_role("button", name="Save view").click()
    expect(button(page, "View: Goals")).to_be_visible()

    with new_page(browser, viewport={"width": 390, "height": 844}, color_scheme="dark") as phone:
        sign_in(phone, base, "vera@example.org")
        phone.goto(f"{base}/profiles")
        button(phone).click()
        expect(views(phone)).to_contain_text("you may not see people's data")
        expect(views(phone).get_by_role("link")).to_have_count(0)
        assert "ada@" not in phone.content()
        inside = views(phone).bounding_box()
        assert inside
        assert inside["x"] >= 0
        assert inside["x"] + inside["width"] <= 390
        phone.goto(f"{base}/runs")
        button(phone).click()
        views(phone).get_by_role("link", name="Goals").click()
        expect(button(phone, "View: Goals")).to_be_visible()
        button(phone, "View: Goals").click()
        expect(views(phone).get_by_role("button", name="Delete view Goals")).to_be_visible()
        expect(views(phone).get_by_role("button", name="Take view Goals back")).to_have_count(0)


def test_what_the_browser_kept_is_taken_over_once(page: Page, base: str) -> None:
    old = [{"name": "From the browser", "query": "segment=1"}, {"name": "a/b", "query": "segment=2"}]
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [OLD_KEY, json.dumps(old)])
    for _ in range(2):
        page.goto(f"{base}/profiles")
        button(page).click()
        yours = views(page).get_by_role("region", name="Yours")
        expect(yours.get_by_role("listitem")).to_have_text(["a b", "From the browser"])
        assert page.evaluate("key => localStorage.getItem(key)", OLD_KEY) is None


def test_live_events_and_connections_and_segments_have_views_too(page: Page, base: str) -> None:
    for address, name in (
        ("events?type=track", "Tracked"),
        ("connections?search=braze", "Braze ones"),
        ("segments?search=gold", "Golden ones"),
    ):
        page.goto(f"{base}/{address}")
        save(page, name)
        assert f"/{address}&view=" in page.url
