"""What a user sees and does on the overview, in a real browser."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Page, expect

STEP_TIMEOUT_MS = 20_000


def load_stand_in() -> ModuleType:
    """The script beside this file; test folders are no packages, so it is loaded by its path."""
    import sys

    name = "onefold_browser_stand_in"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("stand_in.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


stand_in = load_stand_in()


def live(page: Page):
    return page.get_by_test_id("live")


def test_the_pipeline_shows_rates_that_move(page, serve) -> None:
    page.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url)
    expect(live(page)).to_have_text("live")
    rate = page.get_by_test_id("step-captured").get_by_test_id("rate")
    expect(rate).to_have_text(re.compile(r"^1,\d{3}/s$"))
    first = rate.inner_text()
    expect(rate).not_to_have_text(first)
    expect(page.get_by_test_id("latency")).to_contain_text("p50 180 ms")
    expect(page.get_by_test_id("people")).to_have_text("214,880")
    expect(page.get_by_role("img", name=re.compile("Rates of the last 5 min"))).to_be_visible()


def test_the_numbers_of_the_pipeline_add_up(page, serve) -> None:
    scene = stand_in.busy_shop()
    scene.per_second, scene.captured = 0.0, 5_000.0
    page.goto(serve(stand_in.stand_in_app(scene)).url)
    expect(page.get_by_test_id("step-captured")).to_contain_text("5,000 in all")
    expect(page.get_by_test_id("step-accepted")).to_contain_text("4,966 in all")
    expect(page.get_by_test_id("step-accepted")).to_contain_text("14 rejected")
    expect(page.get_by_test_id("step-accepted")).to_contain_text("20 filtered")


def test_a_rejected_number_opens_its_reasons(page, serve) -> None:
    page.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url)
    page.get_by_role("button", name="14 rejected").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name="capture.invalid_json 10")).to_be_visible()
    expect(page.get_by_text("onefold dead-letters list")).to_be_visible()
    expect(page.get_by_role("link", name="capture.invalid_json")).to_have_attribute(
        "href", "/dead-letters?code=capture.invalid_json"
    )
    page.keyboard.press("Escape")
    expect(page.get_by_text("onefold dead-letters list")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "path"),
    [("VIP shoppers", "/segments/1"), ("Braze EU", "/connections/1"), ("214,880", "/profiles")],
)
def test_what_is_counted_opens_its_page(page, serve, name: str, path: str) -> None:
    page.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url)
    expect(page.get_by_role("link", name=name)).to_have_attribute("href", path)


def test_what_needs_attention_comes_worst_first(page, serve) -> None:
    page.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url)
    rows = page.get_by_role("region", name="Needs attention (2)").get_by_role("listitem")
    expect(rows).to_have_text([re.compile("^Error"), re.compile("^Warning")])


def test_a_pause_holds_the_numbers_and_counts_what_comes_meanwhile(page, serve) -> None:
    page.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url)
    expect(live(page)).to_have_text("live")
    page.get_by_role("button", name="Pause live numbers").click()
    expect(live(page)).to_have_text("paused")
    held = page.get_by_test_id("step-captured").inner_text()
    expect(page.get_by_text(re.compile(r"[1-9][\d,.k]* events captured meanwhile"))).to_be_visible()
    assert page.get_by_test_id("step-captured").inner_text() == held
    page.get_by_role("button", name="Resume live numbers").click()
    expect(live(page)).to_have_text("live")
    expect(page.get_by_test_id("step-captured")).not_to_have_text(held)


def test_a_new_workspace_is_taught_and_moves_with_the_first_event(page, serve) -> None:
    scene = stand_in.first_day()
    page.goto(serve(stand_in.stand_in_app(scene)).url)
    expect(page.get_by_role("heading", name="Nothing has been captured yet")).to_be_visible()
    expect(page.get_by_text("onefold sources create my-site")).to_be_visible()
    scene.per_second = 5.0
    expect(page.get_by_role("heading", name="Nothing has been captured yet")).to_be_hidden()
    expect(page.get_by_role("img", name=re.compile("Rates of the last"))).to_be_visible()


def test_a_lost_server_is_said_and_found_again(page, serve) -> None:
    scene = stand_in.busy_shop()
    first = serve(stand_in.stand_in_app(scene))
    page.goto(first.url)
    expect(live(page)).to_have_text("live")
    first.stop()
    expect(live(page)).to_have_text("reconnecting")
    expect(page.get_by_text("what you see may be from then")).to_be_visible()
    expect(page.get_by_test_id("people")).to_have_text("214,880")
    serve(stand_in.stand_in_app(scene), first.port)
    expect(live(page)).to_have_text("live")
    expect(page.get_by_text("what you see may be from then")).to_be_hidden()


def test_a_silent_stream_is_not_taken_for_a_live_one(page, serve) -> None:
    scene = stand_in.busy_shop()
    page.goto(serve(stand_in.stand_in_app(scene)).url)
    expect(live(page)).to_have_text("live")
    scene.silent = True
    expect(live(page)).to_have_text("reconnecting")
    scene.silent = False
    expect(live(page)).to_have_text("live")


def test_without_a_session_the_page_says_how_to_open_it(page, serve) -> None:
    scene = stand_in.busy_shop()
    scene.signed_in = False
    page.goto(serve(stand_in.stand_in_app(scene)).url)
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    expect(page.get_by_text("onefold open")).to_be_visible()
    scene.signed_in = True
    page.get_by_label("E-mail address").fill("fern@example.org")
    page.get_by_label("Password", exact=True).fill("anything that it takes")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(live(page)).to_have_text("live")


def test_a_server_that_never_answered_is_said(page, serve) -> None:
    page.route("**/api/**", lambda route: route.abort())
    page.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url)
    expect(page.get_by_role("heading", name="Onefold does not answer")).to_be_visible()
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try now").click()
    expect(live(page)).to_have_text("live")


def test_the_theme_follows_the_system_until_the_user_chooses(phone, serve) -> None:
    phone.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url)
    html = phone.locator("html")
    expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
    phone.get_by_role("button", name="Theme follows the system. Change").click()
    expect(html).to_have_attribute("data-mantine-color-scheme", "light")
    phone.reload()
    expect(phone.get_by_role("button", name="Theme is light. Change")).to_be_visible()
    expect(html).to_have_attribute("data-mantine-color-scheme", "light")


def test_nothing_is_wider_than_a_phone(phone, serve) -> None:
    phone.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url)
    expect(live(phone)).to_have_text("live")
    expect(phone.get_by_role("row", name=re.compile("Braze US"))).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("path", ["/", "/no/such/page"])
def test_the_browser_has_nothing_to_complain_about(page, serve, path: str) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None
    )
    page.goto(serve(stand_in.stand_in_app(stand_in.busy_shop())).url.rstrip("/") + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if path == "/":
        expect(live(page)).to_have_text("live")
    assert complaints == []
