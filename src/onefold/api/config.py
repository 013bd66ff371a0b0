"""/api/v1/config: everything that people define, as documents: read, planned and applied whole.

Secrets never leave: in their place stands a reference, which the command that applies the documents resolves
on its own machine; one that comes back unresolved keeps the secret that there is. Nothing here reads a
variable or a file.
"""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from onefold.api.caller import Caller, missing_right
from onefold.api.config_effect import find_effects
from onefold.api.config_plan import KINDS, PlannedConfig, apply_plan, export_config, plan_config
from onefold.api.config_schema import config_schema
from onefold.api.right import SEE, may
from onefold.api.workspace import Here
from onefold.config.config_plan import ConfigPlan, ConfigResult
from onefold.config.names import SINGLE_KINDS
from onefold.config.secrets import gives_secrets
from onefold.config.text import write_texts
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.json import JsonValue

YAML = "application/yaml"
Documents = Annotated[
    list[dict[str, JsonValue]],
    Meta(description="Each an object of kind, name and spec; /api/v1/config/schema tells the whole."),
]
OfKind = Annotated[str, QueryParameter(max_length=100, description="Only of this kind, such as segment.")]
OfName = Annotated[str, QueryParameter(max_length=200, description="Only what has this name.")]
Prune = Annotated[bool, Meta(description="Delete what no document speaks of.")]


class ConfigView(msgspec.Struct, frozen=True):
    """Everything that people defined; a reference stands in the place of each secret."""

    documents: Documents


class ConfigWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the config shall be."""

    documents: Documents
    prune: Prune = False
    effect: Annotated[
        bool,
        Meta(
            description="Also count what it means for people: needs the rights segment and activate, and "
            "may take some seconds."
        ),
    ] = False


class ConfigChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same, to be applied."""

    documents: Documents
    prune: Prune = False
    fingerprint: Annotated[
        str, Meta(description="Of the plan: refuses when the config has changed since. Empty: as it is.")
    ] = ""


@get("/", opt=SEE, sync_to_thread=True)
def show_config(
    workspace: Here, request: Request[Any, Any, Any], kind: OfKind = "", name: OfName = ""
) -> Response[ConfigView]:
    """The config as documents, whole or of one kind or name: JSON, or YAML as `Accept` asks."""
    documents = export_config(workspace, kind, name)
    headers = {"vary": "accept"}
    if YAML in request.headers.get("accept", ""):
        text: Any = write_texts(documents).encode()
        return Response(text, media_type=YAML, headers=headers)
    return Response(ConfigView(documents), headers=headers)


@get("/schema", opt=SEE, sync_to_thread=False)
def show_config_schema() -> Response[bytes]:
    """The JSON schema of a document of any kind, for editors and checks."""
    return Response(msgspec.json.encode(config_schema(KINDS)), media_type="application/schema+json")


@post("/plan", opt=may(Right.SEE, audited=False), status_code=200)
async def show_config_plan(
    workspace: Here, data: JSONBody[ConfigWish], request: Request[Any, Any, Any]
) -> ConfigPlan:
    """Tell what applying documents would change: object by object, field by field. Changes nothing."""
    caller: Caller = request.state.caller
    # Who may not have a secret could find it here by trying: the plan says whether it is another one.
    if Right.CONNECT not in caller.rights and any(map(gives_secrets, data.documents)):
        raise missing_right(Right.CONNECT)
    planned = await asyncio.to_thread(plan_config, workspace, data.documents, prune=data.prune)
    effects = await find_effects(workspace, planned, caller) if data.effect else []
    return msgspec.structs.replace(planned.plan, effects=effects)


def tell_changes(answer: JsonValue) -> Iterator[tuple[str, JsonValue, JsonValue]]:
    """For the audit trail: the address of each object that was changed, and its fields before and after."""
    for one in answer["results"]:
        if one["state"] == "applied":
            sides = [
                {change["path"]: change[side] for change in one["changes"] if change[side] is not None}
                or None
                for side in ("before", "after")
            ]
            # By its id, as everywhere in the trail: its name may change.
            of_kind = one["kind"] if one["kind"] in SINGLE_KINDS else f"{one['kind']}s/{one['id']}"
            yield f"/api/v1/{of_kind}", sides[0], sides[1]


APPLIED = may(
    Right.CONNECT,
    tells=tell_changes,
    undo="It came from documents. Apply those of before: your repository has them.",
)


@post("/apply", opt=APPLIED, status_code=200)
async def apply_config(
    workspace: Here, data: JSONBody[ConfigChange], request: Request[Any, Any, Any]
) -> ConfigResult:
    """Make the config what documents say, object by object; applying them again changes nothing."""
    caller: Caller = request.state.caller
    planned = await asyncio.to_thread(plan_config, workspace, data.documents, prune=data.prune)
    if data.fingerprint and data.fingerprint != planned.plan.fingerprint:
        raise RequestError(
            "config.changed_meanwhile",
            "The config has changed since the plan was made.",
            status=409,
            hint="Make the plan again, and look at it.",
        )
    _check_rights(planned, caller)
    return await apply_plan(workspace, planned, by=caller.name)


def _check_rights(planned: PlannedConfig, caller: Caller) -> None:
    """Each kind needs the right that its own routes need.

    Raises:
        RequestError: the caller lacks one.
    """
    changed = {one.kind for one in planned.plan.objects if one.action not in ("none", "unmanaged")}
    for kind in KINDS:
        if kind.name in changed and kind.right not in caller.rights:
            raise missing_right(kind.right)


router = Router(
    "/config",
    route_handlers=[show_config, show_config_schema, show_config_plan, apply_config],
    tags=["Config as code"],
)
