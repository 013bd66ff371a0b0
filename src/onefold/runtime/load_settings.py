"""Reading the settings: onefold.toml, then `ONEFOLD_*` of the environment, then the command line; later wins.

In: the data directory or a file, the environment, overrides. Out: `Settings`, or every problem at once.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import msgspec.inspect

from onefold.errors import ConfigError, ConfigProblem
from onefold.model.secret_setting import SECRET
from onefold.runtime.settings import Settings

FILE_NAME = "onefold.toml"
PREFIX = "ONEFOLD_"
NOT_SETTINGS = frozenset(
    {
        "ONEFOLD_CONFIG",
        "ONEFOLD_DATA",
        "ONEFOLD_DATA_DIR",
        "ONEFOLD_SECRET_KEY",
        "ONEFOLD_TOKEN",
        "ONEFOLD_URL",
    }
)
"""Where to find things and how to get in: read by the CLI, by tests and for the secret key."""

GOT_CHARACTERS_MAX = 60
"""A wrong value is shown up to here: enough to recognise it."""


class Declared(NamedTuple):
    """One setting as declared."""

    section: str
    name: str
    default: object
    type: Any
    description: str
    is_secret: bool = False
    """Its value is never shown."""

    @property
    def path(self) -> str:
        """`section.name`."""
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"{PREFIX}{self.section.upper()}__{self.name.upper()}"


class _Found(NamedTuple):
    source: str
    shown: str
    value: Any
    is_text: bool


def declared_settings() -> list[Declared]:
    """Every setting, in the order of the declaration."""
    found = []
    for section in msgspec.structs.fields(Settings):
        hints = msgspec.inspect.type_info(section.type)
        assert isinstance(hints, msgspec.inspect.StructType)  # noqa: S101  (a section is a Struct by declaration)
        types = {field.name: field.type for field in msgspec.structs.fields(section.type)}
        for field in hints.fields:
            default = getattr(section.default, field.name)
            description = _description(types[field.name])
            declared = types[field.name]
            is_secret = any(note.extra == SECRET for note in _notes(declared))
            found.append(Declared(section.name, field.name, default, declared, description, is_secret))
    return found


def load_settings(
    data_dir: Path,
    *,
    config: Path | None = None,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """The settings in force.

    Raises:
        ConfigError: with every problem of every source.
    """
    declared = {setting.path: setting for setting in declared_settings()}
    problems: list[ConfigProblem] = []
    found: dict[str, _Found] = {}
    for path, value in [*_from_file(data_dir, config, problems), *_from_environment(environ)]:
        if path in declared:
            found[path] = value
        else:
            problems.append(
                ConfigProblem(value.source, value.shown, "not a setting", _nearest(path, declared))
            )
    for path, override in (overrides or {}).items():
        found[path] = _Found("command line", path, override, is_text=False)
    sections: dict[str, dict[str, Any]] = {}
    for path, value in found.items():
        setting = declared[path]
        try:
            sections.setdefault(setting.section, {})[setting.name] = _convert(value, setting)
        except (msgspec.ValidationError, msgspec.DecodeError, ValueError):
            problems.append(
                ConfigProblem(
                    value.source,
                    value.shown,
                    "a secret" if setting.is_secret else _shown_value(value.value),
                    describe_type(setting.type),
                )
            )
    if problems:
        raise ConfigError(problems)
    types = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    return Settings(**{name: types[name](**values) for name, values in sections.items()})


def describe_type(declared: Any) -> str:
    """What a value must be, in words: `a whole number from 1 to 600`."""
    match msgspec.inspect.type_info(declared):
        case msgspec.inspect.Metadata(type=inner):
            return _describe(inner)
        case plain:
            return _describe(plain)


def _describe(info: msgspec.inspect.Type) -> str:
    match info:
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.IntType(ge=low, le=high):
            limits = [f"from {low}"] * (low is not None) + [f"to {high}"] * (high is not None)
            return " ".join(["a whole number", *limits])
        case msgspec.inspect.FloatType(gt=above):
            return "a number" + (f" over {above:g}" if above is not None else "")
        case msgspec.inspect.StrType(pattern=str(pattern)):
            return f"a text that matches {pattern}"
        case msgspec.inspect.StrType():
            return "a text"
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType():
            return "a list of texts (in the environment: comma-separated, or JSON)"
        case msgspec.inspect.DictType():
            return "a table of texts (in the environment: JSON)"
    return type(info).__name__


def _description(declared: Any) -> str:
    return next((note.description for note in _notes(declared) if note.description), "")


def _notes(declared: Any) -> list[msgspec.Meta]:
    return [note for note in getattr(declared, "__metadata__", ()) if isinstance(note, msgspec.Meta)]


def _from_file(
    data_dir: Path, config: Path | None, problems: list[ConfigProblem]
) -> Iterator[tuple[str, _Found]]:
    path = config or data_dir / FILE_NAME
    if not path.exists():
        if config is not None:
            problems.append(ConfigProblem(str(path), "the file", "not there", "a TOML file"))
        return
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        problems.append(
            ConfigProblem(str(path), "the file", f"not readable as TOML ({error})", "a TOML file")
        )
        return
    sections = {field.name for field in msgspec.structs.fields(Settings)}
    for section, values in content.items():
        if not isinstance(values, dict) or section not in sections:
            yield section, _Found(str(path), f"[{section}]", values, is_text=False)
            continue
        for name, value in values.items():
            yield f"{section}.{name}", _Found(str(path), f"{section}.{name}", value, is_text=False)


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, _Found]]:
    for variable in sorted(environ):
        if variable.startswith(PREFIX) and variable not in NOT_SETTINGS:
            section, _, name = variable.removeprefix(PREFIX).lower().partition("__")
            yield f"{section}.{name}", _Found("environment", variable, environ[variable], is_text=True)


def _convert(found: _Found, setting: Declared) -> Any:
    if not found.is_text:
        return msgspec.convert(found.value, setting.type)
    return msgspec.convert(_parse_text(found.value, setting.default), setting.type, strict=False)


def _parse_text(text: str, default: object) -> Any:
    """A variable is text: lists and tables are written as JSON, lists also with commas."""
    match default:
        case dict():
            return msgspec.json.decode(text)
        case list() | tuple() if text.startswith("["):
            return msgspec.json.decode(text)
        case list() | tuple():
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _nearest(path: str, declared: Mapping[str, Declared]) -> str:
    import difflib

    close = difflib.get_close_matches(path, declared, n=1, cutoff=0.6)
    return f"{close[0]} ({declared[close[0]].variable})" if close else "a name that `onefold settings` lists"


def _shown_value(value: object) -> str:
    text = repr(value)
    return text if len(text) <= GOT_CHARACTERS_MAX else text[:GOT_CHARACTERS_MAX] + "…"
