"""What identifies people is set on a page: what is wrong stands at its field, whom it reaches in the way."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import new_page
from tests.browser.running import PASSWORD, Onefold, send, set_password


@pytest.fixture(scope="module")
def onefold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Onefold]:
    server = Onefold(tmp_path_factory.mktemp("identity") / "data")
    base = server.link().split("/open/")[0]
    key = server.run("sources", "create", "my-site")["write_key"]
    assert send(base, key, "track", {"userId": "demo", "event": "Seen"}) == 200
    yield server
    server.stop()


def open_identity(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Settings").click()
    page.get_by_role("tab", name="Identity").click()


def test_rules_are_set_once_they_can_be_used_and_their_reach_is_read(page: Page, onefold: Onefold) -> None:
    open_identity(page, onefold.link())
    country = page.get_by_label("Country of phone numbers")
    save = page.get_by_role("button", name="Save rules")
    expect(save).to_be_disabled()
    country.fill("UK")
    page.get_by_role("button", name="Add row").click()
    page.get_by_label("Traits that identify: trait 1").press_sequentially("loyalty_number")
    page.get_by_label("Traits that identify: kind 1").fill("loyalty")
    page.get_by_label("Values that never identify").fill("demo\nwalk-in")
    page.reload()
    expect(country).to_have_value("UK")
    save.click()
    expect(page.get_by_text("Write GB.")).to_be_visible()
    expect(country).to_have_attribute("aria-invalid", "true")
    country.fill("GB")
    expect(page.get_by_text("United Kingdom. Set here.")).to_be_visible()
    save.click()
    dialog = page.get_by_role("dialog", name="Save the rules of identity?")
    expect(dialog).to_contain_text("1 person holds a value that events will not bring any more.")
    dialog.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("The last change came")).to_be_visible()
    expect(page.get_by_role("button", name="Drop changes")).to_have_count(0)
    assert onefold.run("identity", "show")["choice"] == {
        "phone_region": "GB",
        "trait_identifiers": {"loyalty_number": "loyalty"},
        "blocked_values": ["demo", "walk-in"],
    }


def test_a_rule_is_given_back_and_what_was_typed_is_dropped(page: Page, onefold: Onefold) -> None:
    onefold.run("identity", "set", "--phone-region", "GB", "--currency", "EUR")
    open_identity(page, onefold.link())
    currency = page.get_by_label("Currency")
    expect(currency).to_have_value("EUR")
    currency.fill("CHF")
    page.get_by_role("button", name="Drop changes").click()
    expect(currency).to_have_value("EUR")
    page.get_by_role("button", name="Use what the server says").nth(1).click()
    expect(currency).to_have_value("USD")
    onefold.run("identity", "set", "--currency", "JPY")
    page.get_by_role("button", name="Save rules").click()
    dialog = page.get_by_role("dialog", name="Save the rules of identity?")
    dialog.get_by_role("button", name="Save rules").click()
    expect(dialog).to_contain_text("changed by someone else meanwhile")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Drop changes").click()
    expect(currency).to_have_value("JPY")


def test_an_engineer_finds_it_without_what_administrators_do(browser: Browser, onefold: Onefold) -> None:
    base = onefold.link().split("/open/")[0]
    invited = onefold.run("team", "invite", "eve@example.org", "--role", "engineer")
    set_password(base, invited["link"]["url"])  # type: ignore[index]
    with new_page(browser) as page:
        page.goto(base)
        page.get_by_label("E-mail address").fill("eve@example.org")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("navigation", name="Pages").get_by_role("link", name="Settings").click()
        expect(page.get_by_role("tab", name="Identity")).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tab")).to_have_text(["Identity", "Retention", "About"])
        expect(page.get_by_role("button", name="Save rules")).to_be_visible()
