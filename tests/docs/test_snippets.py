"""The lines that the guide gives for each client, run as they stand against a real capture."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from onefold.testing.server_process import ServerProcess, create_source, wait_until, web_process

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "send-events.md").read_text(encoding="utf-8")
CLIENTS = ROOT / "tests" / "clients"
BLOCKS = re.findall(r"^```(python|js|sh|html)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
NODE = [text for language, text in BLOCKS if language == "js" and re.search(r"analytics-node|sdk-node", text)]
CURL = [text for language, text in BLOCKS if language == "sh" and text.startswith("curl")]
PIXEL = next(text for language, text in BLOCKS if language == "html")
RUN_S = 30

pytestmark = pytest.mark.timeout(120)


class Place:
    """A server with one source."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "data"
        self.data_dir.mkdir()
        self.server: ServerProcess = web_process(self.data_dir)
        self.server.start()
        self.write_key = create_source(self.data_dir, "Guide")

    def fill_in(self, text: str) -> str:
        text = re.sub(r"https://events\.example\.org|http://127\.0\.0\.1:8400", self.server.url, text)
        return text.replace("WRITE_KEY", self.write_key)

    def received(self) -> int:
        ask = [sys.executable, "-m", "onefold", "flow", "--once", "--json", "--data-dir", str(self.data_dir)]
        done = subprocess.run(ask, check=True, capture_output=True, timeout=RUN_S)
        stages = json.loads(done.stdout)["stages"]
        return next(stage["passed"] for stage in stages if stage["stage"] == "capture")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("guide"))
    yield place
    place.server.stop()


def run(place: Place, command: list[str], *, sends: int) -> None:
    before = place.received()
    environment = {**os.environ, "WRITE_KEY": place.write_key}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=RUN_S, env=environment
    )
    assert done.returncode == 0, done.stderr
    wait_until(lambda: place.received() == before + sends, timeout_s=RUN_S, what=f"{sends} events")


@pytest.mark.parametrize("script", PYTHON, ids=["segment", "rudder"])
def test_python_lines_send(script: str, place: Place) -> None:
    run(
        place,
        [sys.executable, "-c", place.fill_in(script)],
        sends=script.count("analytics.track(") + ("identify" in script),
    )


@pytest.mark.skipif(
    not (CLIENTS / "node_modules").is_dir() or shutil.which("node") is None,
    reason="the JavaScript clients are not installed (make engines)",
)
@pytest.mark.parametrize("script", NODE, ids=["segment", "rudder"])
def test_node_lines_send(script: str, place: Place, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")
    file = tmp_path / "lines.mjs"
    file.write_text(place.fill_in(script), encoding="utf-8")
    run(place, ["node", str(file)], sends=script.count("analytics.track(") + ("identify" in script))


@pytest.mark.skipif(shutil.which("curl") is None, reason="the lines need curl")
@pytest.mark.parametrize("script", CURL)
def test_curl_lines_send(script: str, place: Place) -> None:
    run(place, ["bash", "-c", place.fill_in(script).replace(f"${place.write_key}", "$WRITE_KEY")], sends=2)


@pytest.mark.skipif(shutil.which("curl") is None, reason="a pixel is fetched by curl")
def test_pixel_is_seen(place: Place) -> None:
    found = re.search(r'src="([^"]+)"', PIXEL)
    assert found
    run(place, ["curl", "-sf", "-o", os.devnull, place.fill_in(found[1])], sends=1)


def test_every_snippet_is_run_or_is_for_a_browser() -> None:
    rest = [text for language, text in BLOCKS if language == "js" and text not in NODE]
    assert (len(PYTHON), len(NODE), len(CURL), len(rest)) == (2, 2, 1, 3)
