"""After an edit the way back is at the foot of the page; the audit trail has it for longer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold

RULE = "trait plan exists"


@pytest.fixture(scope="module")
def onefold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Onefold]:
    """One server for all of them."""
    server = Onefold(tmp_path_factory.mktemp("undo") / "data")
    yield server
    server.stop()


def test_an_edit_is_undone_and_done_again(page: Page, base: str, onefold: Onefold) -> None:
    source = onefold.run("sources", "create", "shop")["id"]
    page.goto(f"{base}/sources/{source}")
    page.get_by_label("Name").fill("web")
    page.get_by_label("Leave known bots out").check()
    page.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("The rules are saved.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("It is as it was.")).to_be_visible()
    expect(page.get_by_role("heading", level=1, name="shop")).to_be_visible()
    expect(page.get_by_label("Leave known bots out")).not_to_be_checked()
    page.get_by_role("heading", level=1, name="shop").click()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("heading", level=1, name="web")).to_be_visible()
    assert onefold.run("sources", "show", str(source))["drop_bots"] is True


def test_what_somebody_changed_since_is_shown_instead_of_overwritten(
    page: Page, base: str, onefold: Onefold
) -> None:
    segment = onefold.run("segments", "create", "Gold", "--condition", RULE)["id"]
    page.goto(f"{base}/segments/{segment}?edit")
    page.get_by_label("Name").fill("Silver")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text("Silver is saved.")).to_be_visible()
    onefold.run("segments", "update", "Silver", "--name", "Bronze")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("alert")).to_contain_text("It was changed again since: name.")
    expect(page.get_by_role("heading", level=1, name="Bronze")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_the_trail_says_what_an_undo_would_do_and_does_it(page: Page, base: str, onefold: Onefold) -> None:
    segment = onefold.run("segments", "create", "Iron", "--condition", RULE)["id"]
    onefold.run("segments", "update", "Iron", "--name", "Lead", "--description", "x" * 200)
    page.goto(f"{base}/settings?tab=audit")
    row = page.get_by_role("row").filter(has_text=f"/segments/{segment}")
    expect(row).to_contain_text("name: Iron → Lead")
    row.get_by_role("button", name="Undo entry").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("name: Lead → Iron")
    dialog.get_by_role("button", name="Undo change").click()
    expect(page.get_by_text("It is as it was.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="name: Lead → Iron")).to_be_visible()
    row.filter(has_text="name: Iron → Lead").get_by_role("button", name="Undo entry").click()
    expect(dialog).to_contain_text("It was changed again since")
    dialog.get_by_role("button", name="Close").last.click()
    page.get_by_role("link", name=f"/segments/{segment}").first.click()
    expect(page.get_by_role("heading", level=1, name="Iron")).to_be_visible()
