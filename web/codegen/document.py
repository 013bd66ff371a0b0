"""Print the OpenAPI document of the API as it is in this checkout, for `npm run types` in this folder."""

import asyncio
import sys
import tempfile
from pathlib import Path

import httpx

from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.load_settings import load_settings


async def read_document() -> bytes:
    """As GET /api/v1/openapi.json answers on an empty workspace."""
    with tempfile.TemporaryDirectory() as folder:
        directory = DataDirectory(Path(folder))
        directory.create()
        web = Web(directory, load_settings(directory.root, environ={}), {}, public_url="http://onefold")
        transport = httpx.ASGITransport(web.application)
        async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as client:
            answer = await client.get("/api/v1/openapi.json")
        await web.close()
    return answer.raise_for_status().content


if __name__ == "__main__":
    sys.stdout.buffer.write(asyncio.run(read_document()))
