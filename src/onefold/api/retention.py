"""/api/v1/retention: how far back the log goes, what stands for the rest, and its shortening by hand."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.params import JSONBody
from msgspec import Meta

from onefold.api.right import OPERATE, SEE
from onefold.api.run_view import RunView
from onefold.api.runs import ask_run
from onefold.api.workspace import Here
from onefold.backends.embedded.base import find_base
from onefold.backends.embedded.control.decisions import Arguments
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.run import RunKind


class BaseView(msgspec.Struct, frozen=True):
    """The base snapshot: a replay starts from it."""

    offset: int
    """Everything up to this record is in it."""
    made_at: str
    size: int


class RetentionView(msgspec.Struct, frozen=True):
    """What the log holds, and what stands for older records."""

    retention_days: int
    """As set; 0: everything is kept."""
    bytes_max: int
    """As set; 0: no limit."""
    first_offset: int
    first_at: str | None
    """When the oldest record that is still held was received."""
    end_offset: int
    base: BaseView | None


class NewRetention(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Shorten the log now."""

    days: Annotated[int, Meta(ge=0, le=36_500)] | None = None
    """Keep records of so many days, this once; as set by log.retention_days unless given. 0: keep none
    that is folded and read."""


@get("/", opt=SEE, sync_to_thread=True)
def show_retention(workspace: Here) -> RetentionView:
    """How far back the log goes."""
    first = workspace.log.first()
    oldest = workspace.log.get([first]).get(first)
    base = find_base(workspace.data_dir)
    return RetentionView(
        retention_days=workspace.limits.retention_days,
        bytes_max=workspace.limits.log_bytes_max,
        first_offset=first,
        first_at=to_iso(oldest.received_at) if oldest else None,
        end_offset=workspace.log.end(),
        base=BaseView(base.offset, to_iso(base.made_at), base.size) if base else None,
    )


@post("/", opt=OPERATE, sync_to_thread=True)
def run_retention(workspace: Here, data: JSONBody[NewRetention], request: Request[Any, Any, Any]) -> RunView:
    """Take a base snapshot, then let the older records go: a run."""
    if data.days is None and not workspace.limits.retention_days:
        raise RequestError(
            "api.keeps_all",
            "log.retention_days is 0: everything is kept.",
            status=422,
            field="days",
            hint="Say how many days to keep, or set log.retention_days.",
        )
    arguments: Arguments = {} if data.days is None else {"days": data.days}
    return ask_run(workspace, RunKind.RETENTION, "log", arguments, request.state.caller.name)


router = Router("/retention", route_handlers=[show_retention, run_retention], tags=["Retention"])
