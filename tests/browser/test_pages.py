"""What people do on the pages of `onefold serve`: find a person, mend what was refused, let others in."""

import re

from playwright.sync_api import Page, expect
from tests.browser.running import PASSWORD, Onefold, open_page, send, set_password


def test_a_source_is_made_and_turns_green_with_its_first_event(page: Page, base: str) -> None:
    open_page(page, "Sources")
    expect(page.get_by_role("heading", name="No source yet")).to_be_visible()
    page.get_by_label("Name of a new source").fill("my-site")
    page.get_by_role("button", name="Make a source").click()
    expect(page.get_by_role("heading", level=1, name="my-site")).to_be_visible()
    expect(page.get_by_text("Waiting for its first event")).to_be_visible()
    key = page.get_by_text(re.compile("^wk_")).first.inner_text()
    assert send(base, key, "track", {"userId": "u-1", "event": "Basket Opened"}) == 200
    expect(page.get_by_text("1 event so far")).to_be_visible()


def test_a_source_shows_what_it_refused_and_its_keys_are_changed(
    page: Page, base: str, onefold: Onefold
) -> None:
    key = onefold.run("sources", "create", "my-site")["write_key"]
    assert send(base, key, "track", {"userId": "u-1", "messageId": "m-1"}) == 400
    page.goto(f"{base}/sources/1")
    refused = page.get_by_role("region", name="Refused")
    expect(refused.get_by_role("row").nth(1)).to_contain_text(re.compile("capture\\..*1"))

    keys = page.get_by_role("region", name="Write keys")
    keys.get_by_role("button", name="Make another key").click()
    expect(keys.get_by_role("row")).to_have_count(3)
    keys.get_by_role("button", name=f"Disable {key}").click()
    expect(keys.get_by_role("button", name=f"Enable {key}")).to_be_visible()
    assert send(base, key, "track", {"userId": "u-1", "event": "Seen"}) == 401

    page.get_by_label("Events a second, at most").fill("50")
    page.get_by_label("Leave IP addresses out").check()
    page.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("50 events a second")).to_be_visible()
    source = onefold.run("sources", "show", "my-site")
    assert (source["rate_per_s"], source["drop_ip"]) == (50, True)
    refused.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("heading", level=1, name="Dead letters")).to_be_visible()
    expect(page.get_by_role("button", name="Show all, not only of my-site")).to_be_visible()


def test_a_person_is_found_and_shown(page: Page, base: str, onefold: Onefold) -> None:
    condition = '{"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}'
    onefold.run("segments", "create", "Gold", "--condition", condition)
    key = onefold.run("sources", "create", "my-site")["write_key"]
    traits = {"email": "ada@example.org", "name": "Ada Lovelace", "plan": "gold"}
    assert send(base, key, "identify", {"userId": "u-1", "anonymousId": "a-1", "traits": traits}) == 200
    assert send(base, key, "identify", {"userId": "u-2", "traits": {"name": "Bob"}}) == 200
    open_page(page, "Profiles")
    expect(page.get_by_role("link", name="Bob")).to_be_visible()
    page.get_by_label("Search by an identifier").fill("ada@")
    expect(page.get_by_role("link", name="Bob")).to_be_hidden()
    assert page.url.endswith("/profiles?search=ada%40")
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("heading", level=1, name="Ada Lovelace")).to_be_visible()
    expect(page.get_by_role("region", name="Traits")).to_contain_text("gold")
    page.get_by_role("region", name="Segments").get_by_text("Gold").first.click()
    page.get_by_role("link", name="Open Gold").click()
    expect(page.get_by_role("heading", level=1, name="Gold")).to_be_visible()
    expect(page.get_by_role("link", name="ada@example.org")).to_be_visible()


def test_what_was_refused_is_mended_and_replayed(page: Page, base: str, onefold: Onefold) -> None:
    key = onefold.run("sources", "create", "my-site")["write_key"]
    assert send(base, key, "track", {"userId": "u-1", "messageId": "m-1"}) == 400
    open_page(page, "Dead letters")
    page.get_by_role("link", name="m-1").click()
    expect(page.get_by_role("heading", level=1, name="capture.missing_field")).to_be_visible()
    box = page.get_by_label("The payload; mend it here")
    box.fill('{"type": "track", "userId": "u-1", "messageId": "m-1", "event"')
    expect(page.get_by_text("This is no JSON yet.")).to_be_visible()
    box.fill('{"type": "track", "userId": "u-1", "messageId": "m-1", "event": "Signed Up"}')
    page.get_by_role("button", name="Replay the mended one").click()
    expect(page.get_by_text("replayed by browser")).to_be_visible()


def test_others_are_let_in_and_what_they_may_is_changed(page: Page, base: str) -> None:
    assert base
    open_page(page, "Settings")
    page.get_by_label("E-mail address").fill("vera@example.org")
    page.get_by_label("Role", exact=True).select_option("viewer")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status").get_by_text(re.compile("/open/"))).to_be_visible()
    page.get_by_label("Role of vera@example.org").select_option("marketer")
    expect(page.get_by_label("Show values of people to vera@example.org")).to_be_checked()
    page.get_by_role("tab", name="Tokens").click()
    page.get_by_label("Name of a new token").fill("reports")
    page.get_by_role("button", name="Make token").click()
    expect(page.get_by_role("status").get_by_text(re.compile("^of_"))).to_be_visible()
    page.get_by_role("tab", name="Audit trail").click()
    expect(page.get_by_role("cell", name="change teammate")).to_be_visible()
    expect(page.get_by_role("cell", name="create token")).to_be_visible()


def test_who_signs_in_where_a_session_ended_sees_what_they_may(
    page: Page, base: str, onefold: Onefold
) -> None:
    key = onefold.run("sources", "create", "my-site")["write_key"]
    traits = {"email": "ada@example.org", "name": "Ada Lovelace", "age": 36}
    assert send(base, key, "identify", {"userId": "u-1", "traits": traits}) == 200
    open_page(page, "Profiles")
    page.get_by_role("link", name="Ada Lovelace").click()
    expect(page.get_by_role("heading", level=1, name="Ada Lovelace")).to_be_visible()
    invited = onefold.run("team", "invite", "vera@example.org", "--role", "viewer")
    set_password(base, invited["link"]["url"])  # type: ignore[index]

    page.context.clear_cookies()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    expect(page.get_by_text("Ada Lovelace").filter(visible=True)).to_have_count(0)
    page.get_by_label("E-mail address").fill("vera@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Person 1")).to_be_visible()
    expect(page.get_by_role("region", name="Traits")).to_contain_text(re.compile("age•••"))
    expect(page.get_by_role("navigation", name="Pages").get_by_role("link", name="Settings")).to_be_hidden()


def test_every_page_fits_a_phone_and_is_in_view_in_the_navigation(phone: Page, onefold: Onefold) -> None:
    phone.goto(onefold.link())
    onefold.run("sources", "create", "A source with a name that is longer than a phone is wide")
    links = phone.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(links).to_have_count(10)
    for link in links.all():
        link.click()
        expect(phone.get_by_role("heading", level=1, name=link.inner_text())).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        phone.reload()
        expect(link).to_be_in_viewport(ratio=1)
