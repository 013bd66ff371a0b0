"""The API in the process of a command, when no server runs: the same application, without sockets.

In: a directory that the caller has locked. Out: answers, as a transport of httpx.
"""

import asyncio
from collections.abc import Mapping
from types import TracebackType

import httpx

from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.diagnostics import configure_diagnostics
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings

CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class InlineServer(httpx.BaseTransport):
    """Answers one command's requests."""

    def __init__(self, directory: DataDirectory, environ: Mapping[str, str]) -> None:
        self._directory = directory
        self._environ = environ
        self._settings = load_settings(directory.root, environ=environ)
        self._runner = asyncio.Runner()

    def __enter__(self) -> "InlineServer":
        server = self._settings.server
        configure_diagnostics(server.diagnostics, "warning", role="cli")
        self._directory.create()
        url = server.public_url or f"http://{server.host}:{server.port}"
        self._web = self._runner.run(self._open(url))
        self._transport = httpx.ASGITransport(local_app(self._web.application))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self._runner.run(self._web.close())
        self._runner.close()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One request, answered whole."""
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await self._transport.handle_async_request(copy)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    async def _open(self, url: str) -> Web:
        return Web(self._directory, self._settings, self._environ, public_url=url)
