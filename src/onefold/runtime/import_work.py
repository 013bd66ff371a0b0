"""What an import run does: a file into the log, each row once, whatever happens on the way.

In: a run with its file and mapping. Out: records, counts and dead letters in the log, each batch in one
commit with the mark that says how far the file has come. The mark belongs to the content and the mapping,
not to the run: whoever imports the same again goes on behind what is there, after a crash, a failure or a
cancel. Two mappings give the same rows the same message ids, so a second mapping is let in only while the
worker still knows those ids (`unify.dedupe_hours`).
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from onefold.acquire.import_file import import_file
from onefold.acquire.mapping import ImportMapping, parse_mapping
from onefold.acquire.read import file_hash
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.clock import HOUR, now, to_iso
from onefold.errors import OnefoldError
from onefold.model.mark import Mark
from onefold.run.execute import Cancelled
from onefold.run.progress import Progress
from onefold.runtime.work_tools import Tools, append_batch, check

MARK_PREFIX = "import"
RESUME = "Import the file again with the same mapping to take in the rest."


def take_in(progress: Progress, tools: Tools) -> str:
    """The work of an import run; safe to repeat from any place."""
    arguments = progress.run.arguments
    path = Path(str(arguments["path"]))
    mapping = parse_mapping(msgspec.json.decode(str(arguments["mapping"])), "mapping")
    content = _hash(path)
    name = f"{MARK_PREFIX}:{content}:{mapping_hash(mapping)}"
    mark, others = _marks(tools, name, f"{MARK_PREFIX}:{content}:")
    earlier = tools.runs.find_import(name)
    if earlier is not None and earlier.id != progress.run.id:
        return f"Nothing to do: this file was imported by {earlier.id}."
    if not mapping.id:
        _refuse_other_mapping(others, tools.settings.unify.dedupe_hours)
    progress.note(file_hash=content, mark=name)
    own = mark is not None and mark.run_id == progress.run.id
    if own and mark is not None:
        progress.restore(mark.position, passed=mark.passed, rejected=mark.rejected)
    elif mark is not None:
        progress.restore(mark.position)
    batches = import_file(
        path,
        mapping,
        source_id=int(arguments["source_id"]),
        run_id=progress.run.id,
        position=progress.position,
        temporary=tools.directory.uploads,
    )
    rows = 0
    for batch in batches:
        _check(progress)
        append_batch(batch, name, progress, tools)
        rows = batch.rows
    progress.note(rows=rows)
    return _tell(progress, rows, "" if own or mark is None else mark.run_id)


def mapping_hash(mapping: ImportMapping) -> str:
    """16 hex digits that name what a mapping means: its layout, comments and order of tables do not count."""
    return hashlib.sha256(msgspec.json.encode(mapping, order="sorted")).hexdigest()[:16]


def _hash(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError as error:
        raise OnefoldError("acquire.no_file", f"{path.name} cannot be read: {error.strerror}.") from error


def _marks(tools: Tools, name: str, prefix: str) -> tuple[Mark | None, list[Mark]]:
    """The mark of this import, and those of other mappings of the same content."""
    log = EmbeddedLogReader(tools.directory.root)
    try:
        found = log.marks_of(prefix)
    finally:
        log.close()
    own = next((mark for mark in found if mark.name == name), None)
    return own, [mark for mark in found if mark.name != name]


def _refuse_other_mapping(others: Sequence[Mark], dedupe_hours: int) -> None:
    forgotten = now() - dedupe_hours * HOUR
    old = next((mark for mark in others if mark.passed and mark.at < forgotten), None)
    if old is not None:
        raise OnefoldError(
            "acquire.other_mapping",
            f"This file was imported with another mapping on {to_iso(old.at)[:10]} ({old.run_id}); its rows "
            "would count twice now.",
            hint="Name in the mapping's `id` the columns that tell these events apart, and import again.",
        )


def _check(progress: Progress) -> None:
    try:
        check(progress)
    except Cancelled:
        run = progress.run
        raise Cancelled(
            f"Cancelled. {run.passed:,} events and {run.rejected:,} dead letters of it stay. {RESUME}"
        ) from None


def _tell(progress: Progress, rows: int, before: str) -> str:
    run = progress.run
    if not rows:
        return "Nothing to do: the file has no rows."
    words = f"Imported {run.passed:,} events of {rows:,} rows; {run.rejected:,} were refused"
    words += ": see the dead letters." if run.rejected else "."
    return f"{words} The rows before were imported by {before}." if before else words
