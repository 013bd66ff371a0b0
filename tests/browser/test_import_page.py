"""Importing a file from the pages: its columns suggested, looked at, changed, run, and its bad rows found."""

from pathlib import Path

import httpx
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold

PEOPLE = (
    "id,E-Mail,age,plan\n1,ada@example.org,36,gold\n2,bob@example.org,41,silver\n3,cy@example.org,old,gold\n"
)


def test_a_file_is_imported_as_its_columns_are_said_to_be(
    page: Page, onefold: Onefold, tmp_path: Path
) -> None:
    link = httpx.URL(onefold.link())
    base = str(link.join("/")).rstrip("/")
    page.goto(str(link))
    page.goto(f"{base}/imports")
    (tmp_path / "people.csv").write_text(PEOPLE)
    page.get_by_label("File to import").set_input_files(tmp_path / "people.csv")

    expect(page.get_by_role("heading", name="people.csv")).to_be_visible()
    expect(page.get_by_label("What E-Mail is", exact=True)).to_have_value("identifier")
    expect(page.get_by_label("What E-Mail is called")).to_have_value("email")
    expect(page.get_by_text("3 events would be taken in, none refused.")).to_be_visible()

    page.get_by_label("Type of age").select_option("number")
    expect(page.get_by_text("2 events would be taken in, 1 would be refused")).to_be_visible()
    page.get_by_label("What plan is called").fill("tier")
    page.get_by_label("Source").fill("crm")
    expect(page.get_by_text('{"age":36,"tier":"gold"}')).to_be_visible()

    page.get_by_role("button", name="Import file").click()
    expect(page.get_by_role("heading", name="Imported")).to_be_visible()
    expect(page.get_by_text("Imported 2 events of 3 rows")).to_be_visible()
    page.get_by_role("link", name="1 dead letter").click()
    expect(page.get_by_role("row", name="line 4 acquire.bad_number")).to_be_visible()

    page.goto(f"{base}/imports")
    expect(page.get_by_role("row", name="people.csv")).to_contain_text("crm")
    people = onefold.run("profiles", "list", "--search", "ada@")["items"]
    assert people[0]["traits"] == {"age": 36, "tier": "gold"}  # type: ignore[index]


def test_a_file_of_no_known_format_says_what_to_do(page: Page, onefold: Onefold, tmp_path: Path) -> None:
    link = httpx.URL(onefold.link())
    page.goto(str(link))
    page.goto(str(link.join("/imports")))
    (tmp_path / "people.xlsx").write_bytes(b"PK")
    page.get_by_label("File to import").set_input_files(tmp_path / "people.xlsx")
    expect(page.get_by_role("alert")).to_contain_text("Name it .csv, .jsonl or .parquet")
