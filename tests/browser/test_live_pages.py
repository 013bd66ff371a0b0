"""One stream tells every page what moved: changes of others show by themselves, nothing is asked in vain."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, Request, expect
from tests.browser.running import Onefold, open_page

STREAM = "/api/v1/flow/stream"
OF_THE_STREAM = ("/api/v1/flow", STREAM, "/api/v1/flow/history")
"""What opening it asks, for a machine that is so slow that it falls silent has it opened again; and the
minutes before, of which there is one more whenever one has ended.
"""
# What the tests know of the streams of a page: how many are open, and how often one of them spoke.
WATCH = """(() => {
    window.streams = {open: 0, beats: 0};
    window.EventSource = class extends EventSource {
        constructor(...given) {
            super(...given);
            window.streams.open += 1;
            this.addEventListener('message', () => { window.streams.beats += 1; });
        }
        close() {
            if (this.readyState !== EventSource.CLOSED) window.streams.open -= 1;
            super.close();
        }
    };
})()"""
HIDE = """(state) => {
    Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


class Colleague:
    """Somebody else at the same server."""

    def __init__(self, server: Onefold) -> None:
        self.link = server.link
        self.base = str(httpx.URL(server.link()).join("/")).rstrip("/")
        token = server.run("tokens", "create", "colleague")["token"]
        bearer = {"authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=f"{self.base}/api/v1", headers=bearer, timeout=60)

    def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        answer = self.http.request(method, path, json=body)
        answer.raise_for_status()
        found: dict[str, object] = answer.json()
        return found


@pytest.fixture(scope="module")
def colleague(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Colleague]:
    server = Onefold(tmp_path_factory.mktemp("live") / "data")
    found = Colleague(server)
    condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
    found.ask("POST", "/segments", {"name": "Gold", "condition": condition})
    settings = {"endpoint": "http://127.0.0.1:1"}
    made = {"name": "Braze EU", "connector": "braze", "settings": settings, "secrets": {"api_key": "k"}}
    found.ask("POST", "/connections", made)
    yield found
    found.http.close()
    server.stop()


@pytest.fixture
def at(page: Page, colleague: Colleague) -> Page:
    """The overview, signed in, with the stream open."""
    page.add_init_script(WATCH)
    page.goto(colleague.link())
    expect(page.get_by_test_id("live")).to_have_text("live")
    return page


def wait_beats(page: Page, count: int) -> None:
    page.wait_for_function("(until) => window.streams.beats >= until", arg=beats(page) + count)


def beats(page: Page) -> int:
    return int(page.evaluate("window.streams.beats"))


def wait_rest(page: Page, colleague: Colleague) -> None:
    """Until a server that has just come up moves no more, and what was asked too early is asked again."""
    before: object = None
    while (marks := colleague.ask("GET", "/flow")["marks"]) != before:
        before = marks
        wait_beats(page, 4)


def listen(page: Page) -> list[str]:
    """What the page asks from now on, but for the stream itself."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if httpx.URL(request.url).path not in OF_THE_STREAM:
            asked.append(request.url)

    page.on("request", note)
    return asked


def test_what_colleagues_do_shows_by_itself(at: Page, colleague: Colleague) -> None:
    open_page(at, "Segments")
    expect(at.get_by_role("link", name="Gold", exact=True)).to_be_visible()
    colleague.ask("PATCH", "/segments/1", {"name": "Gold plan"})
    expect(at.get_by_role("link", name="Gold plan")).to_be_visible()

    open_page(at, "Connections")
    colleague.ask("POST", "/connections/1/enable")
    expect(at.get_by_role("switch", name="Turn off Braze EU")).to_be_checked()
    colleague.ask("POST", "/connections/1/disable")
    expect(at.get_by_role("switch", name="Turn on Braze EU")).not_to_be_checked()

    open_page(at, "Runs")
    colleague.ask("POST", "/backups", {})
    expect(at.get_by_role("row", name=re.compile("Backup.*Succeeded"))).to_be_visible()
    # All that by the one stream of the tab, whichever page is open.
    assert at.evaluate("window.streams.open") == 1


def test_a_page_at_rest_asks_nothing(at: Page, colleague: Colleague) -> None:
    wait_rest(at, colleague)
    for name in ("Segments", "Connections", "Runs", "Live events", "Dead letters", "Overview"):
        open_page(at, name)
        wait_beats(at, 1)
        asked = listen(at)
        wait_beats(at, 3)
        assert asked == [], name


def test_a_tab_that_nobody_looks_at_holds_no_stream_and_catches_up(at: Page, colleague: Colleague) -> None:
    open_page(at, "Sources")
    at.evaluate(HIDE, "hidden")
    at.wait_for_function("window.streams.open === 0")
    asked = listen(at)
    colleague.ask("POST", "/sources", {"name": "Shop seen later"})
    assert asked == []
    at.evaluate(HIDE, "visible")
    expect(at.get_by_role("link", name="Shop seen later")).to_be_visible()
    assert at.evaluate("window.streams.open") == 1


def test_where_no_stream_comes_through_the_page_says_so_and_asks_now_and_then(
    at: Page, colleague: Colleague
) -> None:
    open_page(at, "Sources")
    at.context.route(f"**{STREAM}", lambda route: route.abort())
    at.evaluate(HIDE, "hidden")
    at.evaluate(HIDE, "visible")
    expect(at.get_by_text("The connection was lost")).to_be_visible()
    colleague.ask("POST", "/sources", {"name": "Shop behind a proxy"})
    expect(at.get_by_role("link", name="Shop behind a proxy")).to_be_visible()
    at.context.unroute(f"**{STREAM}")
    expect(at.get_by_text("The connection was lost")).to_be_hidden()
    wait_beats(at, 1)


def test_the_stream_ends_with_the_session(at: Page) -> None:
    at.evaluate("fetch('/api/v1/sign-out', {method: 'POST'})")
    expect(at.get_by_role("heading", name="You are not signed in")).to_be_visible()
    assert at.evaluate("window.streams.open") == 0
