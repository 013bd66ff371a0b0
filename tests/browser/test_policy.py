"""No page does what the policy that it came with forbids: each is opened, in both themes, and listened to."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.running import Onefold

LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
ENTRIES = (Path(__file__).parents[2] / "web/src/shell/pages.ts").read_text().split("  {\n")[1:]
LISTS = [re.search(r'path: "([^"]+)"', entry)[1] for entry in ENTRIES]  # type: ignore[index]
THINGS = [f"{path}/1" for path, entry in zip(LISTS, ENTRIES, strict=True) if "Detail:" in entry]
PAGES = [*LISTS, *THINGS, "/settings?tab=tokens", "/settings?tab=audit", "/no-such-page"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_the_policy(page: Page, tmp_path_factory: pytest.TempPathFactory, scheme: str) -> None:
    onefold = Onefold(tmp_path_factory.mktemp("policy") / "data")
    try:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.add_init_script(LISTEN)
        base = onefold.link()
        key = onefold.run("sources", "create", "my-site")["write_key"]
        onefold.run("segments", "create", "Gold", "--condition", "trait plan equals gold")
        onefold.run(
            "connections", "create", "Hook", "--connector", "http", "--set", "endpoint=https://example.org"
        )
        assert key
        page.goto(base)
        expect(page.get_by_test_id("live")).to_have_text("live")
        blocked = {}
        for path in PAGES:
            page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + path)
            expect(page.get_by_role("heading", level=1).first).to_be_visible()
            # The component library's own variables: without its style tags the pages have no shape.
            size = page.evaluate("getComputedStyle(document.body).getPropertyValue('--mantine-scale')")
            blocked[path] = page.evaluate("window.violations") or (size == "" and ["no variables"]) or []
        # What opens above a page brings styles of its own.
        page.get_by_role("button", name="Signed in as").click()
        expect(page.get_by_role("menuitem", name="Your account")).to_be_visible()
        blocked["the menu"] = page.evaluate("window.violations")
        assert {path: found for path, found in blocked.items() if found} == {}
    finally:
        onefold.stop()


def test_a_style_of_a_stranger_has_no_effect(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    onefold = Onefold(tmp_path_factory.mktemp("policy") / "data")
    try:
        page.add_init_script(LISTEN)
        page.goto(onefold.link())
        expect(page.get_by_test_id("live")).to_have_text("live")
        strange = '<style>main {display: none}</style><p style="color: red">x'
        page.evaluate("html => document.body.insertAdjacentHTML('beforeend', html)", strange)
        expect(page.get_by_role("main")).to_be_visible()
        assert len(page.evaluate("window.violations")) == 2
    finally:
        onefold.stop()
