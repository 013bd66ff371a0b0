"""The overview on `onefold serve` itself: signed out, opened by a one-time link, moved by one event."""

import re
import time

import httpx
from playwright.sync_api import Page, expect
from tests.browser.running import PASSWORD, START_TIMEOUT_S, Onefold

from onefold.model.second_factor import code_at


def test_the_page_opens_by_a_link_and_moves_with_the_first_event(page: Page, onefold: Onefold) -> None:
    link = httpx.URL(onefold.link())
    page.goto(str(link.join("/")))
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()

    page.goto(str(link))
    expect(page.get_by_test_id("live")).to_have_text("live")
    expect(page.get_by_role("heading", name="Nothing has been captured yet")).to_be_visible()

    key = onefold.run("sources", "create", "my-site")["write_key"]
    event = {"type": "track", "event": "Basket Opened", "userId": "u-1"}
    answer = httpx.post(str(link.join("/v1/track")), json=event, auth=(key, ""))
    assert answer.status_code == 200, answer.text
    for step in ("captured", "accepted", "unified"):
        expect(page.get_by_test_id(f"step-{step}")).to_contain_text("1 in all")
    expect(page.get_by_test_id("people")).to_have_text("1")
    expect(page.get_by_role("img", name=re.compile("Rates of the last"))).to_be_visible()


def test_a_stop_is_not_held_up_by_an_open_page(page: Page, onefold: Onefold) -> None:
    page.goto(onefold.link())
    expect(page.get_by_test_id("live")).to_have_text("live")
    onefold.process.terminate()
    assert onefold.process.wait(START_TIMEOUT_S) == 0
    expect(page.get_by_test_id("live")).to_have_text("reconnecting")


def test_an_invited_sets_a_password_signs_out_and_in(page: Page, onefold: Onefold) -> None:
    onefold.link()
    invited = onefold.run("team", "invite", "ada@example.org", "--role", "owner")
    link: str = invited["link"]["url"]  # type: ignore[index]
    page.goto(link)
    expect(page.get_by_role("heading", name="Welcome to Onefold")).to_be_visible()
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("Password", exact=True).fill("ada@example.org")
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_role("status")).to_contain_text("That password is guessed at once.")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()
    expect(page.get_by_test_id("live")).to_have_text("live")

    page.get_by_role("button", name="Signed in as Ada Lovelace").click()
    page.get_by_role("menuitem", name="Your account").click()
    page.get_by_role("button", name="Turn on a second factor").click()
    expect(page.get_by_role("img", name="Code to scan")).to_be_visible()
    secret = page.get_by_role("figure", name="The secret").locator("pre").inner_text()
    page.get_by_label("Code", exact=True).fill(code_at(secret, time.time_ns() // 1000))
    page.get_by_role("button", name="Turn it on").click()
    recovery = page.get_by_role("figure", name="Recovery codes").locator("pre").inner_text().split()
    assert len(recovery) == 10

    page.get_by_role("button", name="Signed in as Ada Lovelace").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill("something else here")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("do not belong together")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code of your authenticator, or a recovery code").fill(recovery[0])
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_test_id("live")).to_have_text("live")

    page.goto(link)
    expect(page.get_by_role("heading", name="This link is no good any more")).to_be_visible()
