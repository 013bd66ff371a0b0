"""What a marketer does with segments: build one and see whom it finds, change it, take it back."""

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold

GOLD = '{"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}'


@pytest.fixture
def base(page: Page, onefold: Onefold) -> str:
    """The address of a server with three people that the page is signed in at."""
    link = onefold.link()
    page.goto(link)
    expect(page.get_by_test_id("live")).to_have_text("live")
    address = str(httpx.URL(link).join("/")).rstrip("/")
    key = onefold.run("sources", "create", "shop")["write_key"]
    for name, plan, category in (
        ("ada", "gold", "shoes"),
        ("bob", "silver", "shoes"),
        ("cy", "gold", "hats"),
    ):
        send(address, key, "identify", {"userId": name, "traits": {"name": name.title(), "plan": plan}})
        send(address, key, "track", {"userId": name, "event": "Seen", "properties": {"category": category}})
    return address


def send(base: str, key: str, path: str, event: dict[str, object]) -> None:
    assert httpx.post(f"{base}/v1/{path}", json=event, auth=(key, "")).status_code == 200


def add(page: Page, what: str, group: int = 0) -> None:
    page.get_by_role("button", name="Add a condition").nth(group).click()
    page.get_by_role("menuitem", name=what).click()


def test_a_segment_with_a_nested_group_is_built_and_fills(page: Page, base: str) -> None:
    page.goto(f"{base}/segments")
    page.get_by_role("link", name="New segment").click()
    expect(page.get_by_role("heading", level=1, name="New segment")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Gold or shoes")
    add(page, "What they did")
    expect(page.get_by_text("Fill in what is marked to see")).to_be_visible()
    expect(page.get_by_label("Event", exact=True)).to_be_focused()
    page.get_by_label("Event", exact=True).fill("Seen")
    people = page.get_by_test_id("preview-people")
    expect(people).to_have_text("3")
    add(page, "A group of conditions")
    page.get_by_label("Event", exact=True).nth(1).fill("Seen")
    page.get_by_role("button", name="where").nth(1).click()
    page.get_by_label("Property", exact=True).fill("category")
    page.get_by_label("Value", exact=True).fill("shoes")
    expect(people).to_have_text("2")
    add(page, "A trait of theirs", group=0)
    page.get_by_label("Trait", exact=True).fill("plan")
    page.get_by_label("Value", exact=True).nth(1).fill("gold")
    expect(page.get_by_text('plan is "gold"')).to_be_visible()
    page.get_by_label("How many must hold").first.select_option("all")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", level=1, name="Gold or shoes")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="ada")).to_be_visible()


def test_the_rule_is_changed_as_code_and_both_stay_in_step(page: Page, base: str, onefold: Onefold) -> None:
    onefold.run("segments", "create", "Gold", "--condition", GOLD, "--wait")
    page.goto(f"{base}/segments/1?edit")
    expect(page.get_by_text("2 with the rule as it is kept; 0 would enter, 0 would leave")).to_be_visible()
    page.get_by_text("As code", exact=True).click()
    code = page.get_by_label("The rule as code")
    code.fill(GOLD.replace("gold", "silver")[:-1])
    expect(page.get_by_text("This is no JSON yet.")).to_be_visible()
    code.fill(GOLD.replace("gold", "silver"))
    expect(page.get_by_text("1 would enter, 2 would leave")).to_be_visible()
    page.get_by_text("As a sentence", exact=True).click()
    expect(page.get_by_label("Value", exact=True)).to_have_value("silver")


def test_a_draft_is_offered_and_a_conflict_is_shown(page: Page, base: str, onefold: Onefold) -> None:
    onefold.run("segments", "create", "Gold", "--condition", GOLD, "--wait")
    page.goto(f"{base}/segments/1?edit")
    page.get_by_label("What it is for").fill("My campaign")
    page.reload()
    page.get_by_role("button", name="Go on with the draft").click()
    expect(page.get_by_label("What it is for")).to_have_value("My campaign")
    onefold.run("segments", "update", "Gold", "--description", "Theirs")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("alert")).to_contain_text("Someone else changed this segment")
    page.get_by_role("button", name="Save mine in its place").click()
    expect(page.get_by_text("My campaign")).to_be_visible()


def test_a_deleted_segment_is_brought_back(page: Page, base: str, onefold: Onefold) -> None:
    onefold.run("segments", "create", "Gold", "--condition", GOLD, "--wait")
    page.goto(f"{base}/segments/1")
    page.get_by_role("button", name="Delete segment").click()
    expect(page.get_by_text("2 people leave it")).to_be_visible()
    page.get_by_role("button", name="Delete Gold").click()
    expect(page.get_by_text("Gold is deleted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Gold")).to_be_visible()
