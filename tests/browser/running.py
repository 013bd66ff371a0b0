"""A running `onefold serve`, its command line, and what several tests of the pages do with it."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import stamina
from playwright.sync_api import Page, expect

ONEFOLD = Path(sys.executable).with_name("onefold")
# A start takes about a second; a loaded machine may need many times that.
START_TIMEOUT_S = 60
PASSWORD = "tin lamp over seven rivers"


class Onefold:
    """A running server on a data directory of its own, and its command line."""

    def __init__(self, data_dir: Path, *, port: int = 0) -> None:
        self.data_dir = data_dir
        command = [ONEFOLD, "serve", "--data-dir", data_dir, "--port", str(port)]
        self.output = (data_dir.parent / "serve.txt").open("w")
        self.process = subprocess.Popen(command, stdout=self.output, stderr=subprocess.STDOUT)

    def run(self, *arguments: str) -> dict[str, str]:
        command = [ONEFOLD, *arguments, "--data-dir", self.data_dir, "--json"]
        done = subprocess.run(command, capture_output=True, timeout=START_TIMEOUT_S, check=True)
        answer: dict[str, str] = json.loads(done.stdout)
        return answer

    def link(self) -> str:
        """A fresh one-time link; waits until the server listens."""
        # It says so itself: asking it by commands meanwhile takes the processor that it starts with.
        for attempt in stamina.retry_context(
            on=AssertionError, timeout=START_TIMEOUT_S, attempts=None, wait_max=0.5
        ):
            with attempt:
                assert "/open/" in Path(self.output.name).read_text()
        return self.run("open")["url"]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(START_TIMEOUT_S)
        self.output.close()


def send(base: str, key: str, path: str, event: dict[str, object]) -> int:
    """Send an event as a source does; the status of the answer."""
    return httpx.post(f"{base}/v1/{path}", json=event, auth=(key, "")).status_code


def open_page(page: Page, name: str) -> None:
    """Go to a page by the navigation."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def set_password(base: str, link: str) -> None:
    code = httpx.URL(httpx.get(link).headers["location"]).fragment
    body = {"code": code, "password": PASSWORD}
    httpx.post(f"{base}/api/v1/welcome", json=body).raise_for_status()
