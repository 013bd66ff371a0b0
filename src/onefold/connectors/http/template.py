"""Templates in a sandbox: text with placeholders, each value encoded by the place where it stands.

In: the source and its place (a URL, a header, a JSON body, …). Out: a `Template` that gives text for values.
A template cannot import, call what it is given, or run for long: only listed constructs compile, only listed
names of values are readable, loops and texts have limits.

How a value is encoded is decided when the template is compiled: within the quotes of JSON as the inside of a
text, elsewhere in JSON as a value, in a URL as one part of it. No value can add a field, a header or a path.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import BuiltinMethodType
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2 import Template as Compiled
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import SandboxedEnvironment
from jinja2.utils import pass_context
from jinja2.visitor import NodeTransformer

from onefold.connectors.http.fault import TemplateFaultError
from onefold.connectors.http.words import (
    FUNCTIONS,
    LOOP_NAMES,
    OBJECT_METHODS,
    TEXT_CHARS_MAX,
    TEXT_METHODS,
    Secret,
    bounded,
    teach,
    text_of,
)

STEPS_MAX = 2_000
"""Turns of all loops of one rendering: a millisecond or two, while all other connections wait."""
NODES_MAX = 5_000
BUDGET = "_budget"
TOO_DEEP = "The template is nested too deeply."
_NUMBERS = (int, float)
_LARGE = 10**15

Problems = list[str]


class Place(StrEnum):
    """Where a text stands, and so how its values are encoded."""

    URL = "url"
    HEADER = "header"
    JSON = "json"
    FORM = "form"
    TEXT = "text"


ALLOWED: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Assign, nodes.With),
    *(nodes.Name, nodes.Const, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair, nodes.CondExpr),
    *(nodes.Filter, nodes.Test, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Call, nodes.Keyword),
    *(nodes.Concat, nodes.Compare, nodes.Operand, nodes.BinExpr, nodes.UnaryExpr),
)


class Named(dict[str, Any]):
    """Values under a name: tells which one is missing."""

    def __init__(self, path: str, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.path = path


class Secrets:
    """Any secret's place, by name: a marker that no value can hold, for `nonce` is new each time."""

    __slots__ = ("_nonce",)

    def __init__(self, nonce: str) -> None:
        self._nonce = nonce

    def find(self, name: str) -> Secret:
        """Its place."""
        return Secret(f"{self._nonce}s{name.encode().hex()}z", name)

    def basic(self, user: Secret | str, password: Secret | str) -> Secret:
        """The place of user and password, as the header of basic authentication has them."""
        return Secret(f"{self._nonce}b{_side(user)}y{_side(password)}z")


def _side(value: Secret | str) -> str:
    if not isinstance(value, Secret):
        return "t" + text_of(value).encode().hex()
    if not value.name:
        raise TemplateFaultError("basic_auth takes texts and secrets.")
    return "s" + value.name.encode().hex()


class _Missing(StrictUndefined):
    """What is not there, with its whole name."""

    __slots__ = ()

    @property
    def path(self) -> str:
        """Its whole name, as far as it is known."""
        owner = getattr(self._undefined_obj, "path", "")
        return f"{owner}.{self._undefined_name}" if owner else str(self._undefined_name or "")

    @property
    def _undefined_message(self) -> str:
        return self.path


class _Sandbox(SandboxedEnvironment):
    """Only listed names of values can be read, only listed functions called."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`a.b`: an entry of an object before anything else."""
        if isinstance(obj, dict):
            if attribute in obj:
                return _named(obj, attribute)
            return getattr(obj, attribute) if attribute in OBJECT_METHODS else self._missing(obj, attribute)
        if isinstance(obj, Secrets):
            return obj.find(attribute)
        if isinstance(obj, str) and attribute in TEXT_METHODS:
            return getattr(obj, attribute)
        if isinstance(obj, LoopContext) and attribute in LOOP_NAMES:
            return getattr(obj, attribute)
        if isinstance(obj, StrictUndefined):
            str(obj)
        return self._missing(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`a[b]`: an entry of an object or a list, a piece of a list or a text."""
        if isinstance(obj, StrictUndefined):
            str(obj)
        if isinstance(obj, Secrets):
            return obj.find(str(argument))
        try:
            if isinstance(obj, dict):
                return _named(obj, argument)
            if isinstance(obj, str | list | tuple):
                return obj[argument]
        except (LookupError, TypeError):
            pass
        return self._missing(obj, argument)

    def is_safe_callable(self, obj: Any) -> bool:
        """What templates may call."""
        if obj in FUNCTIONS.values() or getattr(obj, "__self__", None).__class__ is Secrets:
            return True
        if not isinstance(obj, BuiltinMethodType):
            return False
        names = TEXT_METHODS if isinstance(obj.__self__, str) else OBJECT_METHODS
        return isinstance(obj.__self__, str | dict) and obj.__name__ in names

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic on numbers of a sensible size; + also joins texts and lists."""
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return bounded(left + right)
        if not isinstance(left, _NUMBERS) or not isinstance(right, _NUMBERS):
            raise TemplateFaultError(f"{operator} needs two numbers.")
        if operator in ("**", "*") and (abs(left) > _LARGE or abs(right) > _LARGE):
            raise TemplateFaultError("A number grows too large.")
        if operator == "**" and abs(right) > 20:
            raise TemplateFaultError("A power has an exponent of at most 20.")
        return super().call_binop(context, operator, left, right)

    def _missing(self, obj: Any, name: Any) -> _Missing:
        return _Missing(obj=obj, name=name)


def _named(owner: dict[Any, Any], key: Any) -> Any:
    """An entry of an object; one that is an object itself goes by the name of both."""
    found = owner[key]
    if isinstance(found, dict) and isinstance(owner, Named) and not isinstance(found, Named):
        return Named(f"{owner.path}.{key}", found)
    return found


class _Budget:
    """Turns that are left to the loops of one rendering."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = STEPS_MAX

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TemplateFaultError(f"The loops take more than {STEPS_MAX:,} turns.")


@pass_context
def _stepwise(context: Context, values: Iterable[Any]) -> Iterator[Any]:
    budget = context.parent.get(BUDGET) or _Budget()
    for value in values:
        budget.spend()
        yield value


def _concat(pieces: Sequence[Any]) -> str:
    return bounded("".join(map(text_of, pieces)))


def _environment() -> _Sandbox:
    made = _Sandbox(undefined=_Missing, autoescape=False, optimized=False, keep_trailing_newline=True)
    teach(made)
    made.filters |= {"_stepwise": _stepwise, "_concat": _concat}
    return made


_ENVIRONMENT = _environment()


class Template:
    """A compiled template. Use `compile_template`."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled

    def render(self, values: Mapping[str, Any]) -> str:
        """The text for these values.

        Raises:
            TemplateFaultError: a value is missing, or cannot be used so.
        """
        pieces: list[str] = []
        size = 0
        try:
            for piece in self._compiled.generate({**values, BUDGET: _Budget()}):
                size += len(piece)
                if size > TEXT_CHARS_MAX:
                    raise TemplateFaultError(f"The text grows beyond {TEXT_CHARS_MAX:,} characters.")
                pieces.append(piece)
        except TemplateFaultError:
            raise
        except UndefinedError as error:
            field = error.message or ""
            raise TemplateFaultError(f"There is no {field or 'such value'}.", field) from error
        except Exception as error:  # a template may misuse a filter in any way: that is no fault of ours
            # Its words may hold a person's values.
            raise TemplateFaultError(f"A value cannot be used so: {type(error).__name__}.") from error
        text = "".join(pieces)
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise TemplateFaultError("The text holds half a character.")
        return text


def compile_template(
    source: str, place: Place, roots: Mapping[str, frozenset[str] | None]
) -> tuple[Template | None, Problems]:
    """A template, or what is wrong with it.

    `roots` are the names that it may use, each with those below it (None: any).
    """
    try:
        tree = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as error:
        return None, [f"Line {error.lineno}: {error.message}."]
    except RecursionError:
        return None, [TOO_DEEP]
    try:
        problems = _check(tree, roots)
        if problems:
            return None, problems
        _Placer(place).place(tree)
        tree = _Bounder().visit(tree)
        return Template(_ENVIRONMENT.from_string(tree)), []
    except TemplateFaultError as fault:
        return None, [fault.message]
    except TemplateError as error:
        return None, [f"{error.message or type(error).__name__}"]
    except (RecursionError, SyntaxError, MemoryError):
        return None, [TOO_DEEP]


def _check(tree: nodes.Template, roots: Mapping[str, frozenset[str] | None]) -> Problems:
    problems = []
    found = list(tree.find_all(nodes.Node))
    if len(found) > NODES_MAX:
        return ["The template has too many parts."]
    for node in found:
        if not isinstance(node, ALLOWED) or (isinstance(node, nodes.For) and node.recursive):
            problems.append(f"Line {node.lineno}: {type(node).__name__} cannot be used in a template.")
        elif isinstance(node, nodes.Filter | nodes.Test) and node.name.startswith("_"):
            problems.append(f"Line {node.lineno}: there is no filter {node.name!r}.")
        elif isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
            below = roots.get(node.node.name)
            if node.node.ctx == "load" and below is not None and node.attr not in below:
                there = ", ".join(sorted(below)) or "none"
                problems.append(
                    f"Line {node.lineno}: there is no {node.node.name}.{node.attr}; there are: {there}."
                )
    unknown = meta.find_undeclared_variables(tree) - roots.keys() - FUNCTIONS.keys()
    problems += [
        f"There is nothing called {name!r}; there are: {', '.join(roots)}." for name in sorted(unknown)
    ]
    return problems


class _Placer:
    """Wraps each value that is put out by how it is encoded where it stands."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def place(self, tree: nodes.Template) -> None:
        """In place.

        Raises:
            TemplateFaultError: what stands in quotes depends on a condition.
        """
        if self._walk(tree.body, in_text=False):
            raise TemplateFaultError("A quote in the JSON is not closed.")

    def _walk(self, body: Sequence[nodes.Node], *, in_text: bool) -> bool:
        for node in body:
            if isinstance(node, nodes.Output):
                in_text = self._output(node, in_text=in_text)
            elif isinstance(node, nodes.If):
                in_text = self._branches(node, in_text=in_text)
            elif isinstance(node, nodes.For):
                for part in (node.body, node.else_):
                    if self._walk(part, in_text=in_text) != in_text:
                        raise TemplateFaultError(f"Line {node.lineno}: a quote opens within a loop.")
            elif isinstance(node, nodes.With):
                in_text = self._walk(node.body, in_text=in_text)
        return in_text

    def _branches(self, node: nodes.If, *, in_text: bool) -> bool:
        parts = [node.body, *(one.body for one in node.elif_), node.else_]
        ends = {self._walk(part, in_text=in_text) for part in parts}
        if len(ends) > 1:
            raise TemplateFaultError(f"Line {node.lineno}: a quote opens in one case only.")
        return ends.pop()

    def _output(self, node: nodes.Output, *, in_text: bool) -> bool:
        placed: list[nodes.Expr] = []
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                in_text = _in_text_after(child.data, in_text=in_text) if self._place is Place.JSON else False
                placed.append(child)
            else:
                name = self._filter(in_text=in_text)
                placed.append(nodes.Filter(child, name, [], [], None, None, lineno=child.lineno))
        node.nodes = placed
        return in_text

    def _filter(self, *, in_text: bool) -> str:
        match self._place:
            case Place.JSON:
                return "_json_text" if in_text else "_json_value"
            case Place.URL:
                return "_url"
            case Place.FORM:
                return "_form"
            case _:
                return "_plain"


def _in_text_after(data: str, *, in_text: bool) -> bool:
    """Whether this piece of JSON ends between quotes."""
    escaped = False
    for character in data:
        if escaped:
            escaped = False
        elif in_text and character == "\\":
            escaped = True
        elif character == '"':
            in_text = not in_text
    return in_text


class _Bounder(NodeTransformer):
    """Counts the turns of loops, and the length of texts that are joined."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named by the library
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, "_stepwise", [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - likewise
        self.generic_visit(node)
        pieces = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(pieces, "_concat", [], [], None, None, lineno=node.lineno)
