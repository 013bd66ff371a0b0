"""Transforms: what happens to a value on its way from a provider's field to a trait.

In: a value and the row that it stands in. Out: the value as the trait takes it; None for an empty one.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from onefold.acquire.cell import read_number, read_text, read_time
from onefold.clock import read_zone, to_iso
from onefold.errors import RequestError
from onefold.model.intake import (
    Constant,
    Intake,
    IntakeRow,
    Lower,
    Row,
    Split,
    Template,
    ToDate,
    ToNumber,
    ToText,
    Transform,
    Trim,
    Upper,
)
from onefold.model.json import JsonValue
from onefold.plugin.declare import Problem
from onefold.plugin.template import check_template, compile_template

Step = Callable[[JsonValue, Row], JsonValue]

SEPARATOR_CHARS_MAX = 20
ROWS_MAX = 200
TRAIT_CHARS_MAX = 200
KIND = re.compile(r"[A-Za-z0-9_.\-]{1,50}")
VALUE = "value"
"""The name by which a template knows the field itself."""


def compile_transforms(transforms: Sequence[Transform]) -> Step:
    """One function for all of them, in order.

    The function raises ValueError (text without the value) or TemplateFaultError where a value does not fit.

    Raises:
        RequestError: a transform is set up wrongly.
    """
    steps = [_compile(one) for one in transforms]

    def transform(value: JsonValue, row: Row) -> JsonValue:
        for step in steps:
            value = step(value, row)
        return value

    return transform


def check_intake(intake: Intake) -> list[Problem]:
    """What is wrong with how an import goal reads its rows."""
    problems: list[Problem] = []
    if not intake.identifiers:
        problems.append(Problem("intake.identifiers", "At least one field must say who the person is."))
    for place, identifier in enumerate(intake.identifiers):
        if not identifier.field.strip():
            problems.append(Problem(f"intake.identifiers.{place}.field", "A field is needed."))
        if not kind_is_valid(identifier.identifier):
            problems.append(
                Problem(
                    f"intake.identifiers.{place}.identifier", "A kind such as user_id or email is needed."
                )
            )
    if len(intake.rows) > ROWS_MAX:
        problems.append(Problem("intake.rows", f"At most {ROWS_MAX} rows fit in one goal."))
    if not intake.rows and intake.remaining is None:
        problems.append(Problem("intake.rows", "Name a field to bring in, or take all remaining ones."))
    seen: set[str] = set()
    for place, row in enumerate(intake.rows):
        problems += [Problem(f"intake.rows.{place}.{name}", text) for name, text in _row_problems(row, seen)]
        seen.add(row.trait)
    return problems


def _row_problems(row: IntakeRow, seen: set[str]) -> Iterator[tuple[str, str]]:
    is_made = any(isinstance(one, Constant | Template) for one in row.transforms)
    if not row.field.strip() and not is_made:
        yield "field", "A field is needed."
    if not row.trait.strip() or len(row.trait) > TRAIT_CHARS_MAX:
        yield "trait", f"The name of a trait has 1 to {TRAIT_CHARS_MAX} characters."
    elif row.trait in seen:
        yield "trait", f"{row.trait!r} is already filled by an earlier row."
    try:
        compile_transforms(row.transforms)
    except RequestError as error:
        yield "transforms", f"{error.message} {error.hint}".strip()


def kind_is_valid(kind: str) -> bool:
    """Whether identifiers may be of this kind."""
    return bool(KIND.fullmatch(kind))


def is_empty(value: JsonValue) -> bool:
    """Nothing, an empty text, an empty list or object: what a provider leaves out or nulls."""
    return value is None or value in ("", [], {})


def _compile(transform: Transform) -> Step:
    match transform:
        case Trim():
            return _on_texts(str.strip)
        case Lower():
            return _on_texts(str.lower)
        case Upper():
            return _on_texts(str.upper)
        case ToNumber():
            return lambda value, _: None if is_empty(value) else _number(value)
        case ToText():
            return lambda value, _: None if is_empty(value) else read_text(_exact(value))
        case ToDate():
            return _to_date(transform)
        case Split(separator=separator):
            return _split(separator)
        case Constant(value=constant):
            return lambda _, __: constant
        case Template(template=text):
            return _template(text)


def _on_texts(change: Callable[[str], str]) -> Step:
    def apply(value: JsonValue, _: Row) -> JsonValue:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, list):
            return [change(one) if isinstance(one, str) else one for one in value]
        return value

    return apply


def _number(value: JsonValue) -> int | float:
    try:
        number = read_number(_exact(value))
    except ValueError:
        raise ValueError("is no number") from None
    return number if isinstance(number, int) else float(number)


def _exact(value: JsonValue) -> JsonValue:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _to_date(transform: ToDate) -> Step:
    zone = read_zone(transform.zone)
    if zone is None:
        raise RequestError(
            "acquire.bad_zone",
            f"There is no time zone {transform.zone!r}.",
            status=422,
            hint="Give an IANA name such as Europe/Paris.",
        )

    def read(value: JsonValue, _: Row) -> JsonValue:
        if is_empty(value):
            return None
        try:
            return to_iso(read_time(_exact(value), transform.format, zone))
        except ValueError:
            raise ValueError("is no time of this format") from None

    return read


def _split(separator: str) -> Step:
    if not separator or len(separator) > SEPARATOR_CHARS_MAX:
        raise RequestError(
            "acquire.bad_separator",
            f"A separator has 1 to {SEPARATOR_CHARS_MAX} characters.",
            status=422,
            hint="Most lists are separated by a comma.",
        )

    def split(value: JsonValue, _: Row) -> JsonValue:
        if not isinstance(value, str):
            return value
        return [part for part in (one.strip() for one in value.split(separator)) if part]

    return split


def _template(source: str) -> Step:
    if problem := check_template(source):
        hint = "Placeholders look like {{ name }} or {{ name | lower }}."
        raise RequestError("template.invalid", problem, status=422, hint=hint)
    render = compile_template(source)

    def fill(value: JsonValue, row: Row) -> JsonValue:
        return render({name: one for name, one in {**row, VALUE: value}.items() if one is not None})

    return fill
