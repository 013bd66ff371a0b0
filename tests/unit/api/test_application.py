"""An application and what it was made of."""

import gc
import weakref
from pathlib import Path

import httpx

from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings


async def answer_once(data_dir: Path) -> weakref.ref[Web]:
    directory = DataDirectory(data_dir)
    directory.create()
    web = Web(directory, load_settings(data_dir, environ={}), {}, public_url="http://onefold")
    transport = httpx.ASGITransport(local_app(web.application))
    async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
        assert (await client.get("/api/v1/sources")).status_code == 200
    await web.close()
    return weakref.ref(web)


async def test_an_application_that_ended_is_let_go(tmp_path: Path) -> None:
    # Twice: what only the last one holds is no leak.
    ended = await answer_once(tmp_path / "first")
    await answer_once(tmp_path / "second")
    gc.collect()
    assert ended() is None
