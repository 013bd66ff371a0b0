"""Documents as text: YAML (or JSON, which is YAML too) in, YAML out.

YAML here is the core of YAML 1.2: only `true` and `false` are booleans, only `null`, `~` and nothing are
null, a date is a text. So `off`, `no` or `2026-01-01` mean what they say. Left out on purpose: aliases (a few
lines of them can unfold into gigabytes), tags, two values under one name.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
import yaml

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject, JsonValue

BYTES_MAX = 2_000_000
"""Far more than a connection of 50 goals with 200 rows each."""
DEPTH_MAX = 50
WIDTH = 110

BREAKS = frozenset("\x85\u2028\u2029")
NULL = re.compile(r"^(?:~|null|)$")
BOOLEAN = re.compile(r"^(?:true|false)$")
INTEGER = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
NUMBER = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")


class DocumentError(OnefoldError):
    """The text is no document; `line` counts from 1 (0: unknown)."""

    def __init__(self, message: str, line: int = 0) -> None:
        place = f"Line {line}: " if line else ""
        super().__init__(
            "config.bad_document",
            place + message,
            hint="A document is one YAML or JSON object: kind, name, spec.",
        )
        self.line = line


def read_text(text: str | bytes) -> JsonObject:
    """The object in a text.

    Raises:
        DocumentError: it holds none, or several; says where.
    """
    loaded = _load(text)
    if not loaded:
        raise DocumentError("It holds no object.")
    if len(loaded) > 1:
        raise DocumentError("It holds several documents; one is taken.", loaded[1][0].start_mark.line + 1)
    return _placed(*loaded[0]).document


def _load(text: str | bytes) -> list[tuple[Any, JsonValue]]:
    """Each document of a text, with its nodes."""
    if len(text) > BYTES_MAX:
        raise DocumentError(f"It is larger than {BYTES_MAX // 1_000_000} MB.")
    found = []
    try:
        loader = _Loader(text)
        while loader.check_node():
            node = loader.get_node()
            found.append((node, loader.construct_document(node)))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise DocumentError(f"It is no YAML: {error.problem or error.context}.", line) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise DocumentError(f"It is no YAML: {str(error).splitlines()[0]}.") from error
    except RecursionError as error:
        raise DocumentError("It is nested too deeply.") from error
    return found


def _placed(node: Any, loaded: JsonValue) -> "PlacedDocument":
    if not isinstance(loaded, dict):
        raise DocumentError("It holds no object.", node.start_mark.line + 1)
    return PlacedDocument(loaded, node)


class PlacedDocument(NamedTuple):
    """A document, and where in its text each part of it stands."""

    document: JsonObject
    node: Any

    def line_of(self, path: str) -> int:
        """The line (from 1) of a path such as `spec.goals.0.kind`, or of what is nearest above it."""
        node = self.node
        line: int = node.start_mark.line + 1
        for step in re.findall(r"[^.\[\]]+", path):
            if isinstance(node, yaml.MappingNode):
                found = next((pair for pair in node.value if pair[0].value == step), None)
                if found is None:
                    break
                line, node = found[0].start_mark.line + 1, found[1]
            elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
                node = node.value[int(step)]
                line = node.start_mark.line + 1
            else:
                break
        return line


def read_texts(text: str | bytes) -> list[PlacedDocument]:
    """Every document of a text, `---` between them; empty ones are left out.

    Raises:
        DocumentError: one is none; says where.
    """
    return [_placed(node, document) for node, document in _load(text) if document is not None]


def write_texts(documents: Iterable[JsonValue]) -> str:
    """Documents as one text, `---` between them."""
    return "---\n".join(write_text(document) for document in documents)


def write_text(document: JsonValue, comment: str = "") -> str:
    """The YAML of a document; `comment` lines stand above it."""
    above = "".join(f"# {line}\n" for line in comment.splitlines())
    plain = msgspec.to_builtins(document)
    return above + yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


class _Loader(yaml.SafeLoader):
    """Plain values, as YAML 1.2 has them."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "aliases are not allowed here", getattr(event, "start_mark", None)
            )
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise RecursionError
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_plain_mapping(self, node: Any) -> JsonObject:
        """An object whose names are texts, each once."""
        found: JsonObject = {}
        for key_node, value_node in node.value:
            # A name is what is written, also where it looks like a number.
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a name must be a text", key_node.start_mark
                )
            name = str(key_node.value)
            if name in found:
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} is there twice", key_node.start_mark
                )
            found[name] = self.construct_object(value_node, deep=True)
        return found

    def construct_plain_integer(self, node: Any) -> int:
        """Digits; more than any setting has are refused (reading them takes long)."""
        return int(_bounded(node))

    def construct_plain_number(self, node: Any) -> float:
        """Digits, a point, an exponent."""
        return float(_bounded(node))

    def refuse(self, node: Any) -> Any:
        """A tag such as `!include`."""
        raise yaml.constructor.ConstructorError(None, None, f"{node.tag} is not known here", node.start_mark)


class _Dumper(yaml.SafeDumper):
    """Quotes what any reader of YAML, old or new, could take for something else than a text."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    """Line breaks that only Unicode knows are lost between single quotes: they are escaped."""
    style = '"' if BREAKS & set(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _bounded(node: Any) -> str:
    text = str(node.value)
    if len(text) > 40:
        raise yaml.constructor.ConstructorError(None, None, "the number is too long", node.start_mark)
    return text


def _resolve(tag: str, pattern: "re.Pattern[str]", first: list[str | None]) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", pattern, first)
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", pattern, first)


# Nothing of YAML 1.1 is taken over; the dumper keeps it, and so quotes what others might misread.
_Loader.yaml_implicit_resolvers = {}
_resolve("bool", BOOLEAN, list("tf"))
_resolve("int", INTEGER, list("-+0123456789"))
_resolve("float", NUMBER, list("-+.0123456789"))
_resolve("null", NULL, ["~", "n", ""])
_Dumper.add_representer(str, _represent_text)
for _tag, _construct in (
    ("map", _Loader.construct_plain_mapping),
    ("int", _Loader.construct_plain_integer),
    ("float", _Loader.construct_plain_number),
):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct)
for _tag in ("binary", "timestamp", "omap", "pairs", "set"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Loader.refuse)
_Loader.add_constructor(None, _Loader.refuse)
