"""Sources as code. Write keys stay out: every installation has its own, and none is ever given twice."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

import msgspec

from onefold.api.caller import Caller
from onefold.api.config_kind import Given, Scene, check_form, refuse
from onefold.api.name import Name
from onefold.api.sources import (
    NewSource,
    Rate,
    SourceChange,
    alter_source,
    check_source_kind,
    make_source,
)
from onefold.api.workspace import Workspace
from onefold.config.config_plan import ObjectPlan, made
from onefold.config.names import RenamedFrom
from onefold.config.plan import difference
from onefold.config.terse import terse
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.json import JsonObject, JsonValue
from onefold.model.source import HTTP, IMPORT, Source

SOURCES_MAX = 1_000_000
NEVER_DELETED = "A source is never deleted, for its events name it. Turn it off instead: enabled: false."


class SourceSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a source is; its write keys are made where it is applied."""

    kind: Annotated[
        str,
        msgspec.Meta(
            max_length=100, description="What it takes: http, or what a connector tells of. It stays."
        ),
    ] = HTTP
    enabled: bool = True
    rate_per_s: Rate = 0
    drop_ip: bool = False
    drop_bots: bool = False


class SourceDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source as config as code has it."""

    kind: Literal["source"]
    name: Name
    spec: SourceSpec = SourceSpec()
    renamed_from: RenamedFrom = ""


class SourceKind:
    """Those that people make; what imports make for themselves stays out."""

    name = "source"
    right = Right.CONNECT
    is_deletable = False
    document = SourceDocument

    def ids(self, workspace: Workspace) -> dict[str, int]:
        """By name."""
        return {source.name: source.id for source in self._sources(workspace)}

    def held(self, workspace: Workspace) -> JsonValue:
        """All of them."""
        return self._sources(workspace)

    def export(self, workspace: Workspace) -> list[JsonObject]:
        """A document each."""
        return [
            {"kind": self.name, "name": source.name, "spec": terse(_spec(source))}
            for source in self._sources(workspace)
        ]

    def in_order(self, given: Sequence[Given]) -> list[Given]:
        """As they come: none needs another."""
        return list(given)

    def planner(self, workspace: Workspace, scene: Scene) -> Callable[[Given], ObjectPlan]:
        """Field by field."""
        sources = {source.id: source for source in workspace.sources.page(count_max=SOURCES_MAX)}
        taken = {source.name for source in sources.values() if source.kind == IMPORT}
        del scene

        def plan(given: Given) -> ObjectPlan:
            check_form(given.document, SourceDocument)
            spec = msgspec.convert(given.document.get("spec", {}), SourceSpec)
            before = sources.get(given.id)
            if given.name in taken:
                raise refuse("name", f"An import has a source {given.name!r} already.", value=given.name)
            if before is not None and before.kind != spec.kind:
                message = f"A source stays what it is: this one takes {before.kind!r}."
                raise refuse("spec.kind", message, value=spec.kind, remedy="Make another one.")
            try:
                check_source_kind(workspace, spec.kind)
            except RequestError as error:
                raise refuse("spec.kind", error.message, value=spec.kind) from error
            if before is None:
                return ObjectPlan(self.name, given.name, "create", made(terse(spec)))
            old = {"name": before.name, "spec": msgspec.to_builtins(_spec(before))}
            changes = difference(old, {"name": given.name, "spec": msgspec.to_builtins(spec)})
            return ObjectPlan(
                self.name, given.name, "change" if changes else "none", changes, renamed_from=given.former
            )

        return plan

    def plan_deletion(self, workspace: Workspace, name: str, id_: int) -> ObjectPlan:
        """It stays, and says why."""
        del workspace, id_
        return ObjectPlan(self.name, name, "unmanaged", warnings=[NEVER_DELETED])

    async def effect(self, workspace: Workspace, given: Given, scene: Scene, caller: Caller) -> None:
        """None on people: who is there stays."""
        del workspace, given, scene, caller

    async def apply(self, workspace: Workspace, given: Given, scene: Scene, by: str) -> int:
        """Make it so."""
        del scene, by
        return await asyncio.to_thread(self._apply, workspace, given)

    async def delete(self, workspace: Workspace, id_: int) -> None:
        """Never asked for: no plan says so."""
        raise NotImplementedError(NEVER_DELETED)

    def _apply(self, workspace: Workspace, given: Given) -> int:
        spec = msgspec.convert(given.document.get("spec", {}), SourceSpec)
        source = workspace.sources.find(str(given.id)) if not given.is_new else None
        if source is None:
            new = NewSource(given.name, spec.rate_per_s, spec.drop_ip, spec.drop_bots, spec.kind)
            source, _ = make_source(workspace, new)
        fields = {name: getattr(spec, name) for name in ("enabled", "rate_per_s", "drop_ip", "drop_bots")}
        changed = {name: value for name, value in fields.items() if value != getattr(source, name)}
        if source.name != given.name:
            changed["name"] = given.name
        return alter_source(workspace, source, SourceChange(**changed)).id

    def _sources(self, workspace: Workspace) -> list[Source]:
        found = workspace.sources.page(count_max=SOURCES_MAX)
        return sorted((one for one in found if one.kind != IMPORT), key=lambda one: one.name)


def _spec(source: Source) -> SourceSpec:
    return SourceSpec(source.kind, source.enabled, source.rate_per_s, source.drop_ip, source.drop_bots)
