"""Segments as code: the condition names other segments, for ids differ between installations."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from onefold.api.caller import Caller, missing_right
from onefold.api.config_kind import CODE, Given, Scene, check_form
from onefold.api.name import Name
from onefold.api.problem import FieldProblem, InvalidError
from onefold.api.segment_preview import SegmentPreviewView, preview_condition
from onefold.api.segments import (
    Description,
    NewSegment,
    SegmentChange,
    check_segment_room,
    condition_beside,
    define_segment,
    follow_log,
    is_same_condition,
    redefine_segment,
    remove_segment,
)
from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.segments import StoredSegment
from onefold.config.config_plan import Effect, ObjectPlan, in_order, made
from onefold.config.names import RenamedFrom, by_id, by_name, named_segments
from onefold.config.plan import difference
from onefold.config.terse import terse
from onefold.model.access import Right
from onefold.model.json import JsonObject, JsonValue
from onefold.model.segment import All, Condition, SegmentDefinition
from onefold.segment.words import describe

CONDITION = "spec.condition"


class SegmentSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a segment is."""

    condition: Annotated[
        dict[str, JsonValue],
        Meta(description="The tree of the reference of conditions, with segments by name."),
    ]
    description: Description = ""


class SegmentDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment as config as code has it."""

    kind: Literal["segment"]
    name: Name
    spec: SegmentSpec
    renamed_from: RenamedFrom = ""


class SegmentKind:
    """All of them."""

    name = "segment"
    right = Right.SEGMENT
    is_deletable = True
    document = SegmentDocument

    def ids(self, workspace: Workspace) -> dict[str, int]:
        """By name."""
        return {one.definition.name: one.definition.id for one in workspace.segments.page()}

    def held(self, workspace: Workspace) -> JsonValue:
        """Definitions and descriptions: where a fill stands is no config."""
        follow_log(workspace)
        return [(one.definition, one.description) for one in workspace.segments.page()]

    def export(self, workspace: Workspace) -> list[JsonObject]:
        """A document each."""
        follow_log(workspace)
        stored = workspace.segments.page()
        names = {one.definition.id: one.definition.name for one in stored}
        return [
            _document(one, names, terse)
            for one in sorted(stored, key=lambda segment: segment.definition.name)
        ]

    def in_order(self, given: Sequence[Given]) -> list[Given]:
        """Each behind those that it asks about, so that none ever asks about one that is not there."""
        by_own_name = {one.name: one for one in given}
        needs = {
            name: [
                asked
                for _, asked in named_segments(one.document["spec"]["condition"], "")
                if asked in by_own_name
            ]
            for name, one in by_own_name.items()
        }
        return [by_own_name[name] for name in in_order(needs)]

    def planner(self, workspace: Workspace, scene: Scene) -> Callable[[Given], ObjectPlan]:
        """Each condition beside those that the others will have."""
        follow_log(workspace)
        stored = {one.definition.id: one for one in workspace.segments.page()}
        coming = _coming(stored, scene)
        names = scene.names(self.name)
        people = {id_: status.people for id_, status in workspace.people.segments().items()}
        check_segment_room(workspace, len(coming) - len(stored))

        def plan(given: Given) -> ObjectPlan:
            check_form(given.document, SegmentDocument)
            spec = msgspec.convert(given.document["spec"], SegmentSpec)
            others = {id_: one for id_, one in coming.items() if id_ != given.id}
            condition = _condition(spec.condition, scene.ids[self.name], others, given.id)
            words = describe(condition, names)
            before = stored.get(given.id)
            if before is None:
                after = _spec_of(condition, spec.description, names, terse)
                return ObjectPlan(self.name, given.name, "create", made(after), words=words)
            old = _document(before, names, msgspec.to_builtins)
            after = _spec_of(condition, spec.description, names, msgspec.to_builtins)
            changes = difference(
                {**old, "name": before.definition.name}, {**old, "name": given.name, "spec": after}
            )
            is_redefined = not is_same_condition(condition, before.definition.condition)
            return ObjectPlan(
                self.name,
                given.name,
                "change" if changes else "none",
                changes,
                [_filled_anew(people.get(given.id, 0))] if is_redefined else [],
                words if is_redefined else "",
                given.former,
            )

        return plan

    def plan_deletion(self, workspace: Workspace, name: str, id_: int) -> ObjectPlan:
        """How many leave."""
        status = workspace.people.segments().get(id_)
        leaving = f"{status.people if status else 0:,} people are in it, and leave it."
        return ObjectPlan(self.name, name, "delete", warnings=[leaving])

    async def effect(self, workspace: Workspace, given: Given, scene: Scene, caller: Caller) -> Effect | None:
        """Who would enter and leave, by the people as they are; other segments count as they are, too."""
        if Right.SEGMENT not in caller.rights:
            raise missing_right(Right.SEGMENT)
        tree, ids = given.document["spec"]["condition"], scene.made_ids(self.name)
        if any(name not in ids for _, name in named_segments(tree, "")):
            return Effect(self.name, given.name, reason="It asks about a segment that is made with it.")
        changed = "" if given.is_new else str(given.id)
        found = await asyncio.to_thread(preview_condition, workspace, by_id(tree, ids), changed)
        return Effect(
            self.name,
            given.name,
            found.people,
            found.people if given.is_new else found.entering,
            0 if given.is_new else found.leaving,
            found.is_exact,
            _why(found),
        )

    async def apply(self, workspace: Workspace, given: Given, scene: Scene, by: str) -> int:
        """Make it so."""
        spec = msgspec.convert(given.document["spec"], SegmentSpec)
        _check_names(spec.condition, scene.made_ids(self.name))
        condition: Any = by_id(spec.condition, scene.made_ids(self.name))
        if given.is_new:
            stored = await define_segment(
                workspace, NewSegment(given.name, condition, spec.description), by=by
            )
        else:
            change = SegmentChange(given.name, condition, spec.description)
            stored = await redefine_segment(workspace, str(given.id), change, by=by)
        return stored.definition.id

    async def delete(self, workspace: Workspace, id_: int) -> None:
        """Its members leave."""
        await remove_segment(workspace, str(id_))


def _coming(stored: Mapping[int, StoredSegment], scene: Scene) -> dict[int, SegmentDefinition]:
    """Every segment as it will be; one whose document is wrong counts as everyone, and is told by itself."""
    ids = scene.ids["segment"]
    coming = {id_: stored[id_].definition for id_ in ids.values() if id_ in stored}
    for given in scene.given["segment"]:
        spec = given.document.get("spec")
        tree = spec.get("condition") if isinstance(spec, dict) else None
        try:
            condition = msgspec.convert(by_id(tree, ids), Condition)
        except (msgspec.ValidationError, TypeError):
            condition = All([])
        coming[given.id] = SegmentDefinition(given.id, 0, given.name, condition)
    return coming


def _condition(
    tree: JsonObject, ids: Mapping[str, int], others: Mapping[int, SegmentDefinition], id_: int
) -> Condition:
    _check_names(tree, ids)
    try:
        return condition_beside(by_id(tree, ids), others, id_)
    except InvalidError as error:
        raise InvalidError(
            CODE,
            [
                msgspec.structs.replace(one, field=f"spec.{one.field}".replace(".segment_id", ".segment"))
                for one in error.problems
            ],
        ) from error


def _check_names(tree: JsonObject, ids: Mapping[str, int]) -> None:
    """Every segment is asked for by a name, and is there."""
    problems = [*_unnamed(tree, CONDITION)]
    for path, name in named_segments(tree, CONDITION):
        if not isinstance(name, str):
            problems.append(FieldProblem(path, "It is the name of a segment."))
        elif name not in ids:
            problems.append(FieldProblem(path, f"There is no segment {name!r}.", name))
    if problems:
        raise InvalidError(CODE, problems)


def _unnamed(value: JsonValue, path: str) -> Iterator[FieldProblem]:
    """Ids, which mean nothing in another workspace."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from _unnamed(item, f"{path}.{place}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "segment_id":
                message = "Ids differ between installations: name the segment."
                yield FieldProblem(f"{path}.{key}", message, item, "Write `segment: NAME`.")
            yield from _unnamed(item, f"{path}.{key}")


def _document(one: StoredSegment, names: Mapping[int, str], plain: Callable[[Any], Any]) -> JsonObject:
    definition = one.definition
    spec = _spec_of(definition.condition, one.description, names, plain)
    return {"kind": "segment", "name": definition.name, "spec": spec}


def _spec_of(
    condition: Condition, description: str, names: Mapping[int, str], plain: Callable[[Any], Any]
) -> JsonObject:
    spec: JsonObject = {"description": description} if description or plain is not terse else {}
    return {**spec, "condition": by_name(plain(condition), names)}


def _why(found: SegmentPreviewView) -> str:
    if found.people is not None:
        return ""
    between = f"from {found.people_min:,} to {found.people_max:,} people"
    return f"Only filling it can tell ({between}): nobody counts {', '.join(found.needs_fill)} yet."


def _filled_anew(people: int) -> str:
    return f"It is filled anew; {people:,} people are in it now, and stay until that is done."
