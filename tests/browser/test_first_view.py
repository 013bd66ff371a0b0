"""A page is in the first picture, and pointing at a link to another fetches it ahead."""

from playwright.sync_api import Page, expect

# Whether the frame of the pages ever stood there without a page in it.
WATCH = """new MutationObserver(() => {
    const main = document.querySelector('main');
    if (main && !main.querySelector('h1')) window.wasBlank = true;
}).observe(document, {subtree: true, childList: true})"""


def test_a_page_is_in_the_first_picture(page: Page, base: str) -> None:
    page.add_init_script(WATCH)
    page.goto(base)
    expect(page.get_by_test_id("people")).to_be_visible()
    assert not page.evaluate("window.wasBlank")


def test_pointing_at_a_link_fetches_its_page(page: Page, base: str) -> None:
    page.goto(base)
    link = page.get_by_role("navigation", name="Pages").get_by_role("link", name="Segments")
    with page.expect_response("**/segments-Page-*.js"):
        link.hover()
