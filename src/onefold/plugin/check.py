"""Checking connections and goals against what their connector declares: all problems at once.

In: what the API or a config file holds. Out: problems with a path each; none means that it can be kept.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from onefold.model.budget import find_budget_problem
from onefold.model.connection import NAME_CHARS_MAX, Connection
from onefold.model.consent import PURPOSE_CHARS_MAX, is_purpose
from onefold.model.goal import EVERYONE, Goal
from onefold.model.json import JsonValue
from onefold.model.mapping import (
    LISTED_MAX,
    ConsentValue,
    CounterValue,
    InteractionsValue,
    InteractionValue,
    SegmentsValue,
    SegmentValue,
    TraitValue,
)
from onefold.plugin.check_events import check_event_mappings, check_start
from onefold.plugin.check_match import check_match, check_test_people
from onefold.plugin.contract import Connector
from onefold.plugin.courtesy import courtesy_problems
from onefold.plugin.declare import Feed, Field, FieldKind, GoalKind, Problem

DESCRIPTION_CHARS_MAX = 2000
OWNER_CHARS_MAX = 200
LABELS_MAX = 50
LABEL_CHARS_MAX = 100
MAPPINGS_MAX = 200
"""Braze advises against thousands of attributes; a form of more rows than this cannot be read."""

TEMPLATE_CHARS_MAX = 100_000
"""More than any API takes of one call; a template is kept with its goal."""
PAIRS_MAX = 100
SECRETS_MAX = 50
_SECRET_NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


def check_connection(connector: Connector, connection: Connection) -> list[Problem]:
    """What is wrong with a connection."""
    fields = connector.info.fields
    plain = [field for field in fields if field.kind is not FieldKind.SECRET]
    secret = [field for field in fields if field.kind is FieldKind.SECRET]
    problems = check_name(connection.name) + _check_about(connection)
    problems += check_settings(plain, connection.settings, "settings")
    if wrong := find_budget_problem(connection.budget):
        problems.append(Problem("budget.timezone", wrong))
    if connector.info.custom_secrets:
        problems += _check_secrets(secret, connection.secrets)
    else:
        problems += check_settings(secret, connection.secrets, "secrets")
    return problems or connector.check_connection(connection)


def check_secrets_stay(
    fields: Sequence[Field], before: Connection, after: Connection, given: Collection[str]
) -> list[Problem]:
    """Kept secrets go only where they were given for: with another address each must be given again.

    Else whoever may change a connection could have its secrets, which are never shown, sent to himself.
    """
    moved = {
        field.name: field.title
        for field in fields
        if (field.kind is FieldKind.URL or field.guards_secrets)
        and before.settings.get(field.name) != after.settings.get(field.name)
    }
    declared = {field.name: field for field in fields if field.kind is FieldKind.SECRET}
    problems = []
    for name in after.secrets:
        if name in given:
            continue
        field = declared.get(name)
        address = moved.get(field.sent_to) if field and field.sent_to else next(iter(moved.values()), None)
        if address is not None:
            title = field.title if field else name
            message = f"{address} is another one now: give {title} again, for a kept one goes nowhere else."
            problems.append(Problem(f"secrets.{name}", message))
    return problems


def check_goal(
    connector: Connector,
    goal: Goal,
    others: Iterable[Goal] = (),
    segment_ids: Collection[int] | None = None,
    *,
    may_overlap: bool = False,
) -> list[Problem]:
    """What is wrong with a goal, beside the other goals of its connection and the segments there are.

    With `may_overlap`, the order of goals decides between two that write one field.
    """
    kind = connector.info.goal(goal.kind)
    if kind is None:
        names = ", ".join(known.name for known in connector.info.goals)
        return [Problem("kind", f"{connector.info.title} has no goal {goal.kind!r}; it has: {names}.")]
    problems = check_name(goal.name)
    problems += check_settings(kind.fields, goal.settings, "settings")
    if goal.purpose and not is_purpose(goal.purpose):
        problems.append(
            Problem("purpose", f"A purpose has 1 to {PURPOSE_CHARS_MAX} characters, without outer spaces.")
        )
    problems += _check_segments(goal, segment_ids)
    problems += _check_for_whom(kind, goal)
    problems += _check_mappings(kind, goal)
    problems += _check_moments(kind, goal)
    problems += check_event_mappings(kind, goal)
    problems += check_start(kind, goal)
    problems += check_match(kind, goal)
    problems += check_test_people(goal)
    if not may_overlap:
        problems += _check_overlap(goal, others)
    return problems + ([] if problems else connector.check_goal(goal))


def check_settings(fields: Sequence[Field], values: Mapping[str, JsonValue], path: str) -> list[Problem]:
    """What is wrong with values for declared fields: unknown, missing, of the wrong type, out of range."""
    known = {field.name: field for field in fields}
    problems = [
        Problem(f"{path}.{name}", f"There is no field {name!r}; there are: {', '.join(known) or 'none'}.")
        for name in values
        if name not in known
    ]
    for field in fields:
        value = values.get(field.name)
        if value is None or value == "":
            if field.required:
                problems.append(Problem(f"{path}.{field.name}", f"{field.title} is needed."))
        elif expected := _mismatch(field, value):
            problems.append(Problem(f"{path}.{field.name}", f"{field.title} must be {expected}."))
    return problems


def setting(fields: Sequence[Field], values: Mapping[str, JsonValue], name: str) -> JsonValue:
    """The value of a declared field, or its default."""
    value = values.get(name)
    if value is not None and value != "":
        return value
    return next(field.default for field in fields if field.name == name)


def _mismatch(field: Field, value: JsonValue) -> str:
    """What the field expects, when the value is not that."""
    kind = field.kind
    if kind is FieldKind.BOOLEAN:
        return "" if isinstance(value, bool) else "true or false"
    if kind is FieldKind.INTEGER:
        return _mismatch_integer(field, value)
    if kind in _SHAPES:
        is_right, expected = _SHAPES[kind]
        return "" if is_right(value) else expected
    if not isinstance(value, str):
        return "a text"
    if kind is FieldKind.CHOICE and value not in [choice.value for choice in field.choices]:
        return "one of " + ", ".join(choice.value for choice in field.choices)
    if not value.isprintable():
        # A key read with its line's end would be refused by every request: it goes into a header.
        return "a text without line breaks and other control characters"
    if kind is FieldKind.URL:
        return _mismatch_url(value)
    return ""


def _is_texts(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _is_template(value: JsonValue) -> bool:
    return isinstance(value, str) and len(value) <= TEMPLATE_CHARS_MAX


def _is_pairs(value: JsonValue) -> bool:
    if not isinstance(value, dict) or len(value) > PAIRS_MAX:
        return False
    return all(name and _is_template(text) for name, text in value.items())


def _is_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and len(value) <= PAIRS_MAX and all(isinstance(one, dict) for one in value)


_SHAPES: dict[FieldKind, tuple[Callable[[JsonValue], bool], str]] = {
    FieldKind.TEXTS: (_is_texts, "a list of texts"),
    FieldKind.TEMPLATE: (_is_template, f"a text of at most {TEMPLATE_CHARS_MAX:,} characters"),
    FieldKind.PAIRS: (_is_pairs, f"an object of at most {PAIRS_MAX} texts by name"),
    FieldKind.OBJECTS: (_is_objects, f"a list of at most {PAIRS_MAX} objects"),
    FieldKind.OBJECT: (lambda value: isinstance(value, dict), "an object of values by name"),
}
"""Kinds of several values, or lines: what one must look like, and how that is said."""


def _check_secrets(fields: Sequence[Field], secrets: Mapping[str, str]) -> list[Problem]:
    """Of a connector that takes secrets under any name."""
    problems = []
    if len(secrets) > SECRETS_MAX:
        problems.append(Problem("secrets", f"At most {SECRETS_MAX} secrets fit in one connection."))
    for name, value in secrets.items():
        if not _SECRET_NAME.match(name):
            reason = "A secret's name has small letters, digits and _, such as api_key."
            problems.append(Problem(f"secrets.{name}", reason))
        elif not value.isprintable():
            problems.append(Problem(f"secrets.{name}", "A secret has no line breaks or control characters."))
    return problems + [
        Problem(f"secrets.{field.name}", f"{field.title} is needed.")
        for field in fields
        if field.required and not secrets.get(field.name)
    ]


def _check_moments(kind: GoalKind, goal: Goal) -> list[Problem]:
    """What activation obeys of goals that act on moments."""
    if kind.feed is not Feed.MOMENTS:
        return []
    problems = [Problem(f"settings.{name}", message) for name, message in courtesy_problems(goal.settings)]
    if goal.settings.get("when") in ("entered", "left") and goal.segment_id == EVERYONE:
        problems.append(Problem("segment_id", "Entering and leaving need a segment."))
    return problems


def _mismatch_url(value: str) -> str:
    """Any host: the caller may reach what the server reaches. No user and password: settings are shown."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return "an address with a host, and a port of at most 65535 if any"
    if parts.scheme not in ("https", "http"):
        return "an address that begins with https:// or http://"
    if not parts.hostname or port == 0 or " " in value:
        return "an address with a host, such as https://rest.example.com"
    if parts.username is not None or parts.query or parts.fragment:
        return "an address without user, password, ? and #"
    return ""


def _mismatch_integer(field: Field, value: JsonValue) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        return "a whole number"
    low = field.minimum if field.minimum is not None else value
    high = field.maximum if field.maximum is not None else value
    return "" if low <= value <= high else f"from {field.minimum} to {field.maximum}"


def _check_about(connection: Connection) -> list[Problem]:
    """What is for people: short enough to be shown."""
    problems = [
        Problem(field, f"At most {most:,} characters fit.")
        for field, text, most in (
            ("description", connection.description, DESCRIPTION_CHARS_MAX),
            ("owner", connection.owner, OWNER_CHARS_MAX),
        )
        if len(text) > most
    ]
    if len(connection.labels) > LABELS_MAX:
        problems.append(Problem("labels", f"At most {LABELS_MAX} labels fit."))
    problems += [
        Problem(f"labels.{place}", f"A label has 1 to {LABEL_CHARS_MAX} characters.")
        for place, label in enumerate(connection.labels)
        if not 1 <= len(label) <= LABEL_CHARS_MAX
    ]
    return problems


def check_name(name: str) -> list[Problem]:
    """What is wrong with the name of a connection or a goal."""
    if not name.strip():
        return [Problem("name", "A name is needed.")]
    if len(name) > NAME_CHARS_MAX:
        return [Problem("name", f"A name has at most {NAME_CHARS_MAX} characters.")]
    return []


def _check_segments(goal: Goal, segment_ids: Collection[int] | None) -> list[Problem]:
    if segment_ids is None:
        return []
    used = [("segment_id", goal.segment_id)] if goal.segment_id != EVERYONE else []
    for place, mapping in enumerate(goal.mappings):
        if isinstance(mapping.source, SegmentValue):
            used.append((f"mappings.{place}.source.segment_id", mapping.source.segment_id))
        if isinstance(mapping.source, SegmentsValue):
            path = f"mappings.{place}.source.segment_ids"
            used += [(path, segment_id) for segment_id in mapping.source.segment_ids]
    return [
        Problem(path, f"There is no segment {segment_id}.")
        for path, segment_id in used
        if segment_id not in segment_ids
    ]


def _check_for_whom(kind: GoalKind, goal: Goal) -> list[Problem]:
    """Who is erased is in no segment any more, and asks for it, whatever they consented to."""
    if kind.feed is Feed.ROWS and goal.purpose:
        return [Problem("purpose", "A goal that brings people in asks for no consent.")]
    if kind.feed is not Feed.ERASURES:
        return []
    given = [("segment_id", goal.segment_id), ("purpose", goal.purpose)]
    return [
        Problem(path, f"A goal {kind.name!r} is for everyone who is erased.")
        for path, value in given
        if value
    ]


def _check_mappings(kind: GoalKind, goal: Goal) -> list[Problem]:
    mappings = goal.mappings
    if kind.feed is Feed.ROWS and goal.intake is None:
        return [Problem("intake", "How its rows are read is needed.")]
    if kind.feed is not Feed.ROWS and goal.intake is not None:
        return [Problem("intake", f"A goal {kind.name!r} brings nobody in.")]
    if kind.feed is not Feed.PROFILES:
        return [Problem("mappings", f"A goal {kind.name!r} has no mappings.")] if mappings else []
    if not mappings:
        return [Problem("mappings", "At least one mapping is needed.")]
    if len(mappings) > MAPPINGS_MAX:
        return [Problem("mappings", f"At most {MAPPINGS_MAX} mappings fit in one goal.")]
    problems: list[Problem] = []
    targets = {target.name for target in kind.targets}
    seen: set[str] = set()
    for place, mapping in enumerate(mappings):
        path = f"mappings.{place}"
        if not mapping.field.strip():
            problems.append(Problem(f"{path}.field", "A field is needed."))
        elif mapping.field in seen:
            problems.append(
                Problem(f"{path}.field", f"{mapping.field!r} is already filled by an earlier row.")
            )
        elif mapping.field not in targets and not kind.custom_targets:
            problems.append(Problem(f"{path}.field", f"There is no field {mapping.field!r}."))
        seen.add(mapping.field)
        problems += _check_source(mapping.source, f"{path}.source")
    return problems


def _check_source(source: object, path: str) -> list[Problem]:
    if isinstance(source, TraitValue) and not source.trait:
        return [Problem(f"{path}.trait", "A trait is needed.")]
    if isinstance(source, ConsentValue) and not is_purpose(source.purpose):
        message = f"A purpose has 1 to {PURPOSE_CHARS_MAX} characters, without outer spaces."
        return [Problem(f"{path}.purpose", message)]
    if isinstance(source, CounterValue | InteractionsValue | InteractionValue) and source.days < 0:
        return [Problem(f"{path}.days", "Days must be 0 (ever) or more.")]
    if isinstance(source, InteractionsValue) and not 1 <= source.limit <= LISTED_MAX:
        return [Problem(f"{path}.limit", f"A list has 1 to {LISTED_MAX} of them.")]
    if isinstance(source, InteractionValue) and bool(source.interaction_id) == bool(source.name):
        return [Problem(f"{path}.interaction_id", "An id or a name is needed, and not both.")]
    if isinstance(source, CounterValue):
        if not source.event:
            return [Problem(f"{path}.event", "An event is needed.")]
        if source.measure == "revenue" and not source.currency:
            return [Problem(f"{path}.currency", "Revenue needs a currency: two do not add up.")]
    return []


def _check_overlap(goal: Goal, others: Iterable[Goal]) -> list[Problem]:
    """Two goals that write one field of one account would overwrite each other for ever."""
    taken = {
        mapping.field: other.name
        for other in others
        if other.id != goal.id and other.connection_id == goal.connection_id
        for mapping in other.mappings
    }
    return [
        Problem(
            f"mappings.{place}.field",
            f"{mapping.field!r} is already written by the goal {taken[mapping.field]!r}.",
        )
        for place, mapping in enumerate(goal.mappings)
        if mapping.field in taken
    ]
