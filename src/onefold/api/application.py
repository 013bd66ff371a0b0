"""The Litestar application of the control API, with its OpenAPI document at /api/v1/openapi.json."""

import asyncio
from collections.abc import Iterator
from functools import cache

from litestar import Litestar, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import License
from litestar.response import Response
from litestar.types import ControllerRouterHandler
from msgspec import json

from onefold.api import (
    audit,
    calls,
    catalogue,
    comparisons,
    config,
    connection_document,
    connections,
    dead_letters,
    events,
    flow,
    goal_preview,
    goal_runs,
    goals,
    identity,
    import_preview,
    imports,
    intakes,
    internal,
    links,
    mail,
    me,
    metrics,
    profiles,
    retention,
    run_retry,
    runs,
    saved_views,
    second_factor,
    segment_growth,
    segment_preview,
    segment_use,
    segments,
    sign_in,
    sign_on,
    sources,
    status,
    team,
    tokens,
    totals,
    trace,
)
from onefold.api.auditor import auditor, look_before
from onefold.api.caller import CallerGuard
from onefold.api.document import complete_document
from onefold.api.password import PasswordChecks
from onefold.api.problem import on_deep_nesting, on_http_error, on_onefold_error, on_unknown_error
from onefold.api.right import EVERYONE, LOCAL
from onefold.api.veil import plan_of_route, veil
from onefold.api.workspace import Workspace
from onefold.errors import OnefoldError
from onefold.model.access import Right

ROUTERS: list[ControllerRouterHandler] = [
    sources.router,
    tokens.router,
    profiles.router,
    segments.router,
    segment_preview.router,
    segment_use.router,
    segment_growth.router,
    catalogue.router,
    connections.router,
    connections.connectors_router,
    connection_document.show_connection_schema,
    goals.router,
    calls.router,
    goal_preview.router,
    dead_letters.router,
    runs.router,
    run_retry.router,
    goal_runs.router,
    comparisons.router,
    mail.router,
    imports.router,
    import_preview.router,
    intakes.router,
    *runs.HANDLERS,
    retention.router,
    flow.router,
    events.router,
    totals.router,
    trace.router,
    links.router,
    links.sign_out,
    *sign_in.HANDLERS,
    *sign_on.HANDLERS,
    me.router,
    second_factor.router,
    saved_views.router,
    team.router,
    audit.router,
    config.router,
    identity.router,
]
ROOT_HANDLERS: list[ControllerRouterHandler] = [
    internal.append_records,
    internal.erase_from_log,
    internal.trim_log,
    links.open_link,
    *status.HANDLERS,
]


def api_app(workspace: Workspace) -> Litestar:
    """An ASGI application on one workspace.

    Raises:
        ValueError: a route does not declare who may call it, or its answer cannot be masked (a bug).
    """
    guard = CallerGuard(workspace)
    # Litestar insists on serving its own pages, which load scripts from elsewhere: put where nobody looks.
    document = OpenAPIConfig(
        title="Onefold",
        version=workspace.version,
        description="Everything that people and programs can see and change of one workspace.",
        license=License("Apache-2.0", identifier="Apache-2.0"),
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        render_plugins=[JsonRenderPlugin()],
        openapi_router=Router("/internal/schema", route_handlers=[], include_in_schema=False, opt=LOCAL),
    )
    application = Litestar(
        [
            Router("/api/v1", route_handlers=[*ROUTERS, show_openapi]),
            *ROOT_HANDLERS,
            metrics.metrics_handler(is_public=workspace.limits.metrics_public),
        ],
        dependencies={"workspace": Provide(lambda: workspace, sync_to_thread=False)},
        guards=[guard, look_before],
        middleware=[auditor, veil],
        exception_handlers={
            OnefoldError: on_onefold_error,
            HTTPException: on_http_error,
            RecursionError: on_deep_nesting,
            Exception: on_unknown_error,
        },
        openapi_config=document,
        request_max_body_size=workspace.limits.body_bytes_max,
        signature_types=[Workspace],
        logging_config=None,
    )
    application.state.guard = guard
    application.state.passwords = PasswordChecks()
    application.state.catalogue = catalogue.Catalogue()
    application.state.sign_ons = sign_on.SignOns(workspace)
    application.state.preview_turn = asyncio.Lock()
    application.state.workspace = workspace
    application.state.undos = {
        handler.handler_name: handler.opt["undo"]
        for handler in _handlers(application)
        if "undo" in handler.opt
    }
    # Made once: it takes 100 ms, and anyone may ask for it.
    application.state.document = cache(
        lambda: json.encode(complete_document(application.openapi_schema.to_schema(), _undoable(application)))
    )
    _check_declared(application)
    return application


@get("/openapi.json", opt=EVERYONE, include_in_schema=False, sync_to_thread=True)
def show_openapi(state: State) -> Response[bytes]:
    """The OpenAPI document of this API."""
    return Response(state.document(), media_type="application/json")


def _operation_id(handler: HTTPRouteHandler, _method: object, _path: object) -> str:
    """The name of the function: clients generated from the document keep theirs when an address moves."""
    first, *others = handler.handler_name.split("_")
    return first + "".join(map(str.title, others))


def _handlers(application: Litestar) -> Iterator[HTTPRouteHandler]:
    for route in application.routes:
        yield from getattr(route, "route_handlers", [])


def _undoable(application: Litestar) -> set[str]:
    """The operations that can be taken back, and undoing itself."""
    ways = {action for action, way in application.state.undos.items() if not isinstance(way, str)}
    handlers = (one for one in _handlers(application) if one.handler_name in {*ways, "undo_entry"})
    return {_operation_id(handler, None, None) for handler in handlers}


def _check_declared(application: Litestar) -> None:
    for handler in _handlers(application):
        plan_of_route(handler)
        is_declared = handler.opt.get("allow") in ("everyone", "signed_in", "local", *Right)
        if not is_declared and "OPTIONS" not in handler.http_methods:
            raise ValueError(f"{handler.handler_name} does not declare who may call it")
