"""The test panel of a goal that makes calls: the request is shown as it is filled in, sent, and answered."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold
from tests.unit.api.test_calls import KEY, Target


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


def test_a_goal_is_tried_for_a_real_person_and_one_made_up(
    page: Page, onefold: Onefold, target: Target
) -> None:
    link = httpx.URL(onefold.link())
    base = str(link.join("/")).rstrip("/")
    key = onefold.run("sources", "create", "web")["write_key"]
    ada = {"userId": "ada", "traits": {"plan": "gold"}}
    httpx.post(f"{base}/v1/identify", json=ada, auth=(key, "")).raise_for_status()
    onefold.run(
        "connections", "create", "Shop", "--connector", "http", "--secret", f"api_key={KEY}",
        "--set", f"endpoint={target.url}", "--set", "private_addresses=true",
        "--set", 'headers={"Authorization": "Bearer {{ secrets.api_key }}"}',
    )  # fmt: skip
    onefold.run(
        "connections", "goals", "add", "Shop", "call", "--name", "Welcome", "--set", "when=event",
        "--set", 'events=["Order Completed"]', "--set", "url=/orders",
        "--set", 'body={"plan": "{{ profile.traits.plan }}", "total": {{ event.properties.total }}}',
    )  # fmt: skip
    page.goto(str(link))
    page.goto(f"{base}/connections/1")
    page.get_by_role("link", name="Try it").click()

    page.get_by_label("Find a person").fill("ada")
    page.get_by_role("button", name="ada").click()
    expect(page).to_have_url(re.compile("profile=1"))
    expect(page.get_by_role("alert")).to_contain_text("total")  # nobody gave it yet

    page.get_by_role("button", name="Add property").click()
    page.get_by_label("Name of property 1").fill("total")
    page.get_by_label("Value of property 1").fill("9.5")
    expect(page.get_by_text('"plan": "gold"')).to_be_visible()
    page.get_by_role("button", name="Add trait").click()
    page.get_by_label("Name of trait 1").fill("plan")
    page.get_by_label("Value of trait 1").fill("silver")
    expect(page.get_by_text('"plan": "silver"')).to_be_visible()
    assert target.bodies == []

    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_text("Status 202")).to_be_visible()
    expect(page.get_by_text("Delivered")).to_be_visible()
    assert target.bodies == [{"plan": "silver", "total": 9.5}]
    assert KEY not in page.content()
