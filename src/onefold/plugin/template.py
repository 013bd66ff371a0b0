"""Texts put together from values: `{{ traits.first_name | title }}`, on the way out and on the way in.

In: the source of a template, what it may name, the values. Out: a text; None when a value that it names is
missing (guard it with `default` or `if … is defined` where the rest shall stand alone).

A template is an expression, not a program: only what is listed here is taken, checked when the goal is made.
Without loops, calls and assignments its work is bounded by its length, and what multiplies texts is either
left out or measured, so one person's values cannot hold up the others.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from onefold.model.json import JsonValue

SOURCE_CHARS_MAX = 2000
"""Longer ones are programs."""
RESULT_CHARS_MAX = 10_000
"""Far more than any field of a destination holds as a text."""
PRECISION_MAX = 15
"""Digits that a number can be rounded to: more than a float has."""
FILTERS = frozenset(
    [
        "abs",
        "capitalize",
        "default",
        "first",
        "float",
        "int",
        "join",
        "last",
        "length",
        "lower",
        "max",
        "min",
        "replace",
        "round",
        "sort",
        "string",
        "sum",
        "title",
        "trim",
        "truncate",
        "unique",
        "upper",
    ]
)
TESTS = frozenset(
    [
        "boolean",
        "defined",
        "divisibleby",
        "even",
        "float",
        "ge",
        "gt",
        "in",
        "integer",
        "le",
        "lt",
        "mapping",
        "none",
        "number",
        "odd",
        "sequence",
        "string",
        "undefined",
        "eq",
        "ne",
    ]
)
_NODES: tuple[type[nodes.Node], ...] = (
    *(
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.Const,
        nodes.Getattr,
        nodes.Getitem,
    ),
    *(
        nodes.Slice,
        nodes.List,
        nodes.Tuple,
        nodes.Filter,
        nodes.Test,
        nodes.If,
        nodes.CondExpr,
        nodes.Compare,
    ),
    *(nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div),
    *(nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Concat, nodes.Keyword),
)


class TemplateFaultError(Exception):
    """A template cannot be filled with these values; the text says why, without the values."""


class _Environment(ImmutableSandboxedEnvironment):
    """Multiplies and divides numbers only: a text times a million, or `%` with a width, is no value."""

    intercepted_binops = frozenset({"*", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """The operation on two numbers; raises SecurityError for anything that grows."""
        if isinstance(left, str | list | tuple) or isinstance(right, str | list | tuple):
            raise SecurityError("only numbers are multiplied")
        return super().call_binop(context, operator, left, right)


def _replace(text: Any, old: Any, new: Any) -> str:
    """Measured before it is done: a person's own text may stand for each character of another."""
    whole, part, other = str(text), str(old), str(new)
    _measure(len(whole) + whole.count(part) * (len(other) - len(part)))
    return whole.replace(part, other)


def _join(items: Any, mark: Any = "") -> str:
    parts = [str(item) for item in items]
    _measure(sum(map(len, parts)) + len(parts) * len(str(mark)))
    return str(mark).join(parts)


def _round(value: Any, precision: int = 0) -> Any:
    """Python would work out a power of ten of any size."""
    _measure(abs(precision), PRECISION_MAX)
    return round(value, precision)


def _measure(size: int, size_max: int = RESULT_CHARS_MAX) -> None:
    if size > size_max:
        raise SecurityError("too long")


def _make_environment() -> _Environment:
    made = _Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.filters |= {"replace": _replace, "join": _join, "round": _round}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


def check_template(source: str, names: Collection[str] | None = None) -> str:
    """What is wrong with a template; empty if it can be used. Without `names` it may name anything."""
    if not source.strip():
        return "A template is needed."
    if len(source) > SOURCE_CHARS_MAX:
        return f"A template has at most {SOURCE_CHARS_MAX} characters."
    try:
        tree = _make_environment().parse(source)
    except TemplateSyntaxError as error:
        return f"It cannot be read: {error.message}"
    except RecursionError:
        return "It is nested too deep."
    for node in _walk(tree):
        if problem := _problem_of(node, names):
            return problem
    try:
        _make_environment().from_string(source)
    except (SyntaxError, RecursionError, MemoryError):  # Python's own limits of nesting
        return "It is nested too deep."
    except TemplateError as error:
        return f"It cannot be read: {error}"
    return ""


def compile_template(source: str) -> Callable[[Mapping[str, JsonValue]], str | None]:
    """A function of the values, of a template that passed the check. It raises TemplateFaultError."""
    template = _make_environment().from_string(source)

    def render(values: Mapping[str, JsonValue]) -> str | None:
        try:
            text = template.render(values)
        except UndefinedError:
            return None
        except (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, RecursionError) as error:
            # Not its words: they may repeat a value.
            raise TemplateFaultError(f"The template fails on these values: {type(error).__name__}.") from None
        if len(text) > RESULT_CHARS_MAX:
            raise TemplateFaultError(f"The text is longer than {RESULT_CHARS_MAX:,} characters.")
        return text or None

    return render


def _problem_of(node: nodes.Node, names: Collection[str] | None) -> str:
    if not isinstance(node, _NODES):
        return (
            f"It may not hold a {type(node).__name__.lower()}: a template is one expression, without loops."
        )
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        return f"There is no filter {node.name!r}; there are: {', '.join(sorted(FILTERS))}."
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        return f"There is no test {node.name!r}; there are: {', '.join(sorted(TESTS))}."
    if isinstance(node, nodes.Name) and names is not None and node.name not in names:
        return f"There is no {node.name!r}; there are: {', '.join(names)}."
    return ""


def _walk(tree: nodes.Node) -> list[nodes.Node]:
    found, waiting = list[nodes.Node](), [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.iter_child_nodes()
    return found
