"""The config as files on a running server: the example applied and found again, drift, and kill -9 within."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from onefold.testing.sandbox import DEFAULT_KEY, BrazeSandbox, braze_sandbox

Waiting = Callable[..., Any]
EXAMPLE = Path(__file__).parents[2] / "examples" / "config"
KEY = "SHOP_BRAZE_API_KEY"
ORDER = {"userId": "ada", "event": "Order Completed", "properties": {"revenue": 80, "currency": "EUR"}}
SEGMENTS = 60


@pytest.fixture
def braze() -> Iterator[BrazeSandbox]:
    with braze_sandbox(delay_ms=0, jitter_ms=0) as sandbox:
        yield sandbox


@pytest.fixture
def shop(tmp_path: Path, braze: BrazeSandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's files, for a Braze that runs here."""
    monkeypatch.setenv(KEY, DEFAULT_KEY)
    folder = tmp_path / "shop"
    shutil.copytree(EXAMPLE, folder)
    file = folder / "connections" / "shop-braze.yaml"
    file.write_text(file.read_text().replace("http://127.0.0.1:8401", braze.url))
    return folder


def documents(folder: Path) -> dict[str, Any]:
    found = [yaml.safe_load(file.read_text()) for file in folder.rglob("*.yaml")]
    return {f"{one['kind']} {one['name']}": one for one in found}


def test_the_example_makes_a_shop_that_exports_itself_again(
    server: Any, braze: BrazeSandbox, shop: Path, waiting: Waiting, tmp_path: Path
) -> None:
    assert "7 to make" in server.run("config", "plan", str(shop)).stdout
    assert "Done: 7 made." in server.run("config", "apply", str(shop), "--yes").stdout
    server.run("config", "export", str(tmp_path / "out"))
    assert documents(tmp_path / "out") == documents(shop)
    assert {file.relative_to(shop) for file in shop.rglob("*.yaml")} == {
        file.relative_to(tmp_path / "out") for file in (tmp_path / "out").rglob("*.yaml")
    }
    assert "nothing" in server.run("config", "apply", str(shop)).stdout.lower()
    server.run("connections", "test", "Shop Braze")

    file = shop / "connections" / "shop-braze.yaml"
    file.write_text(
        file.read_text().replace("    segment: Buyers\n", "    segment: Buyers\n    enabled: true\n")
    )
    assert (
        "spec.goals.Keep buyers up to date.enabled: no -> yes"
        in server.run("config", "apply", str(shop), "--yes").stdout
    )
    write_key = server.cli("sources", "show", "Web shop")["write_key"]
    assert server.send(write_key, "/v1/track", ORDER) == 200
    assert server.send(write_key, "/v1/identify", {"userId": "ada", "traits": {"plan": "gold"}}) == 200

    def plan() -> Any:
        braze.flush()
        found = braze.user("ada")
        return found["custom_attributes"].get("plan") if found else None

    waiting(lambda: plan() == "gold", "the plan arrived")
    server.run("config", "plan", str(shop), "--check")
    server.run("sources", "disable", "Till")
    assert "~ source Till" in server.run("config", "plan", str(shop), "--check", code=2).stdout


def many(folder: Path) -> Path:
    """Segments that ask about one another, each about the one before."""
    folder.mkdir()
    for place in range(SEGMENTS):
        condition: dict[str, Any] = {"kind": "trait", "trait": "plan", "test": "equals", "value": str(place)}
        if place % 5:
            asked = {"kind": "segment", "segment": f"S{place - 1:02}"}
            condition = {"kind": "any", "conditions": [condition, asked]}
        document = {"kind": "segment", "name": f"S{place:02}", "spec": {"condition": condition}}
        (folder / f"s{place:02}.yaml").write_text(yaml.safe_dump(document))
    return folder


def test_what_kill_9_interrupts_is_finished_by_the_same_command(
    server: Any, waiting: Waiting, tmp_path: Path
) -> None:
    folder = many(tmp_path / "many")
    command = [sys.executable, "-m", "onefold", "config", "apply", str(folder), "--yes"]
    applying = subprocess.Popen(
        [*command, "--data-dir", str(server.data_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
    )
    waiting(lambda: len(server.api("GET", "/segments")["items"]) >= 3, "some are made")
    server.kill("web")
    applying.communicate(timeout=60)
    assert applying.returncode != 0
    made = len(server.api("GET", "/segments")["items"])
    assert 3 <= made < SEGMENTS
    done = server.run("config", "apply", str(folder), "--yes")
    assert f"Done: {SEGMENTS - made} made." in done.stdout
    server.run("config", "export", str(tmp_path / "out"))
    assert documents(tmp_path / "out") == documents(folder)
    server.run("config", "plan", str(folder), "--check", "--prune")

    def is_settled() -> bool:
        found = server.api("GET", "/segments?limit=200")["items"]
        return len(found) == SEGMENTS and all(one["state"] == "live" for one in found)

    waiting(is_settled, "every segment is filled")
