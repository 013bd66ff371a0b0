"""The files of a config: found in a directory, read with the line of each part, and written.

In: a directory, a file, or stdin. Out: documents, each with its place; files, one an object, named by it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from onefold.errors import OnefoldError
from onefold.model.json import JsonObject

if TYPE_CHECKING:
    from onefold.config.text import PlacedDocument

CODE = "config.bad_files"
ENDINGS = frozenset({".yaml", ".yml"})
FILES_MAX = 10_000
"""A directory that was named by mistake is not read whole."""
FILE_NAME_CHARS_MAX = 80


class FoundDocument(NamedTuple):
    """A document, and where it stands."""

    file: Path
    placed: "PlacedDocument"
    document: JsonObject

    def place(self, path: str) -> str:
        """File and line of a part of it."""
        return f"{self.file}:{self.placed.line_of(path)}"


def read_files(path: Path) -> list[FoundDocument]:
    """Every document of a directory (of the files that end in .yaml or .yml), of a file, or of stdin as `-`.

    Raises:
        OnefoldError: `config.bad_files`; with everything that cannot be read.
    """
    from onefold.cli.read_file import read_bytes
    from onefold.config.text import read_texts

    found, problems = [], []
    for file in _files(path):
        try:
            texts = read_texts(read_bytes(file))
        except OnefoldError as error:
            problems.append(error.message if error.code == "cli.bad_file" else f"{file}: {error.message}")
            continue
        found += [FoundDocument(file, placed, placed.document) for placed in texts]
    if problems:
        listed = "".join(f"\n  - {problem}" for problem in problems)
        raise OnefoldError(CODE, f"Files cannot be read:{listed}")
    if not found:
        raise OnefoldError(
            CODE,
            f"There is no document in {path}.",
            hint="Files end in .yaml or .yml; `onefold config export DIR` writes some.",
        )
    return found


def resolved(
    found: Sequence[FoundDocument], environ: Mapping[str, str]
) -> tuple[list[FoundDocument], list[str]]:
    """The documents with the secrets that can be read here, and a line for each that cannot."""
    from onefold.cli.connection_documents import resolve_secrets

    documents, unread = [], []
    for one in found:
        document, problems = resolve_secrets(one.document, one.file.parent, environ)
        documents.append(one._replace(document=document))
        unread += [
            f"{one.place(problem.partition(':')[0])}: {problem.partition(': ')[2]}" for problem in problems
        ]
    return documents, unread


def located(problems: Iterable[JsonObject], found: Sequence[FoundDocument]) -> Iterator[str]:
    """Each problem that the API told, with file and line in place of the document's number."""
    from onefold.cli.client import problem_words

    for problem in problems:
        match = re.match(r"documents\.([0-9]+)\.?(.*)", problem["field"])
        if match is None or int(match[1]) >= len(found):
            yield problem_words(problem)
            continue
        value = problem.get("value")
        shown = f" (it is {value!r})" if isinstance(value, str | int | float) else ""
        words = problem_words({**problem, "field": match[2]})
        yield f"{found[int(match[1])].place(match[2])}: {words}{shown}"


def write_folder(folder: Path, documents: Sequence[JsonObject]) -> tuple[list[Path], list[Path]]:
    """A file an object; gives those written, and those of objects that there are no more.

    Raises:
        OnefoldError: `config.bad_files`; a file holds something else, which would be lost.
    """
    from onefold.config.secrets import apart
    from onefold.config.text import write_text

    there = read_files(folder) if folder.is_dir() and next(_files(folder), None) else []
    kept = {(one.document.get("kind"), one.document.get("name")): one for one in there}
    names = apart({_key(one): _place_of(one) for one in documents}, "-")
    written = []
    for document in documents:
        old = kept.pop(_key(document), None)
        text = write_text(_with_own_references(document, old))
        file = old.file if old else folder / f"{names[_key(document)]}.yaml"
        if old and _without_former(old.document) == _with_own_references(document, old):
            continue
        _refuse_to_lose(file, [one for one in there if one.file == file and one is not old])
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        written.append(file)
    return written, [one.file for one in kept.values()]


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    count = 0
    for file in sorted(path.rglob("*")):
        is_hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.suffix in ENDINGS and not is_hidden:
            count += 1
            if count > FILES_MAX:
                raise OnefoldError(CODE, f"There are more than {FILES_MAX} files in {path}.")
            yield file


def _key(document: JsonObject) -> tuple[str, str]:
    return document["kind"], document["name"]


def _place_of(document: JsonObject) -> str:
    from onefold.config.names import SINGLE_KINDS

    kind = document["kind"]
    return str(kind) if kind in SINGLE_KINDS else f"{kind}s/{_file_name(document['name'])}"


def _file_name(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")[:FILE_NAME_CHARS_MAX] or "unnamed"


def _with_own_references(document: JsonObject, old: FoundDocument | None) -> JsonObject:
    """With the references that the file has already: where a secret comes from is its owner's choice."""
    spec = old.document.get("spec") if old else None
    own = spec.get("secrets") if isinstance(spec, dict) else None
    secrets = document.get("spec", {}).get("secrets")
    if not isinstance(own, dict) or not secrets:
        return document
    kept = {name: own.get(name, reference) for name, reference in secrets.items()}
    return {**document, "spec": {**document["spec"], "secrets": kept}}


def _without_former(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name != "renamed_from"}


def _refuse_to_lose(file: Path, others: Sequence[FoundDocument]) -> None:
    if others:
        raise OnefoldError(
            CODE,
            f"{file} holds other documents, too, which would be lost.",
            hint="Put each into a file of its own, or export into an empty directory.",
        )
