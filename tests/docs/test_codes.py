"""Every error and outcome code in the source has its entry in errors.md, with meaning and action."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "onefold"
PAGE = ROOT / "docs" / "reference" / "errors.md"

# Texts that begin so are codes wherever they stand; others are when an error or a refusal is made of them.
STAGES = (
    "capture|acquire|log|unify|segment|activate|goal|connection|dead_letters|api|storage|backup|restore|replay|"
    "runtime|config|cli|demo|run|observe|history"
)
CODE = re.compile(rf"^(?:{STAGES})(?:\.[a-z0-9_]+)+$")
CODE_LIKE = re.compile(r"^[a-z_]+(?:\.[a-z0-9_]+)+$")
MADE_OF_CODES = re.compile(r"(?:Error|Refusal|Refused|Fault|filtered|rejected)$")
ENTRY = re.compile(r"^\| `([a-z0-9_.]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)

# Texts that look like a code and are none.
NOT_CODES = {
    "api.sock": "the name of a file",
    "runtime.secret": "the beginning of codes",
    "storage.newer": "the beginning of codes",
    "api.unknown_": "the beginning of codes",
    "segment.id": "a message's field",
}
FILE_ENDINGS = (".db", ".log", ".py", ".toml", ".json", ".html", ".js", ".css")


def is_diagnostic(node: ast.AST) -> bool:
    """What a process tells its operator goes by names of its own."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "logger"
    )


def codes_of_call(node: ast.AST) -> Iterator[str]:
    """The code that an error or a refusal is made with."""
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for argument in node.args[:2] if MADE_OF_CODES.search(name) else []:
            text = str(argument.value) if isinstance(argument, ast.Constant) else ""
            if CODE_LIKE.match(text) and text not in NOT_CODES:
                yield text


def codes_of(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {id(one) for node in ast.walk(tree) if is_diagnostic(node) for one in ast.walk(node)}
    for node in ast.walk(tree):
        yield from codes_of_call(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
            if CODE.match(text) and text not in NOT_CODES and not text.endswith(FILE_ENDINGS):
                yield text


def unknown_things() -> Iterator[str]:
    """`not_found("source", …)` answers `api.unknown_source`."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "not_found":
                what = node.args[0]
                assert isinstance(what, ast.Constant), f"{path.name}:{node.lineno} names no thing"
                yield f"api.unknown_{str(what.value).replace(' ', '_')}"


ENTRIES = {
    code: (meaning, action) for code, meaning, action in ENTRY.findall(PAGE.read_text(encoding="utf-8"))
}
CODES = sorted({code for path in SOURCE.rglob("*.py") for code in codes_of(path)})


@pytest.mark.parametrize("code", [*CODES, *sorted(set(unknown_things()))])
def test_code_has_an_entry_with_meaning_and_action(code: str) -> None:
    meaning, action = ENTRIES.get(code, ("", ""))
    assert meaning
    assert action


def test_no_code_is_described_twice() -> None:
    found = [code for code, _, _ in ENTRY.findall(PAGE.read_text(encoding="utf-8"))]
    assert sorted(found) == sorted(set(found))


def test_every_described_code_is_still_in_the_source() -> None:
    """Some codes are put together, so their last part is looked for."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    parts = {code: code.rpartition(".")[2].removeprefix("bad_") for code in ENTRIES}
    by_status = {"api.bad_request", "api.not_found", "api.method_not_allowed", "api.request_entity_too_large"}
    unknown = set(unknown_things())
    stale = [code for code, part in parts.items() if part not in text and code not in by_status | unknown]
    assert stale == []
