"""POST /internal/append: how other roles of this machine put records into the log. Unix socket only."""

from typing import Any

import msgspec
from litestar import Request, post
from litestar.params import FromQuery

from onefold.api.right import LOCAL
from onefold.api.workspace import Here
from onefold.errors import RequestError
from onefold.model.erasure import Removal, Removed
from onefold.model.letter import Letter
from onefold.model.mark import Mark
from onefold.model.outcome import Count
from onefold.model.record import Record

APPEND_BYTES_MAX = 128 * 1024 * 1024
"""One call of an import or a fill; both cut their records far below this."""


class Appending(msgspec.Struct, array_like=True):
    """What must be written together."""

    records: list[Record]
    counts: list[Count] = []
    letters: list[Letter] = []
    mark: Mark | None = None
    """How far this brings long work: a step that was written before is not written again."""


_decoder = msgspec.msgpack.Decoder(Appending)
_encoder = msgspec.msgpack.Encoder()
_removal_decoder = msgspec.msgpack.Decoder(Removal)


def encode_appending(appending: Appending) -> bytes:
    """The body that `/internal/append` takes."""
    return _encoder.encode(appending)


@post(
    "/internal/append",
    opt=LOCAL,
    include_in_schema=False,
    request_max_body_size=APPEND_BYTES_MAX,
    status_code=200,
)
async def append_records(workspace: Here, request: Request[Any, Any, Any]) -> dict[str, int]:
    """Append; durable when it answers with the last offset of the group it was written with."""
    try:
        appending = _decoder.decode(await request.body())
    except msgspec.MsgspecError as error:
        raise RequestError("api.bad_records", "The records cannot be read.") from error
    offset = await workspace.append(appending.records, appending.counts, appending.letters, appending.mark)
    return {"offset": offset}


@post(
    "/internal/erase",
    opt=LOCAL,
    include_in_schema=False,
    request_max_body_size=APPEND_BYTES_MAX,
    status_code=200,
)
async def erase_from_log(workspace: Here, request: Request[Any, Any, Any]) -> Removed:
    """Put placeholders where a person's events stood, and delete dead letters that name them."""
    try:
        removal = _removal_decoder.decode(await request.body())
    except msgspec.MsgspecError as error:
        raise RequestError("api.bad_records", "What shall go cannot be read.") from error
    return await workspace.erase(removal)


@post("/internal/trim", opt=LOCAL, include_in_schema=False, status_code=200)
async def trim_log(workspace: Here, before_offset: FromQuery[int]) -> dict[str, int]:
    """Delete the records before an offset, which a base snapshot holds by now."""
    return {"removed": await workspace.trim(before_offset)}
