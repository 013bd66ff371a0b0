"""How the tasks role puts records into the log: it asks the web role, again and again until it is done.

In: records with their counts and dead letters. Out: an offset not before theirs. What was appended twice
because an answer was lost is recognised: imports by their mark, fills by their range.
"""

import http.client
import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from onefold.api.internal import Appending, encode_appending
from onefold.errors import OnefoldError
from onefold.model.erasure import Removal, Removed
from onefold.model.letter import Letter
from onefold.model.mark import Mark
from onefold.model.outcome import Count
from onefold.model.record import Record
from onefold.run.progress import Interrupted
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.unix_http import UnixConnection

RETRY_S = 0.2


class Append(Protocol):
    """Makes records durable; returns an offset not before theirs."""

    def __call__(
        self,
        records: Sequence[Record],
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        mark: Mark | None = None,
    ) -> int:
        """Blocks until it is done; raises `Interrupted` when the caller must stop first."""
        ...


class RemoteAppend:
    """An `Append` by the unix socket; a connection a thread."""

    def __init__(self, directory: DataDirectory, wait: Callable[[float], bool]) -> None:
        self._directory = directory
        self._wait = wait
        """Sleeps; true when the role stops."""
        self._local = threading.local()

    def __call__(
        self,
        records: Sequence[Record],
        counts: Sequence[Count] = (),
        letters: Sequence[Letter] = (),
        mark: Mark | None = None,
    ) -> int:
        """Append, however often it takes."""
        body = encode_appending(Appending([*records], [*counts], [*letters], mark))
        return int(self._ask("/internal/append", body)["offset"])

    def erase(self, removal: Removal) -> Removed:
        """Have a person's events and dead letters taken out."""
        answer = self._ask("/internal/erase", msgspec.msgpack.encode(removal))
        return msgspec.convert(answer, Removed)

    def trim(self, before_offset: int) -> int:
        """Have the records before an offset deleted; returns how many went."""
        return int(self._ask(f"/internal/trim?before_offset={before_offset}", b"")["removed"])

    def _ask(self, path: str, body: bytes) -> Any:
        while True:
            try:
                status, answer = self._send(path, body)
            except (OSError, http.client.HTTPException):
                self._drop()
            else:
                if status == 200:
                    return answer
                if status < 500 and status != 429:
                    raise OnefoldError(answer["code"], answer["detail"], hint=answer["hint"])
            if self._wait(RETRY_S):
                raise Interrupted

    def _send(self, path: str, body: bytes) -> tuple[int, Any]:
        connection: UnixConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = UnixConnection(self._directory)
        connection.request("POST", path, body, {"content-type": "application/msgpack"})
        answer = connection.getresponse()
        return answer.status, msgspec.json.decode(answer.read())

    def _drop(self) -> None:
        connection: UnixConnection | None = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None
