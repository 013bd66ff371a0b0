"""One local Braze for all contract tests; each test starts with an empty one and no faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from onefold.testing.sandbox import BrazeSandbox, braze_sandbox

# Nothing is applied before a test says `flush`: reads never race with the delay.
BASE: dict[str, Any] = {"delay_ms": 600_000, "jitter_ms": 0, "rate_profile": "off"}
LIMITED_KEY = {"key": "only-track", "name": "only track", "permissions": ["users.track"]}


@pytest.fixture(scope="session")
def _running() -> Iterator[BrazeSandbox]:
    with braze_sandbox(**BASE, api_keys=[LIMITED_KEY]) as sandbox:
        yield sandbox


@pytest.fixture
def braze(_running: BrazeSandbox) -> Iterator[BrazeSandbox]:
    """Return an empty local Braze."""
    before = _running.control("GET", "settings")
    yield _running
    _running.set_clock(release=True)
    before = {name: value for name, value in before.items() if name not in ("host", "port", "api_keys")}
    _running.change_settings(**before)
    _running.reset()
