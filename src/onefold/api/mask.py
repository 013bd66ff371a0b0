"""Hides values of people from callers who may not see them.

In: the type that a route answers with, and its answer as plain data. Out: the same, each field of the type
`Personal[…]` hidden: texts become `MASK`, numbers and flags null; names of traits and kinds of identifiers
stay. A route whose answer has no such type (a file, a stream) says itself what it needs.
"""

from collections.abc import Mapping
from functools import cache, reduce
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from onefold.model.access import HIDDEN
from onefold.model.json import JsonValue

MASK = "•••"


class Each(msgspec.Struct, frozen=True):
    """Every item of a list, or every value of an object, goes by this plan."""

    plan: Any


HIDE = "hide"
NOTHING: Mapping[Any, Any] = {}
Above = dict[Any, list[Any]]


@cache
def plan_of(answer: Any) -> Any:
    """What to hide in an answer of a type; None for nothing.

    Raises:
        ValueError: that has no end, in a tree of itself (a bug).
    """
    return _plan(answer, {})


def hide(value: JsonValue, plan: Any) -> JsonValue:
    """The value with what the plan hides hidden."""
    if plan is None or value is None:
        return value
    if plan == HIDE:
        return _masked(value)
    if isinstance(plan, Each):
        if isinstance(value, list):
            return [hide(item, plan.plan) for item in value]
        return {name: hide(item, plan.plan) for name, item in value.items()}
    return {name: hide(item, plan.get(name)) for name, item in value.items()}


def _masked(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return MASK if isinstance(value, str) and value else None if not isinstance(value, str) else ""


def _plan(kind: Any, above: Above, filled: Mapping[Any, Any] = NOTHING) -> Any:
    """`above`: the types that this one stands in, and whether they are met again; `filled`: what stands for
    the type variables here.
    """
    if isinstance(kind, TypeVar):
        return _plan(filled.get(kind), above)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return HIDE if HIDDEN in arguments else _plan(arguments[0], above, filled)
    if origin in {Union, UnionType}:
        return reduce(_both, (_plan(one, above, filled) for one in arguments))
    if isinstance(origin or kind, type) and issubclass(origin or kind, msgspec.Struct):
        return _plan_struct(origin or kind, arguments, above)
    if arguments and origin is not Literal:
        held = arguments if origin is tuple else arguments[-1:]
        inner = reduce(_both, (_plan(one, above, filled) for one in held))
        return None if inner is None else Each(inner)
    return None


def _both(first: Any, second: Any) -> Any:
    """What either hides: a value may be of the one type or of the other."""
    if first is None or second is None or first == second:
        return second if first is None else first
    if isinstance(first, dict) and isinstance(second, dict):
        return {name: _both(first.get(name), second.get(name)) for name in first | second}
    return HIDE


def _plan_struct(kind: Any, arguments: tuple[Any, ...], above: Above) -> Any:
    if kind in above:
        above[kind].append(kind)
        return None
    filled = dict(zip(getattr(kind, "__parameters__", ()), arguments, strict=False))
    hints = get_type_hints(kind, include_extras=True)
    again: list[Any] = []
    plans = {name: _plan(hint, above | {kind: again}, filled) for name, hint in hints.items()}
    found = {name: plan for name, plan in plans.items() if plan is not None}
    if found and again:
        raise ValueError(f"{kind.__name__} holds itself, and values of people: hide it as a whole")
    return found or None
