"""A list of hundreds: only what is in view is drawn, and nothing of it is out of reach."""

import json
import re
from contextlib import suppress

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.running import Onefold
from tests.browser.test_accessible import AXE, RULES

from onefold.testing.server_process import wait_until

PEOPLE = 500
DRAWN_MAX = 120


@pytest.fixture
def people(base: str, page: Page, onefold: Onefold) -> str:
    """The list of profiles, open to its end."""
    key = onefold.run("sources", "create", "Shop")["write_key"]
    batch = [
        {"type": "identify", "userId": f"u{number}", "traits": {"name": f"Person number {number}"}}
        for number in range(PEOPLE)
    ]
    httpx.post(f"{base}/v1/batch", json={"batch": batch}, auth=(key, "")).raise_for_status()
    expect(page.get_by_test_id("people")).to_have_text(str(PEOPLE))
    page.goto(f"{base}/profiles")
    more = page.get_by_role("button", name="Show more")
    for pages in range(1, PEOPLE // 100):
        more.click()
        rows = (pages + 1) * 100
        if pages == 1:
            # All rows are drawn still. A click before they are there would ask for the same ones again.
            expect(page.locator("tbody tr")).to_have_count(rows)
        else:
            expect(page.get_by_role("table")).to_have_attribute("aria-rowcount", str(rows + 1))
    expect(more).to_be_hidden()
    return base


def reach(page: Page, key: str, row: Locator) -> None:
    """Press a key until a row is there: what is measured on the way may move the end."""

    def is_reached() -> bool:
        page.keyboard.press(key)
        with suppress(AssertionError):
            expect(row).to_be_in_viewport(timeout=2_000)
            return True
        return False

    wait_until(is_reached, timeout_s=20, what=f"{key} reaching its row")


def column_lefts(page: Page) -> list[float]:
    lefts: list[float] = page.eval_on_selector_all(
        "thead th", "cells => cells.map(cell => Math.round(cell.getBoundingClientRect().left))"
    )
    return lefts


def test_only_the_rows_in_view_are_drawn_and_the_last_is_reached(page: Page, people: str) -> None:
    rows = page.locator("tr[data-index]")
    expect(rows.first).to_be_visible()
    assert rows.count() < DRAWN_MAX
    lefts = column_lefts(page)

    last = page.locator(f"tr[data-index='{PEOPLE - 1}']")
    reach(page, "End", last)
    expect(last).to_have_attribute("aria-rowindex", str(PEOPLE + 1))
    expect(page.locator("tr[data-index='0']")).to_have_count(0)
    assert rows.count() < DRAWN_MAX
    assert column_lefts(page) == lefts

    reach(page, "Home", page.locator("tr[data-index='0']"))
    reach(page, "End", last)
    last.get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"^{people}/profiles/\d+"))


@pytest.mark.usefixtures("people")
def test_a_long_list_is_accessible(page: Page) -> None:
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}})")
    assert [violation["id"] for violation in found["violations"]] == []
