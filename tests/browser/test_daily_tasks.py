"""A marketer's day: why did she get nothing, and mend it; hold a goal before it spends what it may."""

import re
from collections.abc import Iterator

import pytest
import stamina
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold, open_page, send

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

PEOPLE = 12
POINTS_A_DAY = 5


@pytest.fixture
def braze(onefold: Onefold, base: str) -> Iterator[BrazeSandbox]:
    """A local Braze that the server at `base` is connected to."""
    assert base
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        settings = ["--set", f"endpoint={sandbox.url}", "--secret", f"api_key={DEFAULT_KEY}"]
        onefold.run("connections", "create", "Braze", "--connector", "braze", *settings)
        yield sandbox


@pytest.fixture
def key(onefold: Onefold, base: str) -> str:
    """The write key of a source."""
    assert base
    return onefold.run("sources", "create", "shop")["write_key"]


def test_why_a_person_got_nothing_is_found_and_mended(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox, key: str
) -> None:
    goal = ("connections", "goals", "add", "Braze", "events", "--on", "--purpose", "email")
    onefold.run(*goal, "--name", "Orders to Braze")
    assert send(base, key, "identify", {"userId": "ada", "traits": {"name": "Ada"}}) == 200
    order = {"userId": "ada", "event": "Order Shipped", "messageId": "m-1"}
    assert send(base, key, "track", order) == 200

    open_page(page, "Live events")
    page.get_by_label("Name").fill("Order")
    page.get_by_role("link", name="Order Shipped").click()
    way = page.get_by_role("listitem").filter(has_text="Orders to Braze")
    expect(way).to_contain_text("left out")
    expect(way).to_contain_text(re.compile("consent"))
    page.get_by_role("link", name="Person 1").click()

    expect(page.get_by_role("heading", level=1, name="Ada")).to_be_visible()
    consent = page.get_by_role("region", name="Consent")
    expect(consent).to_contain_text("Nothing was said about any purpose.")
    consent.get_by_text("Record what they said").click()
    consent.get_by_label("Purpose").fill("email")
    consent.get_by_label("How they said it").fill("phone call")
    consent.get_by_role("button", name="Record consent").click()
    expect(consent).to_contain_text("consented")

    for attempt in stamina.retry_context(on=AssertionError, timeout=30, attempts=None, wait_max=1):
        with attempt:
            again = order | {"messageId": f"m-{attempt.num + 1}"}
            assert send(base, key, "track", again) == 200
            braze.flush()
            user = braze.user("ada")
            assert user is not None
            assert "Order Shipped" in {one["name"] for one in user["custom_events"]}


def test_a_goal_is_held_before_it_spends_more_than_it_may(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox, key: str
) -> None:
    for number in range(PEOPLE):
        traits = {"plan": "gold"}
        assert send(base, key, "identify", {"userId": f"u-{number}", "traits": traits}) == 200
    onefold.run("connections", "goals", "add", "Braze", "export", "--map", "plan=trait:plan")

    open_page(page, "Connections")
    page.get_by_role("link", name="Braze", exact=True).click()
    page.get_by_role("tab", name="Data points").click()
    page.get_by_role("button", name="Set a budget").click()
    page.get_by_label("Data points a day").fill(str(POINTS_A_DAY))
    page.get_by_role("button", name="Save budget").click()
    expect(page.get_by_text(f"0 of {POINTS_A_DAY} data points spent")).to_be_visible()

    page.get_by_role("tab", name="Goals").click()
    page.get_by_label("Turn on export").click(force=True)
    asked = page.get_by_role("dialog", name="Turn on export?")
    expect(asked).to_contain_text(re.compile(rf"Data points.*{PEOPLE}"))
    asked.get_by_role("button", name="Turn on goal").click()

    page.get_by_role("tab", name="Data points").click()
    expect(page.get_by_text(f"{POINTS_A_DAY} of {POINTS_A_DAY} data points spent")).to_be_visible()
    left = PEOPLE - POINTS_A_DAY
    expect(page.get_by_role("heading", name=f"Waiting for room in the budget ({left})")).to_be_visible()
    braze.flush()
    assert braze.stats()["data_points"]["total"] == POINTS_A_DAY  # type: ignore[index,call-overload]

    page.get_by_role("tab", name="Goals").click()
    page.get_by_role("button", name="Stop goal export").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop goal").click()
    expect(page.get_by_role("button", name="Stop goal export")).to_be_hidden()
    page.get_by_role("tab", name="Data points").click()
    expect(page.get_by_role("heading", name=re.compile("Waiting for room"))).to_be_hidden()
