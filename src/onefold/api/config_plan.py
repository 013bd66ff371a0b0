"""What a set of documents would change in the whole config, and how that is carried out.

In: documents of every kind. Out: a plan, object by object, or everything that is wrong with the documents;
and results, object by object. Kinds are applied in their order and deleted in the other one, so that nothing
ever names what is not there. Applying again after a crash goes on where it stopped.
"""

import hashlib
from collections.abc import Coroutine, Sequence
from typing import NamedTuple

import msgspec

from onefold.api.config_connections import ConnectionKind
from onefold.api.config_identity import IdentityKind
from onefold.api.config_kind import CODE, Given, Kind, Scene
from onefold.api.config_segments import SegmentKind
from onefold.api.config_sources import SourceKind
from onefold.api.problem import FieldProblem, InvalidError
from onefold.api.workspace import Workspace
from onefold.config.config_plan import ConfigPlan, ConfigResult, ObjectPlan, ObjectResult, unmade
from onefold.errors import OnefoldError, RequestError
from onefold.model.json import JsonObject

KINDS: tuple[Kind, ...] = (IdentityKind(), SourceKind(), SegmentKind(), ConnectionKind())
"""Each behind those that it names."""


class PlannedConfig(NamedTuple):
    """A plan, with what is needed to carry it out."""

    plan: ConfigPlan
    scene: Scene


def export_config(workspace: Workspace, of_kind: str = "", named: str = "") -> list[JsonObject]:
    """Everything as documents, by kind and name; only of a kind or name, where one is given.

    Raises:
        RequestError: there is no such kind, or nothing of that name.
    """
    kinds = [kind for kind in KINDS if of_kind in ("", kind.name)]
    if not kinds:
        known = ", ".join(kind.name for kind in KINDS)
        message = f"There is no kind {of_kind!r}; there are: {known}."
        raise RequestError("config.unknown_kind", message, status=422, field="kind")
    documents = [document for kind in kinds for document in kind.export(workspace)]
    found = [document for document in documents if named in ("", document["name"])]
    if named and not found:
        what = of_kind or "object of the config"
        hint = "Names are told whole, as `onefold config export` writes them."
        raise RequestError(
            "config.unknown_name",
            f"There is no {what} called {named!r}.",
            status=404,
            field="name",
            hint=hint,
        )
    return found


def fingerprint(workspace: Workspace) -> str:
    """Of the config as it is: another one after any change."""
    held = msgspec.json.encode([kind.held(workspace) for kind in KINDS])
    return hashlib.sha256(held).hexdigest()[:32]


def plan_config(workspace: Workspace, documents: Sequence[JsonObject], *, prune: bool) -> PlannedConfig:
    """What applying the documents does; with `prune`, what none of them speaks of goes.

    Raises:
        InvalidError: with everything that is wrong with any of them.
    """
    # First: what changes while we look makes the plan one of an older config, which is refused later.
    mark = fingerprint(workspace)
    scene, problems = _set_scene(workspace, documents, prune=prune)
    objects: list[ObjectPlan] = []
    for kind in KINDS:
        plan = kind.planner(workspace, scene)
        for given in scene.given[kind.name]:
            try:
                objects.append(plan(given))
            except InvalidError as error:
                problems += [_placed(one, given.place) for one in error.problems]
        objects += _untold(workspace, kind, scene, prune=prune)
    if problems:
        raise InvalidError(CODE, problems)
    return PlannedConfig(ConfigPlan(mark, objects), scene)


async def apply_plan(workspace: Workspace, planned: PlannedConfig, *, by: str) -> ConfigResult:
    """Carry it out, object by object; what cannot be done is told, and the rest goes on."""
    plans = {(one.kind, one.name): one for one in planned.plan.objects}
    scene, attempts = planned.scene, Attempts()
    for kind in KINDS:
        for given in kind.in_order(scene.given[kind.name]):
            plan = plans[kind.name, given.name]
            if plan.action != "none":
                id_ = await attempts.make(plan, given, kind.apply(workspace, given, scene, by))
                scene.ids[kind.name][given.name] = given.id if id_ is None else id_
    for kind in reversed(KINDS):
        # The other way round: whoever asks for one goes before it.
        for given in reversed(kind.in_order(scene.gone.get(kind.name, []))):
            await attempts.make(plans[kind.name, given.name], given, kind.delete(workspace, given.id))
    return ConfigResult(all(one.state == "applied" for one in attempts.results), attempts.results)


class Attempts:
    """Changes one by one; after our own store failed, no further one is tried."""

    def __init__(self) -> None:
        self.results: list[ObjectResult] = []
        self._is_unwell = False

    async def make(
        self, plan: ObjectPlan, given: Given, change: Coroutine[None, None, int | None]
    ) -> int | None:
        """Try one, and keep what became of it; gives what the change gives."""
        id_ = max(given.id, 0)
        result = ObjectResult(plan.kind, plan.name, plan.action, "applied", id_, plan.changes)
        made = None
        if self._is_unwell:
            change.close()
            result = msgspec.structs.replace(result, state="not_tried", changes=[])
        else:
            try:
                made = await change
                result = msgspec.structs.replace(result, id=made or id_)
            except OnefoldError as error:
                self._is_unwell = not isinstance(error, RequestError)
                result = ObjectResult(
                    *(plan.kind, plan.name, plan.action, "failed", id_),
                    code=error.code,
                    message=_words(error),
                    hint=error.hint,
                )
        self.results.append(result)
        return made


def _set_scene(
    workspace: Workspace, documents: Sequence[JsonObject], *, prune: bool
) -> tuple[Scene, list[FieldProblem]]:
    """Which object each document is about, and what there will be; documents that are none are told."""
    scene, problems = Scene(), list[FieldProblem]()
    by_kind, problems = _by_kind(documents)
    for kind in KINDS:
        now = kind.ids(workspace)
        taken = {document["name"] for _, document in by_kind[kind.name]}
        given = []
        for place, document in by_kind[kind.name]:
            name, former = document["name"], document.get("renamed_from", "")
            is_renamed = name not in now and isinstance(former, str) and former in now
            if is_renamed and former in taken:
                message = f"Another document is about {former!r} already: it cannot become {name!r}, too."
                problems.append(FieldProblem(f"documents.{place}.renamed_from", message, former))
            taken.add(former if is_renamed else name)
            id_ = now.get(former if is_renamed else name, -1 - place)
            given.append(Given(place, document, id_, former if is_renamed else ""))
        scene.given[kind.name], scene.now[kind.name] = given, now
        told = {one.id for one in given}
        others = {name: id_ for name, id_ in now.items() if id_ not in told}
        kept = {} if prune and kind.is_deletable else others
        scene.ids[kind.name] = {**kept, **{one.name: one.id for one in given}}
        if others and not kept:
            exported = {document["name"]: document for document in kind.export(workspace)}
            scene.gone[kind.name] = [Given(-1, exported[name], id_) for name, id_ in others.items()]
    return scene, problems


def _by_kind(
    documents: Sequence[JsonObject],
) -> tuple[dict[str, list[tuple[int, JsonObject]]], list[FieldProblem]]:
    """The documents of each kind with their places; those that have no kind or name, or twice one, apart."""
    found: dict[str, list[tuple[int, JsonObject]]] = {kind.name: [] for kind in KINDS}
    problems, seen = list[FieldProblem](), set[tuple[str, str]]()
    for place, document in enumerate(documents):
        kind, name = document.get("kind"), document.get("name")
        where = f"documents.{place}"
        if not isinstance(kind, str) or kind not in found:
            known = ", ".join(found)
            message = f"There is no kind {kind!r}; there are: {known}."
            problems.append(FieldProblem(f"{where}.kind", message, kind))
        elif not isinstance(name, str) or not name.strip():
            problems.append(FieldProblem(f"{where}.name", "name is needed: a text."))
        elif (kind, name.strip()) in seen:
            problems.append(FieldProblem(f"{where}.name", f"The {kind} {name!r} is there twice.", name))
        else:
            seen.add((kind, name.strip()))
            found[kind].append((place, {**document, "name": name.strip()}))
    return found, problems


def _untold(workspace: Workspace, kind: Kind, scene: Scene, *, prune: bool) -> list[ObjectPlan]:
    """What no document speaks of."""
    told = {one.id for one in scene.given[kind.name]}
    names = sorted(name for name, id_ in scene.now[kind.name].items() if id_ not in told)
    if prune:
        specs = {one.name: one.document["spec"] for one in scene.gone.get(kind.name, [])}
        plans = [kind.plan_deletion(workspace, name, scene.now[kind.name][name]) for name in names]
        return [msgspec.structs.replace(one, changes=unmade(specs.get(one.name, {}))) for one in plans]
    return [ObjectPlan(kind.name, name, "unmanaged") for name in names]


def _placed(problem: FieldProblem, place: int) -> FieldProblem:
    return msgspec.structs.replace(problem, field=f"documents.{place}.{problem.field}".rstrip("."))


def _words(error: OnefoldError) -> str:
    """Also which fields are at fault, for a result has one message."""
    if isinstance(error, InvalidError):
        return " ".join(f"{one.field}: {one.message}" for one in error.problems)
    return error.message
