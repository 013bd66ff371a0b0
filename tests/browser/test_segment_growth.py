"""How a segment grew, on its page: words on its first day, then a chart, and the same as a table."""

import sqlite3
from contextlib import closing

import httpx
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold, send
from tests.browser.test_accessible import AXE, violations

KNOWN = '{"kind": "identifier", "identifier": "user_id"}'


def put_back(onefold: Onefold, days: int) -> None:
    """What was counted was so many days ago."""
    with closing(sqlite3.connect(onefold.data_dir / "state.db", timeout=20)) as connection:
        connection.execute("update segment_day set day = day - ?", (days,))
        connection.commit()


def test_growth_is_told_in_words_then_drawn_and_listed(page: Page, onefold: Onefold) -> None:
    link = onefold.link()
    page.goto(link)
    expect(page.get_by_test_id("live")).to_have_text("live")
    base = str(httpx.URL(link).join("/")).rstrip("/")
    key = onefold.run("sources", "create", "shop")["write_key"]
    assert send(base, key, "identify", {"userId": "ada", "traits": {}}) == 200
    onefold.run("segments", "create", "Known", "--condition", KNOWN, "--wait")
    page.goto(f"{base}/segments/1")
    expect(page.get_by_text("1 entered, 0 left. From tomorrow on")).to_be_visible()
    put_back(onefold, 40)
    page.reload()
    chart = page.get_by_role("img", name="People in the segment by day.")
    expect(chart).to_be_visible()
    expect(page.get_by_text("Counted since")).to_be_visible()
    page.get_by_text("30 days", exact=True).click()
    expect(page.get_by_text("As many people as 30 days ago: 0 entered, 0 left.")).to_be_visible()
    assert page.url.endswith("/segments/1?days=30")
    page.get_by_text("Day by day").click()
    table = page.get_by_role("table").filter(has_text="Day (UTC)")
    expect(table.get_by_role("row")).to_have_count(31)
    if AXE.is_file():
        assert violations(page) == []
