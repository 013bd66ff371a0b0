"""The goal editor on `onefold serve` and a local Braze: out by a mapping, in by strategies, in an order."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stamina
from playwright.sync_api import Locator, Page, expect
from tests.browser.running import Onefold

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

ADA = {"email": "ada@example.org", "name": "Ada Lovelace", "plan": "gold", "points": 10}


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0, segment_export_delay_ms=50) as sandbox:
        yield sandbox


@pytest.fixture
def base(page: Page, onefold: Onefold, braze: BrazeSandbox) -> str:
    """The server that the page is signed in at: it knows Ada, and has one connection."""
    link = httpx.URL(onefold.link())
    key = onefold.run("sources", "create", "my-site")["write_key"]
    event = {"userId": "ada", "traits": ADA}
    httpx.post(str(link.join("/v1/identify")), json=event, auth=(key, "")).raise_for_status()
    settings = ["--set", f"endpoint={braze.url}", "--secret", f"api_key={DEFAULT_KEY}"]
    onefold.run("connections", "create", "Braze", "--connector", "braze", *settings)
    page.goto(str(link))
    expect(page.get_by_test_id("people")).to_have_text("1")
    return str(link.join("/")).rstrip("/")


def add_goal(page: Page, base: str, kind: str) -> None:
    page.goto(f"{base}/connections/1")
    page.get_by_role("link", name="Add goal").click()
    page.get_by_role("link", name=kind).click()
    expect(page.get_by_role("heading", level=1, name=f"New goal: {kind}")).to_be_visible()


def save(page: Page, name: str) -> None:
    page.get_by_role("button", name="Save goal").click()
    expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()


def the_user(braze: BrazeSandbox, user_id: str) -> Any:
    for attempt in stamina.retry_context(on=AssertionError, timeout=20, attempts=None, wait_max=0.5):
        with attempt:
            user = braze.user(user_id)
            assert user is not None
    return user


def test_a_mapping_is_previewed_for_a_real_person_and_sent(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox
) -> None:
    add_goal(page, base, "Keep profiles up to date")
    preview = page.get_by_role("complementary", name="Preview")
    expect(preview.get_by_text("There is a preview once this is right")).to_be_visible()
    page.get_by_role("button", name="Save goal").click()
    expect(page.get_by_label("Field, row 1", exact=True)).to_have_attribute("aria-invalid", "true")

    page.get_by_label("Trait, row 1", exact=True).fill("plan")
    expect(page.get_by_label("Field, row 1", exact=True)).to_have_value("plan")
    page.get_by_role("button", name="Add field").click()
    page.get_by_label("Kind of value, row 2").select_option("identifier")
    page.get_by_label("Kind of identifier, row 2").fill("email")
    expect(page.get_by_text("gold new")).to_be_visible()
    expect(page.get_by_text("ada@example.org new")).to_be_visible()
    expect(preview.get_by_role("link", name="Ada Lovelace")).to_be_visible()
    expect(preview.get_by_text('"plan": "gold"')).to_be_visible()
    page.get_by_role("button", name="Move row 2 up").click()
    expect(page.get_by_role("button", name="Move row 1 down")).to_be_focused()
    expect(page.get_by_label("Field, row 1", exact=True)).to_have_value("email")

    page.reload()
    expect(page.get_by_text("This goal is not saved yet.")).to_be_visible()
    expect(page.get_by_label("Field, row 2", exact=True)).to_have_value("plan")
    save(page, "Keep profiles up to date")
    goal = kept_goal(onefold)
    assert (goal["enabled"], [row["field"] for row in goal["mappings"]]) == (False, ["email", "plan"])

    page.get_by_label("Turn on Keep profiles up to date").click(force=True)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1, 1 of them with something to send")).to_be_visible()
    dialog.get_by_role("button", name="Turn on goal").click()
    expect(page.get_by_label("Turn off Keep profiles up to date")).to_be_checked()
    user = the_user(braze, "ada")
    assert user["custom_attributes"] == {"plan": "gold"}
    runs = page.get_by_role("region", name="Runs")
    expect(runs.get_by_role("link", name=re.compile("Keep profiles up to date")).first).to_be_visible()
    expect(page.get_by_text("gold same as sent")).to_be_visible()


def test_a_kept_goal_is_changed_and_what_others_changed_is_not_overwritten(
    page: Page, base: str, onefold: Onefold
) -> None:
    onefold.run("connections", "goals", "add", "Braze", "export", "--map", "plan=trait:plan")
    page.goto(f"{base}/connections/1/goals/1#fields")
    expect(page.get_by_text("gold new")).to_be_visible()
    page.get_by_label("Field, row 1", exact=True).fill("tier")
    expect(page.get_by_text("Your changes are not saved yet.")).to_be_visible()
    expect(page.get_by_role("complementary").get_by_text('"tier": "gold"')).to_be_visible()
    onefold.run("connections", "goals", "update", "Braze", "1", "--name", "People")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert").get_by_text(re.compile("changed"))).to_be_visible()
    page.get_by_role("button", name="Drop changes").click()
    page.get_by_label("Field, row 1", exact=True).fill("tier")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Your changes are not saved yet.")).to_be_hidden()
    goal = kept_goal(onefold)
    assert (goal["name"], [row["field"] for row in goal["mappings"]]) == ("People", ["tier"])


def test_people_are_brought_in_by_two_strategies(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox
) -> None:
    braze.track(
        attributes=[
            {"external_id": "ada", "plan": "pro", "points": 5},
            {"external_id": "bob", "plan": "free", "points": 2},
        ]
    )
    braze.flush()
    braze.add_segment("Loyalty")
    add_goal(page, base, "Bring people in")
    page.get_by_label("Search Braze segment").fill("loy")
    page.get_by_role("radio", name="Loyalty").check()
    page.get_by_label("Field there, identifier 1").fill("external_id")
    page.get_by_label("Our identifier, identifier 1").fill("user_id")
    page.get_by_label("Allow creation").check(force=True)
    for place, (field, strategy) in enumerate((("plan", "set"), ("points", "sum")), 1):
        page.get_by_role("button", name="Add field").click()
        page.get_by_label(f"Field there, row {place}").fill(field)
        page.get_by_label(f"Strategy, row {place}").select_option(strategy)
    save(page, "Bring people in")

    page.get_by_role("button", name="Preview import").click()
    found = page.get_by_role("region", name="Preview of the import")
    expect(found.get_by_text("All 2 rows")).to_be_visible()
    found.get_by_text("ada: 2 changes").click()
    expect(found.get_by_text(re.compile("points: 10 → 15"))).to_be_visible()
    assert points_of(onefold) == 10, "a preview changes nothing"

    page.get_by_role("button", name="Import now").click()
    runs = page.get_by_role("region", name="Runs")
    expect(runs.get_by_text("Succeeded").first).to_be_visible()
    for attempt in stamina.retry_context(on=AssertionError, timeout=20, attempts=None, wait_max=0.5):
        with attempt:
            assert points_of(onefold) == 15


def test_goals_are_put_in_order_stopped_and_deleted(page: Page, base: str, onefold: Onefold) -> None:
    onefold.run("connections", "goals", "add", "Braze", "export", "--map", "plan=trait:plan")
    for kind in ("events", "deletions"):
        onefold.run("connections", "goals", "add", "Braze", kind)
    page.goto(f"{base}/connections/1")
    titles = page.locator("h3")
    expect(titles).to_have_text(["export", "events", "deletions"])
    page.get_by_role("button", name="Move deletions up").click()
    expect(titles).to_have_text(["export", "deletions", "events"])
    expect(page.get_by_role("button", name="Move deletions up")).to_be_focused()
    expect(page.get_by_text("deletions is in another place.")).to_be_visible()
    drag(titles.nth(2), titles.nth(0))
    expect(titles).to_have_text(["events", "export", "deletions"])
    # Said once the server has it: a page that is left takes what it did not send yet with it.
    expect(page.get_by_text("events is in another place.")).to_be_visible()
    page.reload()
    expect(titles).to_have_text(["events", "export", "deletions"])

    page.get_by_role("button", name="Stop goal export").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile("0 items that wait are dropped"))).to_be_visible()
    dialog.get_by_role("button", name="Stop goal").click()
    expect(page.get_by_role("button", name="Stop goal export")).to_be_hidden()
    page.get_by_role("button", name="Delete goal events").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete goal").click()
    expect(titles).to_have_text(["export", "deletions"])


def test_a_schedule_tells_its_next_runs(page: Page, base: str) -> None:
    add_goal(page, base, "Keep profiles up to date")
    page.get_by_label("It runs").select_option("weekdays")
    page.get_by_label("Thursday").check()
    page.get_by_label("Time zone").fill("Europe/Paris")
    following = page.get_by_role("region", name="Next runs")
    expect(following.get_by_text(re.compile("Monday and Thursday|monday.*thursday", re.I))).to_be_visible()
    expect(following.get_by_role("listitem")).to_have_count(5)
    page.get_by_label("Time zone").fill("Europe/Nowhere")
    expect(page.get_by_text(re.compile("There is no time zone")).first).to_be_visible()


def drag(item: Locator, onto: Locator) -> None:
    """By its handle, as with a mouse."""
    grip = item.locator("xpath=ancestor::li").locator("[data-grip]")
    grip.drag_to(onto)


def kept_goal(onefold: Onefold) -> Any:
    """The only one of the connection."""
    connection: Any = onefold.run("connections", "show", "Braze")
    (goal,) = connection["goals"]
    return goal


def points_of(onefold: Onefold) -> Any:
    profile: Any = onefold.run("profiles", "show", "user_id", "ada")
    return profile["traits"]["points"]
