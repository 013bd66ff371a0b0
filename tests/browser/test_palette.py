"""Keys everywhere: find anything by its name, open a page by two letters."""

import httpx
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold, send


def test_everything_is_found_by_its_name_and_keys_alone(page: Page, onefold: Onefold) -> None:
    link = onefold.link()
    page.goto(link)
    base = str(httpx.URL(link).join("/")).rstrip("/")
    key = onefold.run("sources", "create", "Mug shop")["write_key"]
    traits = {"email": "ada@example.org", "name": "Ada Lovelace"}
    assert send(base, key, "identify", {"userId": "u-1", "traits": traits}) == 200
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()

    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Find a page, a person, a segment, a connection")
    expect(box).to_be_focused()
    page.keyboard.type("mug")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Mug shop")).to_be_visible()

    page.keyboard.press("Control+k")
    page.keyboard.type("ada@")
    expect(
        page.get_by_role("listbox", name="Found").get_by_role("option", name="Ada Lovelace")
    ).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Ada Lovelace")).to_be_visible()

    page.get_by_role("button", name="Find anything").click()
    page.keyboard.type("letters")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option").first).to_contain_text(
        "Dead letters"
    )
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()

    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", level=1, name="Runs")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Open Runs")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")

    # A letter that is typed is a letter.
    page.goto(f"{base}/profiles")
    search = page.get_by_label("Search by an identifier")
    search.fill("")
    search.press_sequentially("gr?")
    expect(search).to_have_value("gr?")
    expect(page.get_by_role("heading", level=1, name="Profiles")).to_be_visible()
