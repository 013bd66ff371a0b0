"""The API in the process of a command, when no server runs: the same application, without sockets.

In: a directory that the caller has locked. Out: answers, as a transport of httpx. What a change put into
the log is folded, and the runs it asked for are run, before its answer is given; only deliveries wait.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType

import httpx

from onefold.model.letter import Letter
from onefold.model.mark import Mark
from onefold.model.outcome import Count
from onefold.model.record import Record
from onefold.model.run import RunKind
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.diagnostics import configure_diagnostics
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings
from onefold.runtime.watch import Watch

CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
REQUESTS_MAX = 1000
"""Runs asked for that are looked at, newest first."""


class InlineServer(httpx.BaseTransport):
    """Answers one command's requests."""

    def __init__(self, directory: DataDirectory, environ: Mapping[str, str], watch: Watch) -> None:
        self._directory = directory
        self._environ = environ
        self._watch = watch
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
        answer = self._runner.run(self._answer(request))
        if request.method in CHANGES and answer.is_success:
            self._work_off()
        return answer

    def _work_off(self) -> None:
        """Do what the worker and the tasks role would have done by now."""
        workspace = self._web.workspace
        requests = workspace.run_requests.page(count_max=REQUESTS_MAX, without=RunKind.GOAL)
        begun = workspace.runs.find([request.id for request in requests])
        waiting = [one for one in requests if one.id not in begun or not begun[one.id].ended_at]
        if not waiting and workspace.log.end() <= workspace.people.position().offset:
            return
        from onefold.runtime.inline_work import fold_and_run

        fold_and_run(self._directory, self._settings, waiting, self._append, self._trim, watch=self._watch)

    def _append(
        self,
        records: Sequence[Record],
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        mark: Mark | None = None,
    ) -> int:
        return self._runner.run(self._web.append(records, counts, letters, mark))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=body)
        answer = await self._transport.handle_async_request(copy)
        content = await answer.aread()
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

    def _trim(self, before_offset: int) -> int:
        return self._runner.run(self._web.trim(before_offset))

    async def _open(self, url: str) -> Web:
        return Web(self._directory, self._settings, self._environ, public_url=url)
