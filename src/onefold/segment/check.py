"""Is a condition tree one that can be evaluated? Finds all problems at once.

In: a tree as JSON (`parse_condition`) or as types (`check_condition`), and the other segments. Out:
problems, each with where it stands (`condition.conditions[1].value`), what stands there, what is wrong
and what to write instead.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from onefold.clock import from_iso
from onefold.model.consent import PURPOSE_CHARS_MAX, is_purpose
from onefold.model.json import JsonValue
from onefold.model.segment import (
    All,
    Any,
    Condition,
    ConsentCondition,
    Dates,
    EventCondition,
    IdentifierCondition,
    Last,
    Not,
    SegmentCondition,
    SegmentDefinition,
    Test,
    TraitCondition,
    Where,
)
from onefold.segment.compare import is_day, is_number
from onefold.segment.features import referred_segments

DEPTH_MAX = 10
"""Levels of all/any/not: nobody reads a deeper tree, and the compiled expression must stay parsable."""
CONDITIONS_MAX = 200
"""Parts of one tree: keeps one segment from eating the time of all others."""
WHERE_MAX = 20
"""Property filters of one event condition."""
ONE_OF_MAX = 1000
"""Values of a `one_of`: a longer list is data, and belongs in a trait."""
TEXT_MAX = 500
"""Characters of a name, path or value."""
HOURS_MAX = 48
"""Hour buckets of a profile live so long."""
DAYS_MAX = 3650
"""Ten years; beyond, `ever` says what is meant."""
NUMBER_MAX = 10**15
"""Numbers compared with; amounts beyond are not counted either."""

TOO_DEEP = "The tree is too deep."
ORDERED = (Test.AT_LEAST, Test.AT_MOST, Test.MORE_THAN, Test.LESS_THAN)
TOTALS = (*ORDERED, Test.EQUALS, Test.NOT_EQUALS, Test.BETWEEN)
MOVING = (Test.WITHIN_LAST, Test.NOT_WITHIN_LAST)


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong with a tree."""

    path: str
    value: JsonValue
    message: str
    remedy: str


def parse_condition(document: JsonValue, path: str = "condition") -> tuple[Condition | None, list[Problem]]:
    """The tree of a decoded JSON document, or every problem of its form. Ask `check_condition` next."""
    problems: list[Problem] = []
    condition = _parse(document, path, 1, problems)
    return (None if problems else condition), problems


def check_condition(
    condition: Condition, others: Mapping[int, SegmentDefinition], *, segment_id: int = 0
) -> list[Problem]:
    """Everything wrong with the tree; [] when it can be compiled.

    `others` are the segments that exist; `segment_id` is the segment that gets the tree (0: a new one).
    """
    problems = list(_check(condition, "condition", 1))
    if any(problem.message == TOO_DEEP for problem in problems):
        return problems
    count = _size(condition)
    if count > CONDITIONS_MAX:
        problems.append(
            Problem("condition", count, "The tree has too many parts.", f"Use at most {CONDITIONS_MAX}.")
        )
    for path, leaf in _segment_leaves(condition, "condition"):
        problems += _check_reference(path, leaf.segment_id, others, segment_id)
    return problems


def _parse(document: JsonValue, path: str, depth: int, problems: list[Problem]) -> Condition | None:
    if depth > DEPTH_MAX:
        problems.append(_too_deep(path))
        return None
    kind = document.get("kind") if isinstance(document, dict) else None
    if kind in ("all", "any") and isinstance(document.get("conditions"), list):
        _refuse_unknown(document, {"kind", "conditions"}, path, problems)
        parts = [
            _parse(one, f"{path}.conditions[{n}]", depth + 1, problems)
            for n, one in enumerate(document["conditions"])
        ]
        known = [part for part in parts if part is not None]
        return All(known) if kind == "all" else Any(known)
    if kind == "not" and "condition" in document:
        _refuse_unknown(document, {"kind", "condition"}, path, problems)
        part = _parse(document["condition"], f"{path}.condition", depth + 1, problems)
        return None if part is None else Not(part)
    return _parse_leaf(document, path, problems)


def _parse_leaf(document: JsonValue, path: str, problems: list[Problem]) -> Condition | None:
    try:
        return msgspec.convert(document, Condition)  # type: ignore[arg-type,no-any-return,unused-ignore]
    except (msgspec.ValidationError, RecursionError) as error:
        reason, _, where = str(error).partition(" - at `$")
        place = path + where.rstrip("`")
        value = (
            document
            if isinstance(document, str | int | float | None)
            else document.get("kind", "")
            if (isinstance(document, dict))
            else "a list"
        )
        problems.append(
            Problem(
                place, value, f"{reason}.", "See the reference of conditions for the fields of each kind."
            )
        )
        return None


def _refuse_unknown(
    document: dict[str, JsonValue], known: set[str], path: str, problems: list[Problem]
) -> None:
    for name in sorted(document.keys() - known):
        problems.append(Problem(f"{path}.{name}", None, "This field is unknown here.", "Take it out."))


def _check(condition: Condition, path: str, depth: int) -> Iterator[Problem]:
    if depth > DEPTH_MAX:
        yield _too_deep(path)
        return
    match condition:
        case All() | Any():
            for n, one in enumerate(condition.conditions):
                yield from _check(one, f"{path}.conditions[{n}]", depth + 1)
        case Not():
            yield from _check(condition.condition, f"{path}.condition", depth + 1)
        case TraitCondition():
            yield from _check_text(f"{path}.trait", condition.trait)
            yield from _check_value(path, condition.test, condition.value)
        case IdentifierCondition():
            yield from _check_text(f"{path}.identifier", condition.identifier)
        case ConsentCondition():
            if not is_purpose(condition.purpose):
                yield Problem(
                    f"{path}.purpose",
                    condition.purpose[:TEXT_MAX],
                    "This cannot be the name of a purpose.",
                    f"Use 1 to {PURPOSE_CHARS_MAX} characters without line breaks and outer spaces.",
                )
        case EventCondition():
            yield from _check_event(condition, path)
        case SegmentCondition():
            pass


def _too_deep(path: str) -> Problem:
    return Problem(path, None, TOO_DEEP, f"Use at most {DEPTH_MAX} levels; ask about a segment instead.")


def _check_event(condition: EventCondition, path: str) -> Iterator[Problem]:
    yield from _check_text(f"{path}.event", condition.event)
    if condition.measure == "sum":
        yield from _check_text(f"{path}.property", condition.property)
    elif condition.property:
        yield Problem(
            f"{path}.property",
            condition.property,
            "A count adds up no property.",
            'Use measure "sum", or leave it out.',
        )
    yield from _check_total(condition, path)
    yield from _check_window(condition, f"{path}.window")
    if len(condition.where) > WHERE_MAX:
        yield Problem(
            f"{path}.where", len(condition.where), "Too many property filters.", f"Use at most {WHERE_MAX}."
        )
    for n, where in enumerate(condition.where):
        yield from _check_where(where, f"{path}.where[{n}]")


def _check_where(where: Where, path: str) -> Iterator[Problem]:
    yield from _check_text(f"{path}.property", where.property)
    if where.test in MOVING:
        yield Problem(
            f"{path}.test",
            where.test.value,
            "A property is tested once, when its event arrives; this test would change with time.",
            "Use before, after or between, or a window.",
        )
        return
    yield from _check_value(path, where.test, where.value)


def _check_total(condition: EventCondition, path: str) -> Iterator[Problem]:
    if condition.test not in TOTALS:
        tests = ", ".join(TOTALS)
        yield Problem(
            f"{path}.test", condition.test.value, "A total cannot be tested so.", f"Use one of {tests}."
        )
        return
    wanted = "a whole number from 0" if condition.measure == "count" else "a number"
    is_right = _is_count if condition.measure == "count" else _is_bounded_number
    yield from _check_expected(f"{path}.value", condition.test, condition.value, is_right, wanted)


def _check_window(condition: EventCondition, path: str) -> Iterator[Problem]:
    window = condition.window
    if isinstance(window, Last):
        most = HOURS_MAX if window.unit == "hours" else DAYS_MAX
        if not 1 <= window.amount <= most:
            yield Problem(
                f"{path}.amount",
                window.amount,
                f"A window in {window.unit} is out of range.",
                f"Use 1 to {most} {window.unit}.",
            )
    elif isinstance(window, Dates):
        ends = {name: getattr(window, name) for name in ("start", "end")}
        wrong = [name for name, text in ends.items() if not (_is_time(text) and is_day(text))]
        for name in wrong:
            yield Problem(f"{path}.{name}", ends[name], "This is no day.", "Write it as YYYY-MM-DD.")
        if not wrong and window.start > window.end:
            yield Problem(
                f"{path}.start", window.start, "The window ends before it starts.", "Swap start and end."
            )


def _check_value(path: str, test: Test, value: JsonValue) -> Iterator[Problem]:
    """The value of a trait's or a property's test."""
    place = f"{path}.value"
    if test is Test.EXISTS:
        if value is not None:
            yield Problem(place, _shown(value), "This test takes no value.", "Leave the value out.")
    elif test is Test.ONE_OF:
        if not (isinstance(value, list) and 1 <= len(value) <= ONE_OF_MAX and all(map(_is_scalar, value))):
            yield Problem(
                place,
                _shown(value),
                "This is no list of values.",
                f"Give 1 to {ONE_OF_MAX} texts, numbers, true or false.",
            )
    elif test in (Test.STARTS_WITH, Test.ENDS_WITH):
        yield from _wrong_unless(_is_text(value), place, value, f"a text of at most {TEXT_MAX} characters")
    elif test in MOVING:
        yield from _wrong_unless(
            isinstance(value, int) and is_number(value) and 1 <= value <= DAYS_MAX,
            place,
            value,
            f"1 to {DAYS_MAX} days",
        )
    elif test in (Test.BEFORE, Test.AFTER):
        yield from _wrong_unless(_is_time(value), place, value, "a day as YYYY-MM-DD, or an ISO 8601 time")
    elif test is Test.BETWEEN and isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield from _check_expected(place, test, value, _is_time, "a day as YYYY-MM-DD, or an ISO 8601 time")
    elif test in (*ORDERED, Test.BETWEEN):
        yield from _check_expected(place, test, value, _is_bounded_number, "a number")
    else:
        yield from _wrong_unless(_is_scalar(value), place, value, "a text, a number, true or false")


def _check_expected(
    place: str, test: Test, value: JsonValue, is_right: Callable[[JsonValue], bool], wanted: str
) -> Iterator[Problem]:
    """One value, or two in order for `between`."""
    if test is not Test.BETWEEN:
        yield from _wrong_unless(is_right(value), place, value, wanted)
    elif not (isinstance(value, list) and len(value) == 2 and all(map(is_right, value))):
        yield Problem(place, _shown(value), "This is no range.", f"Give two values, each {wanted}.")
    elif _order(value[0]) > _order(value[1]):
        yield Problem(place, _shown(value), "The range ends before it starts.", "Swap the two values.")


def _order(value: JsonValue) -> float:
    return from_iso(value) if isinstance(value, str) else value


def _wrong_unless(is_right: bool, place: str, value: JsonValue, wanted: str) -> Iterator[Problem]:
    if not is_right:
        yield Problem(place, _shown(value), "This value does not fit the test.", f"Give {wanted}.")


def _check_text(place: str, text: str) -> Iterator[Problem]:
    if not 1 <= len(text) <= TEXT_MAX:
        yield Problem(
            place, text[:TEXT_MAX], "This name is empty or too long.", f"Use 1 to {TEXT_MAX} characters."
        )


def _check_reference(
    path: str, asked: int, others: Mapping[int, SegmentDefinition], segment_id: int
) -> Iterator[Problem]:
    if asked == segment_id:
        yield Problem(path, asked, "The segment asks about itself.", "Take this part out.")
    elif asked not in others:
        yield Problem(
            path, asked, "There is no segment with this id.", "Choose one of the segments that exist."
        )
    else:
        way = _way(asked, segment_id, others)
        if way:
            names = " asks about ".join(f'"{others[one].name}"' for one in way)
            yield Problem(
                path, asked, f"A circle: {names} asks about this segment.", "Take one of these questions out."
            )


def _way(start: int, goal: int, others: Mapping[int, SegmentDefinition]) -> list[int]:
    """The segments from `start` up to the one that asks about `goal`; [] when none does."""
    came_from: dict[int, int] = {start: 0}
    waiting = [start]
    while waiting:
        segment_id = waiting.pop()
        for asked in sorted(referred_segments(others[segment_id].condition)):
            if asked == goal:
                way = [segment_id]
                while came_from[way[0]]:
                    way.insert(0, came_from[way[0]])
                return way
            if asked in others and asked not in came_from:
                came_from[asked] = segment_id
                waiting.append(asked)
    return []


def _segment_leaves(condition: Condition, path: str) -> Iterator[tuple[str, SegmentCondition]]:
    match condition:
        case All() | Any():
            for n, one in enumerate(condition.conditions):
                yield from _segment_leaves(one, f"{path}.conditions[{n}]")
        case Not():
            yield from _segment_leaves(condition.condition, f"{path}.condition")
        case SegmentCondition():
            yield f"{path}.segment_id", condition


def _size(condition: Condition) -> int:
    if isinstance(condition, All | Any):
        return 1 + sum(map(_size, condition.conditions))
    return 1 + _size(condition.condition) if isinstance(condition, Not) else 1


def _shown(value: JsonValue) -> JsonValue:
    """The value as a problem shows it: never longer than a line."""
    text = value if isinstance(value, str) else str(value)
    return value if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]}…"


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= TEXT_MAX


def _is_bounded_number(value: JsonValue) -> bool:
    return is_number(value) and -NUMBER_MAX <= value <= NUMBER_MAX


def _is_count(value: JsonValue) -> bool:
    return isinstance(value, int) and _is_bounded_number(value) and value >= 0


def _is_scalar(value: JsonValue) -> bool:
    return (
        isinstance(value, bool)
        or _is_bounded_number(value)
        or (isinstance(value, str) and len(value) <= TEXT_MAX)
    )


def _is_time(value: JsonValue) -> bool:
    try:
        return isinstance(value, str) and bool(value) and from_iso(value) is not None
    except (ValueError, OverflowError):
        return False
