"""Diagnostics go to the process's stderr of the moment, one line a thing, without personal data."""

import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from onefold.runtime.diagnostics import configure_diagnostics


@pytest.fixture(autouse=True)
def defaults() -> Iterator[None]:
    yield
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_a_replaced_and_closed_stderr_breaks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    first = io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    logger = structlog.get_logger("test")
    configure_diagnostics("json", "info", role="web")
    logger.info("one")
    monkeypatch.setattr(sys, "stderr", second := io.StringIO())
    assert '"event": "one"' in first.getvalue()
    first.close()
    logger.info("two")
    assert '"event": "two"' in second.getvalue()


def test_a_reader_who_went_away_ends_nobody() -> None:
    stream = io.StringIO()
    configure_diagnostics("console", "info", role="web", stream=stream)
    stream.close()
    structlog.get_logger("test").error("nobody.listens")
