"""/api/v1/status for people; /healthz and /readyz for whoever starts, stops and routes to the web role."""

import msgspec
from litestar import Response, get

from onefold.api.right import EVERYONE, SEE
from onefold.api.workspace import Here, Workspace
from onefold.clock import to_iso
from onefold.observe.health import Readiness


class RoleView(msgspec.Struct, frozen=True):
    """One role: running, starting or down, since when."""

    role: str
    status: str
    since: str | None


class StatusView(msgspec.Struct, frozen=True):
    """The workspace at a glance."""

    version: str
    workspace: str
    url: str
    roles: list[RoleView]
    sources: int
    segments: int
    connections: int
    log_end: int
    """Newest record of the log."""
    folded_to: int
    """Record up to which the profiles are current."""


@get("/api/v1/status", opt=SEE, sync_to_thread=True, tags=["Status"])
def show_status(workspace: Here) -> StatusView:
    """Version, roles, and how far the worker is."""
    folded_to = workspace.people.position().offset
    return StatusView(
        version=workspace.version,
        workspace=workspace.name,
        url=workspace.public_url,
        roles=_roles(workspace),
        sources=len(workspace.sources.page()),
        segments=len(workspace.segments.page()),
        connections=len(workspace.connections.page()),
        log_end=workspace.log.end(),
        folded_to=folded_to,
    )


@get("/healthz", opt=EVERYONE, sync_to_thread=False, include_in_schema=False)
def show_health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@get("/readyz", opt=EVERYONE, sync_to_thread=True, include_in_schema=False)
def show_readiness(workspace: Here) -> Response[Readiness]:
    """200 when all roles run and the log can be written, else 503 with the reasons."""
    readiness = workspace.observatory.readiness()
    return Response(
        readiness, status_code=200 if readiness.ready else 503, headers={"cache-control": "no-store"}
    )


def _roles(workspace: Workspace) -> list[RoleView]:
    return [
        RoleView(one.role, one.status, to_iso(one.since) if one.since else None) for one in workspace.roles()
    ]


HANDLERS = [show_status, show_health, show_readiness]
