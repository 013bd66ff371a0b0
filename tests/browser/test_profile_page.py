"""The page of a person: what became known of them, why they are one, what they allow, and erasing them."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold, open_page, send


@pytest.fixture
def base(page: Page, onefold: Onefold) -> str:
    """A server that the page is signed in at; it knows Ada, of two devices, and Bob."""
    link = onefold.link()
    page.goto(link)
    base = str(httpx.URL(link).join("/")).rstrip("/")
    condition = '{"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}'
    onefold.run("segments", "create", "Gold", "--condition", condition)
    key = onefold.run("sources", "create", "my-site")["write_key"]
    traits = {"email": "ada@example.org", "name": "Ada Lovelace", "plan": "gold"}
    assert send(base, key, "identify", {"userId": "ada", "anonymousId": "a-1", "traits": traits}) == 200
    assert send(base, key, "page", {"anonymousId": "a-2", "name": "Basket"}) == 200
    assert send(base, key, "identify", {"userId": "ada", "anonymousId": "a-2"}) == 200
    order = {"userId": "ada", "event": "Order Completed", "properties": {"revenue": 20, "currency": "EUR"}}
    assert send(base, key, "track", order) == 200
    assert send(base, key, "identify", {"userId": "bob", "traits": {"name": "Bob"}}) == 200
    return base


@pytest.fixture
def ada(page: Page, base: str, onefold: Onefold) -> Page:
    profile = onefold.run("profiles", "show", "user_id", "ada")
    page.goto(f"{base}/profiles/{profile['id']}")
    expect(page.get_by_role("heading", level=1, name="Ada Lovelace")).to_be_visible()
    return page


def test_the_timeline_tells_newest_first_and_is_filtered(ada: Page) -> None:
    timeline = ada.get_by_role("region", name="Timeline")
    entries = timeline.get_by_role("listitem")
    expect(entries.first).to_contain_text("Order Completed")
    expect(timeline).to_contain_text("Looked at a page: Basket")
    expect(timeline).to_contain_text("Entered Gold")
    entries.first.get_by_text("Order Completed").first.click()
    expect(timeline.get_by_role("figure", name="As it stands in the log")).to_contain_text("revenue")
    timeline.get_by_role("button", name="Segments").click()
    expect(entries).to_have_count(1)
    assert ada.url.endswith("?kind=membership")
    expect(timeline).to_contain_text("That is all.")
    ada.reload()
    expect(entries).to_have_count(1)


def test_identifiers_open_to_their_evidence_and_merges_are_told(ada: Page) -> None:
    identifiers = ada.get_by_role("region", name="Identifiers")
    identifiers.get_by_text("a-2").first.click()
    expect(identifiers).to_contain_text("Became one with person")
    ada.get_by_role("tab", name="Identity").click()
    graph = ada.get_by_role("region", name="Identity graph")
    expect(graph.get_by_role("button")).to_have_count(4)
    table = ada.get_by_role("region", name="Evidence").get_by_role("row")
    everything = table.count()
    graph.get_by_role("button", name=re.compile("a-2$")).focus()
    ada.keyboard.press("Enter")
    expect(table).to_have_count(2)
    assert everything > 2
    expect(ada.get_by_role("region", name="Merges so far")).to_contain_text("named")


def test_consent_is_recorded_with_its_evidence(ada: Page) -> None:
    consent = ada.get_by_role("region", name="Consent")
    consent.get_by_text("Record what they said").click()
    consent.get_by_label("Purpose").fill("email")
    consent.get_by_label("They", exact=True).select_option("refused")
    consent.get_by_label("How they said it").fill("phone call")
    consent.get_by_role("button", name="Record consent").click()
    expect(consent.get_by_role("listitem")).to_contain_text("refused")
    consent.get_by_role("listitem").get_by_text("email").click()
    expect(consent.get_by_role("listitem")).to_contain_text("by phone call")


def test_a_person_is_erased_once_the_reach_was_seen_and_the_name_typed(ada: Page) -> None:
    ada.get_by_role("button", name="Erase person").click()
    dialog = ada.get_by_role("dialog", name="Erase Ada Lovelace?")
    expect(dialog).to_contain_text("4 identifiers")
    sure = dialog.get_by_role("button", name="Erase for good")
    expect(sure).to_be_disabled()
    ada.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    ada.get_by_role("button", name="Erase person").click()
    dialog.get_by_label("Type Ada Lovelace to confirm").fill("Ada Lovelace")
    sure.click()
    expect(ada.get_by_text("Succeeded").first).to_be_visible()
    open_page(ada, "Profiles")
    expect(ada.get_by_role("link", name="Bob")).to_be_visible()
    expect(ada.get_by_role("link", name="Ada Lovelace")).to_be_hidden()


def test_people_are_filtered_by_segment_and_the_filter_is_kept_as_a_view(page: Page, base: str) -> None:
    assert base
    open_page(page, "Profiles")
    expect(page.get_by_role("link", name="Bob")).to_be_visible()
    page.get_by_label("Segment", exact=True).select_option("Gold")
    expect(page.get_by_role("link", name="Bob")).to_be_hidden()
    expect(page.get_by_role("link", name="Ada Lovelace")).to_be_visible()
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Name of the view").fill("Best customers")
    page.get_by_role("button", name="Save view").click()
    page.get_by_label("Segment", exact=True).select_option("Everyone")
    expect(page.get_by_role("link", name="Bob")).to_be_visible()
    page.get_by_role("button", name="View: Best customers").click()
    page.get_by_role("link", name="Best customers").click()
    expect(page.get_by_role("link", name="Bob")).to_be_hidden()
    assert re.search(r"\?segment=\d+&view=\d+$", page.url)
