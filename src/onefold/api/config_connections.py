"""Connections with their goals as code: by the document that a single connection has, too."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from onefold.api.caller import Caller
from onefold.api.config_goal_effects import goal_effects
from onefold.api.config_kind import CODE, Given, Scene
from onefold.api.connection_plan import PlannedConnection, plan_connection, write_connection_plan
from onefold.api.goals import goals_of
from onefold.api.problem import InvalidError
from onefold.api.workspace import Workspace
from onefold.config.config_plan import Effect, ObjectPlan, made
from onefold.config.connection import ConnectionDocument, write_connection
from onefold.config.secrets import keep_references, secret_references
from onefold.model.access import Right
from onefold.model.connection import Connection
from onefold.model.json import JsonObject, JsonValue

SECRETS = "spec.secrets"


class ConnectionKind:
    """All of them."""

    name = "connection"
    right = Right.CONNECT
    is_deletable = True
    document = ConnectionDocument

    def ids(self, workspace: Workspace) -> dict[str, int]:
        """By name."""
        return {one.name: one.id for one in workspace.connections.page()}

    def held(self, workspace: Workspace) -> JsonValue:
        """A changed secret is another version: it need not be looked at."""
        found = [msgspec.structs.replace(one, secrets={}) for one in workspace.connections.page()]
        return [found, workspace.connections.goals()]

    def export(self, workspace: Workspace) -> list[JsonObject]:
        """A document each, with a reference in the place of each secret."""
        names = {one.definition.id: one.definition.name for one in workspace.segments.page()}
        found = sorted(workspace.connections.page(), key=lambda one: one.name)
        references = secret_references([(one.name, one.secrets) for one in found])
        documents = []
        for one in found:
            document = write_connection(one, goals_of(workspace, one), names)
            spec = document["spec"]
            goals = {"goals": spec.pop("goals")} if "goals" in spec else {}
            secrets = {"secrets": references[one.name]} if references[one.name] else {}
            documents.append({**document, "spec": {**spec, **secrets, **goals}})
        return documents

    def in_order(self, given: Sequence[Given]) -> list[Given]:
        """As they come: none needs another."""
        return list(given)

    def planner(self, workspace: Workspace, scene: Scene) -> Callable[[Given], ObjectPlan]:
        """Field by field, goals and their rows by name."""
        connections = {one.id: one for one in workspace.connections.page()}
        ids, names = scene.ids["segment"], scene.names("segment")

        def plan(given: Given) -> ObjectPlan:
            planned = _plan(workspace, given, connections.get(given.id), ids, names)
            changes = planned.plan.changes
            if planned.before is None:
                document = write_connection(planned.wanted.connection, planned.wanted.goals, names)
                secrets = [one for one in changes if one.path.startswith(f"{SECRETS}.")]
                changes = [*made(document["spec"]), *secrets]
            return ObjectPlan(
                self.name,
                planned.plan.name,
                planned.plan.action,
                changes,
                planned.plan.warnings,
                renamed_from=given.former,
            )

        return plan

    def plan_deletion(self, workspace: Workspace, name: str, id_: int) -> ObjectPlan:
        """With its goals and secrets."""
        goals = [goal.name for goal in workspace.connections.goals([id_])]
        gone = [f"Its goals go with it: {', '.join(goals)}. What they sent stays sent."] if goals else []
        return ObjectPlan(self.name, name, "delete", warnings=[*gone, "Its secrets are gone for good."])

    async def effect(self, workspace: Workspace, given: Given, scene: Scene, caller: Caller) -> Effect | None:
        """What its goals would send."""
        planned = await asyncio.to_thread(self._planned, workspace, given, scene, scene.ids["segment"])
        made = set(scene.made_ids("segment").values())
        goals = await goal_effects(workspace, planned, made, caller)
        return Effect(self.name, given.name, goals=goals) if goals else None

    async def apply(self, workspace: Workspace, given: Given, scene: Scene, by: str) -> int:
        """Make it so, in one transaction."""
        del by
        return await asyncio.to_thread(self._apply, workspace, given, scene)

    async def delete(self, workspace: Workspace, id_: int) -> None:
        """What was sent stays at the destination."""
        await asyncio.to_thread(workspace.connections.delete, id_)
        workspace.wake("deliver")

    def _apply(self, workspace: Workspace, given: Given, scene: Scene) -> int:
        planned = self._planned(workspace, given, scene, scene.made_ids("segment"))
        write_connection_plan(workspace, planned)
        return self.ids(workspace)[planned.wanted.connection.name]

    def _planned(
        self, workspace: Workspace, given: Given, scene: Scene, ids: dict[str, int]
    ) -> PlannedConnection:
        found = {one.id: one for one in workspace.connections.page()}
        return _plan(workspace, given, found.get(given.id), ids, scene.names("segment"))


def _plan(
    workspace: Workspace,
    given: Given,
    before: Connection | None,
    ids: dict[str, int],
    names: dict[int, str],
) -> PlannedConnection:
    kept = before.secrets if before is not None else {}
    document = keep_references(given.document, kept)
    try:
        return plan_connection(workspace, document, before, ids, names)
    except InvalidError as error:
        problems = [
            msgspec.structs.replace(one, field="spec.connector") if one.field == "connector" else one
            for one in error.problems
        ]
        raise InvalidError(CODE, problems, hint=error.hint) from error
