"""A connection with its goals as one document, and what applying a document would change.

In: what there is now, by id, and a document. Out: the document of what there is; the connection and goals
that a document asks for; every problem in it at once; the difference, field by field. Nothing is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from onefold.config.decode import find_problems
from onefold.config.goal import find_goal_problems
from onefold.config.names import RenamedFrom, by_id, by_name, document_type, is_ours, named_segments
from onefold.config.plan import Change, difference
from onefold.config.terse import terse
from onefold.model.connection import Connection
from onefold.model.goal import GOALS_MAX, Goal
from onefold.model.json import JsonObject, JsonValue
from onefold.plugin.check import check_connection, check_secrets_stay
from onefold.plugin.contract import Connector
from onefold.plugin.declare import Problem

KIND = "connection"
SCHEMA_ID = "onefold:connection"


class SecretSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a secret comes from: one of these. Without an entry, the secret that is kept stays."""

    env: str | None = None
    """A variable of the environment of the command that applies the document."""
    file: str | None = None
    """A file beside the document, or an absolute path, on the machine of that command."""
    value: str | None = None
    """The secret itself, as the API takes it."""


GoalDocument = document_type(Goal)
_FIELDS: list[Any] = [
    (field.name, field.type, msgspec.field(default_factory=field.default_factory))
    if field.default_factory is not msgspec.NODEFAULT
    else (field.name, field.type, field.default)
    if field.default is not msgspec.NODEFAULT
    else (field.name, field.type)
    for field in msgspec.structs.fields(document_type(Connection))
    if field.name not in ("name", "secrets")
]
ConnectionSpec = msgspec.defstruct(
    "ConnectionSpec",
    [
        *_FIELDS,
        (
            "secrets",
            Annotated[
                dict[str, SecretSource | None],
                msgspec.Meta(description="What is left out stays; null removes one. Never exported."),
            ],
            msgspec.field(default_factory=dict),
        ),
        (
            "goals",
            Annotated[
                list[GoalDocument],  # type: ignore[valid-type]
                msgspec.Meta(description="In their order. A goal that is left out is deleted."),
            ],
            msgspec.field(default_factory=list),
        ),
    ],
    namespace={"__doc__": "What a connection is; GET /api/v1/connectors tells which settings it takes."},
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
)


class ConnectionDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A connection as config as code has it."""

    kind: Literal["connection"]
    name: str
    spec: ConnectionSpec  # type: ignore[valid-type]
    renamed_from: RenamedFrom = ""


class Wanted(msgspec.Struct, frozen=True):
    """What a document asks for: goals that exist keep their id, others have 0."""

    connection: Connection
    goals: list[Goal]


class Reading(msgspec.Struct, frozen=True):
    """A document that was read: what it asks for, or why it cannot be."""

    wanted: Wanted | None
    problems: list[Problem]


def write_connection(connection: Connection, goals: Sequence[Goal], names: Mapping[int, str]) -> JsonObject:
    """The document of a connection: what is as it would be anyway is left out, and so are secrets."""
    return _document(connection, goals, names, whole=False)


def connection_schema() -> JsonObject:
    """The JSON schema of a connection's document (draft 2020-12)."""
    schema = msgspec.json.schema(ConnectionDocument)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID, **schema}


def read_connection(
    document: JsonValue,
    before: Connection | None,
    goals_before: Sequence[Goal],
    ids: Mapping[str, int],
    at: int,
) -> Reading:
    """What a document asks for, beside what there is; its form is checked, not yet what connectors say.

    `ids` are the segments by name, `at` is the time of what is new.
    """
    problems = find_problems(document, ConnectionDocument)
    if problems:
        return Reading(None, problems)
    spec = document["spec"]
    problems = [
        *_missing_segments(spec.get("goals", []), ids),
        *_bad_secrets(spec.get("secrets", {})),
        *_nulls(spec.get("settings", {}), "spec.settings"),
        *_bad_goals(spec.get("goals", [])),
    ]
    if problems:
        return Reading(None, problems)
    connection = _connection(document["name"], spec, before, at)
    by_old_name = {goal.name: goal for goal in goals_before}
    goals = [
        _goal(
            goal,
            by_old_name.get(goal["name"].strip()),
            ids,
            connection_id=connection.id,
            place=place,
            at=at,
        )
        for place, goal in enumerate(spec.get("goals", []))
    ]
    return Reading(Wanted(connection, goals), [])


def check_wanted(
    wanted: Wanted, before: Connection | None, connector: Connector, given: JsonObject
) -> list[Problem]:
    """What connector and rules have against it, with the paths of the document; `given`: its secrets."""
    connection = wanted.connection
    problems = check_connection(connector, connection)
    if before is not None:
        if before.connector != connection.connector:
            message = f"A connection stays what it is: this one is of {before.connector!r}. Make another one."
            problems.append(Problem("connector", message))
        problems += check_secrets_stay(connector.info.fields, before, connection, given)
    found = [Problem(_spec_path(problem.path), problem.message) for problem in problems]
    # New ones have no ids yet: negative ones tell them apart.
    numbered = [
        goal if goal.id else msgspec.structs.replace(goal, id=-place)
        for place, goal in enumerate(wanted.goals, 1)
    ]
    for place, goal in enumerate(numbered):
        problems = find_goal_problems(connector, goal, numbered[:place], connection.settings)
        found += [Problem(f"spec.goals.{place}.{one.path}", one.message) for one in problems]
    return found


def find_changes(
    before: Connection | None, goals_before: Sequence[Goal], wanted: Wanted, names: Mapping[int, str]
) -> list[Change]:
    """Every field that would change; secrets only as set or unset."""
    after = _document(wanted.connection, wanted.goals, names, whole=True)
    old = _document(before, goals_before, names, whole=True) if before is not None else None
    changes = difference(_keyed(old), _keyed(after))
    old_order = [goal.name for goal in _ordered(goals_before)]
    order = [goal.name for goal in _ordered(wanted.goals)]
    if old_order != order:
        changes.append(Change("spec.goals", old_order, order))
    old_secrets = before.secrets if before is not None else {}
    for name in dict.fromkeys([*old_secrets, *wanted.connection.secrets]):
        secret, other = old_secrets.get(name), wanted.connection.secrets.get(name)
        if secret != other:
            was = "set" if secret else None
            becomes = ("set to another value" if secret else "set") if other else None
            changes.append(Change(f"spec.secrets.{name}", was, becomes))
    return changes


def _document(
    connection: Connection, goals: Sequence[Goal], names: Mapping[int, str], *, whole: bool
) -> JsonObject:
    ordered = _ordered(goals)
    spec = _plain(connection, names, whole=whole)
    spec.pop("name")
    spec.pop("secrets", None)
    if ordered or whole:
        spec["goals"] = [_plain(goal, names, whole=whole) for goal in ordered]
    return {"kind": KIND, "name": connection.name, "spec": spec}


def _plain(value: msgspec.Struct, names: Mapping[int, str], *, whole: bool) -> JsonObject:
    """The fields of a struct that a document has, those that are nothing special left out unless `whole`."""
    found: JsonObject = {}
    for field in msgspec.structs.fields(value):
        if is_ours(field.name):
            continue
        held = getattr(value, field.name)
        default = field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if whole or held != default:
            # Also within: a mapping's type is left out where it is the usual one.
            found[field.name] = msgspec.to_builtins(held) if whole else terse(held)
    named: JsonObject = by_name(found, names)
    return named


def _ordered(goals: Sequence[Goal]) -> list[Goal]:
    return sorted(goals, key=lambda goal: (goal.position, goal.id))


def _keyed(document: JsonObject | None) -> JsonObject | None:
    """Goals by name and mapping rows by field, so that each is compared with itself."""
    if document is None:
        return None
    spec = dict(document["spec"])
    goals = {goal["name"]: _with_rows(goal) for goal in spec.pop("goals")}
    return {**document, "spec": {**spec, "goals": goals}}


def _with_rows(goal: JsonObject) -> JsonObject:
    rows = goal.get("mappings", [])
    by_field = {row["field"]: row for row in rows}
    keyed = {**goal, "mappings": by_field} if len(by_field) == len(rows) else goal
    events = goal.get("event_mappings", [])
    by_event = {row["event"]: row for row in events}
    return {**keyed, "event_mappings": by_event} if len(by_event) == len(events) else keyed


def _connection(name: str, spec: JsonObject, before: Connection | None, at: int) -> Connection:
    """What the document says in place of all that it could say; ids, version and times stay."""
    given = {key: value for key, value in spec.items() if key not in ("secrets", "goals")}
    secrets = dict(before.secrets if before is not None else {})
    for secret, source in spec.get("secrets", {}).items():
        if source is None:
            secrets.pop(secret, None)
        else:
            secrets[secret] = source["value"]
    own = {"id": 0, "created_at": at} if before is None else _ours(before)
    body = {**given, **own, "name": name.strip(), "secrets": secrets}
    return msgspec.convert(body, Connection)


def _goal(
    document: JsonObject,
    before: Goal | None,
    ids: Mapping[str, int],
    *,
    connection_id: int,
    place: int,
    at: int,
) -> Goal:
    own = {"id": 0, "created_at": at} if before is None else _ours(before)
    own |= {"connection_id": connection_id, "position": place, "name": document["name"].strip()}
    return msgspec.convert({**by_id(document, ids), **own}, Goal)


def _ours(value: msgspec.Struct) -> JsonObject:
    return {
        field.name: getattr(value, field.name)
        for field in msgspec.structs.fields(value)
        if is_ours(field.name)
    }


def _missing_segments(goals: Sequence[JsonObject], ids: Mapping[str, int]) -> Iterator[Problem]:
    for place, goal in enumerate(goals):
        for path, name in named_segments(goal, f"spec.goals.{place}"):
            if name and name not in ids:
                yield Problem(path, f"There is no segment {name!r}.")


def _bad_secrets(secrets: JsonObject) -> Iterator[Problem]:
    for name, source in secrets.items():
        if source is None:
            continue
        given = [kind for kind, value in source.items() if value is not None]
        path = f"spec.secrets.{name}"
        if len(given) != 1:
            yield Problem(path, "Give one of env, file and value.")
        elif given != ["value"]:
            what = "variable" if given == ["env"] else "file"
            yield Problem(
                path,
                f"The {what} {source[given[0]]!r} was not read: the command that applies the document does "
                "that, never the server; the API takes a value.",
            )
        elif not source["value"]:
            yield Problem(path, "The secret is empty: leave it out to keep the one there is.")


def _bad_goals(goals: Sequence[JsonObject]) -> Iterator[Problem]:
    if len(goals) > GOALS_MAX:
        yield Problem("spec.goals", f"A connection has at most {GOALS_MAX} goals.")
    seen: set[str] = set()
    for place, goal in enumerate(goals):
        name = goal["name"].strip()
        if name in seen:
            yield Problem(f"spec.goals.{place}.name", f"There is a goal {name!r} above already.")
        seen.add(name)
        yield from _nulls(goal.get("settings", {}), f"spec.goals.{place}.settings")


def _nulls(settings: JsonObject, path: str) -> Iterator[Problem]:
    """In YAML, a setting `null` without quotes is no text: what was meant cannot be told."""
    for name, value in settings.items():
        if value is None:
            yield Problem(f"{path}.{name}", 'It is null: leave it out, or write "null" for the text.')


def _spec_path(path: str) -> str:
    return path if path == "name" else f"spec.{path}"
