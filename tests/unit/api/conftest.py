"""The control API on a workspace of its own, in this process."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from onefold.api import attempts
from onefold.clock import MINUTE
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings


@pytest.fixture(autouse=True)
def long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """After too many wrong tries: checking a password takes a second on a busy machine, too."""
    monkeypatch.setattr(attempts, "WAIT_MIN", MINUTE)


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    directory = DataDirectory(tmp_path)
    directory.create()
    opened = Web(directory, load_settings(tmp_path, environ={}), {}, public_url="http://onefold")
    yield opened
    await opened.close()


@pytest.fixture
async def local(web: Web) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(local_app(web.application))
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
        yield client
