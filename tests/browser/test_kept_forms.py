"""What was typed outlives the session: who signs in again goes on where they were."""

import httpx
from playwright.sync_api import Page, expect
from tests.browser.running import PASSWORD, Onefold, send, set_password


def sign_in(page: Page) -> None:
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_mended_payload_survives_the_end_of_the_session(page: Page, onefold: Onefold) -> None:
    base = str(httpx.URL(onefold.link()).join("/")).rstrip("/")
    invited = onefold.run("team", "invite", "ada@example.org", "--role", "owner")
    set_password(base, invited["link"]["url"])  # type: ignore[index]
    key = onefold.run("sources", "create", "my-site")["write_key"]
    assert send(base, key, "track", {"userId": "u-1", "messageId": "m-1"}) == 400
    page.goto(f"{base}/dead-letters/capture-1")
    sign_in(page)
    box = page.get_by_label("The payload; mend it here")
    mended = '{"type": "track", "userId": "u-1", "messageId": "m-1", "event": "Signed Up"}'
    box.fill(mended)

    page.context.clear_cookies()
    page.get_by_role("button", name="Replay the mended one").click()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    expect(box).to_be_hidden()
    sign_in(page)
    expect(box).to_have_value(mended)
    page.get_by_role("button", name="Replay the mended one").click()
    expect(page.get_by_text("replayed by")).to_be_visible()
