"""How quick the pages are, in a real Chromium on the same cores, for a workspace with people in it.

    python -m benchmarks.pages --people 10000 --loads 10 [--json]

First view: from the address, with an empty cache, until the numbers of the overview stand there. Step: from a
click in the navigation until the page has what it shows. Live number: from the 200 of an event until the page
has counted it. Table: frames while a table of all people is scrolled through.
"""

import argparse
import shutil
import statistics
import time
from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.measure import Row, print_rows, wait_for
from benchmarks.server import Workspace, bare_workspace

BATCH = 100
STEPS = ("Sources", "Live events", "Profiles", "Segments", "Connections", "Runs", "Dead letters")
EVENTS = 10
SCROLL_MS = 3000
CHROMIUM_ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
FRAMES = """(ms) => new Promise((done) => {
  const frames = [], begun = performance.now();
  let last = begun;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    window.scrollBy(0, 400);
    if (now - begun < ms) requestAnimationFrame(step); else done(frames.slice(1));
  };
  requestAnimationFrame(step);
})"""
# Of a long list only a part is drawn; the table says how many rows it has with its headings.
ROWS = "((document.querySelector('table').ariaRowCount ?? document.querySelectorAll('tr').length) - 1)"
ROUND_TRIP = """async () => {
  const begun = performance.now();
  await (await fetch("/api/v1/me", { cache: "no-store" })).text();
  return performance.now() - begun;
}"""


def measure(options: argparse.Namespace) -> list[Row]:
    """The four figures, of a server and a browser that do nothing else."""
    with bare_workspace() as running, sync_playwright() as playwright:
        _fill(running, options.people)
        program = shutil.which("chromium") or shutil.which("google-chrome")
        with closing(playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGS)) as browser:
            state = _sign_in(browser, running)
            rows = [_first_view(browser, running, state, options.loads)]
            with closing(browser.new_context(storage_state=state)) as context:
                rows += [
                    _steps(context, running, options.loads),
                    _live_number(context, running),
                    _table(context, running, options.people),
                ]
    return rows


def _fill(running: Workspace, people: int) -> None:
    for first in range(0, people, BATCH):
        batch = [
            {
                "type": "identify",
                "userId": f"u-{number}",
                "traits": {"name": f"Person {number}", "email": f"person.{number}@example.org"},
            }
            for number in range(first, min(first + BATCH, people))
        ]
        answer = running.api.post("/v1/batch", json={"batch": batch, "writeKey": running.write_key})
        answer.raise_for_status()

    def is_folded() -> bool:
        status = running.get("/api/v1/status")
        return bool(status["folded_to"] == status["log_end"])

    wait_for(is_folded, timeout_s=120, what="the profiles")


def _sign_in(browser: Browser, running: Workspace) -> object:
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(running.link())
        page.get_by_test_id("people").wait_for()
        return context.storage_state()


def _first_view(browser: Browser, running: Workspace, state: object, loads: int) -> Row:
    def load(path: str, is_there: Callable[[Page], object]) -> float:
        # A new context has nothing cached.
        with closing(browser.new_context(storage_state=state)) as context:  # type: ignore[arg-type]
            page = context.new_page()
            began = time.perf_counter()
            page.goto(f"{running.api.base_url}{path}", wait_until="commit")
            is_there(page)
            return (time.perf_counter() - began) * 1000

    ours, bare = [], []
    for _ in range(loads):
        ours.append(load("/", lambda page: page.get_by_test_id("people").wait_for()))
        bare.append(load("/healthz", lambda page: page.get_by_text("ok").wait_for()))
    return Row(
        "pages, first view of the overview",
        statistics.median(ours),
        "ms",
        statistics.median(bare),
        "an empty page of the same server",
        floor="1,000 ms",
        note=f"median of {loads}, slowest {max(ours):.0f} ms; nothing cached",
    )


def _steps(context: BrowserContext, running: Workspace, rounds: int) -> Row:
    page = context.new_page()
    page.goto(str(running.api.base_url))
    links = page.get_by_role("navigation", name="Pages")
    took: dict[str, list[float]] = {name: [] for name in STEPS}
    trips = []
    # The first round fetches the parts of the pages and their data.
    for number in range(rounds + 1):
        for name in STEPS:
            began = time.perf_counter()
            links.get_by_role("link", name=name, exact=True).click()
            page.get_by_role("heading", level=1, name=name, exact=True).wait_for()
            if number:
                took[name].append((time.perf_counter() - began) * 1000)
        if number:
            trips.append(page.evaluate(ROUND_TRIP))
    every = sorted(ms for one in took.values() for ms in one)
    slowest = max(took, key=lambda name: statistics.median(took[name]))
    return Row(
        "pages, from a click to the page",
        statistics.median(every),
        "ms",
        statistics.median(trips),
        "a round trip to the API from the page",
        floor="100 ms",
        note=f"p95 {every[len(every) * 95 // 100]:.0f} ms; slowest page {slowest}, median "
        f"{statistics.median(took[slowest]):.0f} ms; the driver's own time is in it",
    )


def _live_number(context: BrowserContext, running: Workspace) -> Row:
    page = context.new_page()
    page.goto(str(running.api.base_url))
    figure = page.get_by_test_id("people")
    figure.wait_for()
    ages, answered = [], []
    for number in range(EVENTS):
        before = figure.inner_text()
        sent = time.perf_counter()
        event = {"userId": f"new-{number}", "event": "Arrived"}
        running.api.post("/v1/track", json=event, auth=(running.write_key, "")).raise_for_status()
        began = time.perf_counter()
        page.wait_for_function(
            "([was]) => document.querySelector('[data-testid=people]').innerText !== was", arg=[before]
        )
        ages.append((time.perf_counter() - began) * 1000)
        answered.append((began - sent) * 1000)
    return Row(
        "pages, age of a live number",
        statistics.median(ages),
        "ms",
        statistics.median(answered),
        "the 200 of the event",
        floor="2,000 ms",
        note=f"median of {EVENTS}, oldest {max(ages):.0f} ms",
    )


def _table(context: BrowserContext, running: Workspace, people: int) -> Row:
    page = context.new_page()
    page.goto(f"{running.api.base_url}/sources")
    page.get_by_role("heading", level=1).wait_for()
    empty = page.evaluate(FRAMES, SCROLL_MS)
    page.goto(f"{running.api.base_url}/profiles")
    page.locator("tbody tr").first.wait_for()
    more = page.get_by_role("button", name="Show more")
    began, count = time.perf_counter(), page.evaluate(ROWS)
    while count < people and more.count():
        more.click()
        page.wait_for_function(
            f"([was]) => {ROWS} > was || !document.body.innerText.includes('Show more')", arg=[count]
        )
        count = page.evaluate(ROWS)
    took = time.perf_counter() - began
    page.evaluate("window.scrollTo(0, 0)")
    frames = sorted(page.evaluate(FRAMES, SCROLL_MS))
    return Row(
        f"pages, a frame while {count:,} rows scroll",
        frames[len(frames) * 95 // 100],
        "ms p95",
        sorted(empty)[len(empty) * 95 // 100],
        "on an empty page",
        note=f"median {statistics.median(frames):.1f} ms, longest {frames[-1]:.0f} ms; {len(frames)} frames "
        f"in {SCROLL_MS / 1000:.0f} s; {took:.0f} s to load the rows",
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--loads", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print_rows(measure(options), as_json=options.json)


if __name__ == "__main__":
    main()
