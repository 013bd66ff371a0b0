"""Live events on `onefold serve` itself: seen coming, paused, filtered, traced, refused."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold

SEEN_WITHIN_S = 2.0


class Shop:
    """A server with one source, and a page that is signed in."""

    def __init__(self, server: Onefold, page: Page) -> None:
        link = httpx.URL(server.link())
        self.base = str(link.join("/")).rstrip("/")
        self.key = server.run("sources", "create", "Web shop")["write_key"]
        self.page = page
        page.goto(str(link))

    def send(self, message_id: str, event: str = "Order Completed", **fields: object) -> None:
        body = {"userId": "ada", "messageId": message_id, "event": event, **fields}
        httpx.post(f"{self.base}/v1/track", json=body, auth=(self.key, ""))


@pytest.fixture
def shop(page: Page, tmp_path: Path) -> Iterator[Shop]:
    server = Onefold(tmp_path / "data")
    yield Shop(server, page)
    server.stop()


def test_an_event_is_seen_coming_and_its_way_is_told(shop: Shop) -> None:
    page = shop.page
    page.goto(f"{shop.base}/events")
    expect(page.get_by_text("Waiting for the first event")).to_be_visible()

    sent_at = time.monotonic()
    shop.send("order/1", properties={"order_id": "1", "revenue": 80})
    expect(page.get_by_role("row", name=re.compile("Order Completed.*ada"))).to_be_visible()
    assert time.monotonic() - sent_at < SEEN_WITHIN_S
    expect(page.get_by_role("row", name=re.compile("Order Completed.*Taken in"))).to_be_visible()

    page.get_by_role("link", name="Order Completed").click()
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("heading", name="Order Completed")).to_be_visible()
    expect(panel.get_by_role("link", name="Person 1")).to_be_visible()
    expect(panel.get_by_role("heading", name="Segments")).to_be_visible()
    panel.get_by_text("Pretty").click()
    expect(panel.get_by_text('"order_id": "1"')).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_a_paused_view_stands_still_and_says_how_many_wait(shop: Shop) -> None:
    page = shop.page
    shop.send("first", "First")
    page.goto(f"{shop.base}/events")
    expect(page.get_by_role("row", name=re.compile("First"))).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    shop.send("second", "Second")
    expect(page.get_by_test_id("live")).to_have_text("paused, 1 waiting")
    expect(page.get_by_role("row", name=re.compile("Second"))).to_be_hidden()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("row", name=re.compile("Second"))).to_be_visible()
    expect(page.get_by_test_id("live")).to_have_text("live")


def test_filters_stand_in_the_address(shop: Shop) -> None:
    page = shop.page
    shop.send("a", "Order Completed")
    shop.send("b", "Page Seen", userId="bob")
    page.goto(f"{shop.base}/events")
    expect(page.get_by_role("row", name=re.compile("Page Seen"))).to_be_visible()
    page.get_by_label("Name").fill("order")
    expect(page.get_by_role("row", name=re.compile("Page Seen"))).to_be_hidden()
    expect(page).to_have_url(re.compile("name=order"))
    page.goto(f"{shop.base}/events?identifier=bob")
    expect(page.get_by_role("row", name=re.compile("Page Seen"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Order Completed"))).to_be_hidden()


def test_a_refused_event_stands_among_them_with_the_reason(shop: Shop) -> None:
    page = shop.page
    page.goto(f"{shop.base}/events")
    body = json.dumps({"userId": "ada", "messageId": "bad", "properties": {}})
    httpx.post(f"{shop.base}/v1/track", content=body, auth=(shop.key, ""))
    row = page.get_by_role("row", name=re.compile("Refused"))
    row.get_by_role("link").first.click()
    expect(page.get_by_role("complementary")).to_contain_text("capture.missing_field")
