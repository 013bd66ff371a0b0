"""Every page by the rules of WCAG 2.2, A and AA, as far as a program can tell (axe), in both themes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import new_page
from tests.browser.running import Onefold

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
UNTIL_STILL = """() => new Promise(done => {
    let timer = setTimeout(done, 500);
    new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 500); })
        .observe(document.body, {subtree: true, childList: true});
    setTimeout(done, 5000);
})"""
"""Until half a second has added or removed nothing; live pages change for ever."""
Theme = Literal["light", "dark"]
PATHS = (
    "/",
    "/sources",
    "/sources/1",
    "/profiles",
    "/profiles/1",
    "/profiles/1?tab=identity",
    "/segments",
    "/segments/1",
    "/segments/new",
    "/events",
    "/connections",
    "/connections?add=",
    "/connections/1",
    "/connections/1?tab=setup",
    "/connections/1/goals/new",
    "/connections/1/goals/1",
    "/connections/1/goals/1/try",
    "/runs",
    "/dead-letters",
    "/dead-letters/capture-1",
    "/settings",
    "/settings?tab=tokens",
    "/settings?tab=audit",
    "/settings?tab=identity",
    "/account",
    "/nowhere",
)


@pytest.fixture(scope="module")
def onefold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Onefold]:
    if not AXE.is_file():
        pytest.skip("axe is not installed: npm ci in web")
    server = Onefold(tmp_path_factory.mktemp("accessible") / "data")
    server.link()
    fill(server)
    yield server
    server.stop()


def fill(server: Onefold) -> None:
    """Something to see on each page."""
    base = str(httpx.URL(server.link()).join("/")).rstrip("/")
    token = server.run("tokens", "create", "tests")["token"]
    with httpx.Client(base_url=base, headers={"authorization": f"Bearer {token}"}, timeout=60) as api:

        def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = api.post(f"/api/v1/{path}", json=body)
            assert answer.is_success, answer.text
            made: dict[str, Any] = answer.json()
            return made

        key = post("sources", {"name": "Shop"})["write_key"]
        condition = {"kind": "trait", "trait": "plan", "test": "equals", "value": "gold"}
        post("segments", {"name": "Gold", "condition": condition})
        post("views", {"page": "runs", "name": "Files", "query": "kind=import", "shared": True})
        goal = {
            "kind": "call",
            "name": "Calls",
            "settings": {"when": "event", "events": ["Came"], "url": "/"},
        }
        settings = {"endpoint": "https://api.example.org"}
        post("connections", {"name": "Hook", "connector": "http", "settings": settings, "goals": [goal]})
        post("team", {"email": "vera@example.org", "role": "viewer"})
        traits = {f"trait_{number}": number for number in range(8)} | {"plan": "gold"}
        events = [
            {"type": "identify", "userId": "ada", "anonymousId": "a-1", "traits": traits},
            {"type": "page", "anonymousId": "a-1", "name": "Basket"},
            {"type": "track", "userId": "ada", "event": "Came", "messageId": "m-1"},
            {
                "type": "track",
                "userId": "ada",
                "event": "Consent Updated",
                "properties": {"purposes": {"email": True}},
            },
        ]
        assert api.post("/v1/batch", json={"batch": events}, auth=(key, "")).is_success
        assert api.post("/v1/track", json={"userId": "ada"}, auth=(key, "")).status_code == 400


def violations(page: Page) -> list[str]:
    """What breaks a rule now: the rule, and where."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    return [
        f"{page.url} {one['id']}: {node['html'][:200]} {json.dumps(node['any'][:1])[:300]}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


def settle(page: Page) -> None:
    """The page stands, and nothing moves or loads any more."""
    expect(page.get_by_role("heading").first).to_be_visible()
    page.evaluate(UNTIL_STILL)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.timeout(400)
def test_pages_break_no_rule(browser: Browser, onefold: Onefold, theme: Theme) -> None:
    link = onefold.link()
    base = str(httpx.URL(link).join("/")).rstrip("/")
    with new_page(
        browser, viewport={"width": 1280, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    ) as page:
        page.goto(f"{base}/profiles")
        settle(page)
        found = violations(page)  # in place of the page: signing in
        page.goto(link)
        expect(page.get_by_test_id("live")).to_have_text("live")
        for path in PATHS:
            page.goto(base + path)
            settle(page)
            page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
            found += violations(page)
        page.goto(f"{base}/runs?kind=goal&view=1")
        settle(page)
        page.get_by_role("button", name="View: Files changed").click()
        expect(page.get_by_role("button", name="Update view")).to_be_visible()
        found += violations(page)
        page.goto(f"{base}/profiles/1")
        settle(page)
        page.get_by_role("button", name="Erase person").click()
        expect(page.get_by_label("Type Person 1 to confirm").or_(page.get_by_role("dialog"))).to_be_visible()
        found += violations(page)
        page.keyboard.press("Escape")
        for keys, name in (("?", "Keys"), ("Control+k", "Find anything")):
            page.keyboard.press(keys)
            expect(page.get_by_role("dialog", name=name)).to_be_visible()
            found += violations(page)
            page.keyboard.press("Escape")
        assert not found, "\n".join(found)
