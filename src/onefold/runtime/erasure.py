"""Erasing a person, whole: a record in the log, then everything that was derived from them or kept beside it.

In: a run that names a profile. Out: nothing of the person in log, state, deliveries, dead letters, the base
snapshot and uploads. Each step may be repeated; at any moment a replay gives the live state: until the new
base is there, from a log that still holds the events; from then on, from that base. Who is erased stands in
the run's arguments (tasks.db) until the last step.
"""

import gzip
import io
import os
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from onefold.acquire.read import SAMPLE_BYTES, detect_encoding, unpacked
from onefold.activate.deletions import Deletions
from onefold.activate.numbers import Numbers
from onefold.backends.embedded.base import find_base, make_base
from onefold.backends.embedded.changes import EmbeddedStateReader
from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.decisions import RunRequestStore
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.erase_places import Places, erased_to, find_erased, find_places
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.tasks import EmbeddedRunReader
from onefold.clock import now
from onefold.errors import StorageError
from onefold.model.erasure import Erase, Erased, Removal
from onefold.model.outcome import Kind
from onefold.model.record import Record, RecordKind
from onefold.model.run import RunKind
from onefold.pipeline.worker import make_finder, make_reader
from onefold.plugin.discover import find_connectors
from onefold.run.execute import Cancelled
from onefold.run.progress import Interrupted, Progress
from onefold.runtime.control_directory import ControlDirectory
from onefold.runtime.intake_preview import clear_report
from onefold.runtime.secret_key import load_cipher
from onefold.runtime.work_tools import Tools, check
from onefold.unify.mention import Mentions
from onefold.unify.read import Reading, split_array

POLL_S = 0.05
RETRY_S = 1.0
"""After the disk refused a step."""
PIECE_RECORDS = 200
"""Records rewritten in one transaction of the log's owner: capture waits for no more than that."""
IMPORTS_MAX = 1000
"""Imports looked at, newest first, for files that are still needed."""
TEXT_CHARS = 1 << 20
NOTED = ("keys", "letters", "begun")
"""What a run notes for whoever goes on with it."""
OVERLAP_CHARS = 1 << 10
"""An identifier that two pieces of a file share is seen in the second."""


def erase_person(progress: Progress, tools: Tools) -> str:
    """The work of an erasure run."""
    try:
        while True:
            # Whoever reads the log as a whole must see it either before or after.
            with tools.hold.shortening() as is_free:
                if is_free and (told := _try(progress, tools)):
                    return told
            _go_on(progress)
            time.sleep(POLL_S)
    except Cancelled:
        _forget_whom(progress, tools)
        raise


def _try(progress: Progress, tools: Tools) -> str:
    """Erase; nothing told: the disk is unwell, and once the record is there, there is no way back."""
    try:
        return _erase(progress, tools)
    except StorageError as error:
        progress.report(0, 0, f"waiting: {error.code}")
        time.sleep(RETRY_S)
        return ""


def erase_deliveries(root: Path) -> None:
    """Do what deliver would do about erasures, when it does not run; what shall tell of them waits for it."""
    store, state = EmbeddedDelivery(root), EmbeddedStateReader(root)
    control, runs = ControlDatabase.reader(root), EmbeddedRunReader(root)
    try:
        if erasures := state.erasures(store.erased_to()):
            directory = ControlDirectory(control, load_cipher(root, os.environ))
            deletions = Deletions(store, directory, find_connectors().connectors, runs.whom)
            at = now()
            saved = store.load()
            numbers = Numbers(saved.next_request_id), Numbers(saved.next_run)
            store.erase(erasures, at, deletions.plan(erasures, *numbers, at))
    finally:
        runs.close()
        control.close()
        state.close()
        store.close()


def _erase(progress: Progress, tools: Tools) -> str:
    root = tools.directory.root
    keys = _note_identifiers(progress, tools)
    erased = _fold(progress, tools)
    if not erased.profile_ids:
        _forget_whom(progress, tools)
        return "Nothing to erase: there is no such profile any more."
    base = find_base(root)
    if base is None or base.offset < erased.offset:
        progress.report(0, 0, "base snapshot")
        make_base(root)
    places, keys = _find_events(progress, tools, erased, keys)
    events = _erase_events(progress, tools, places)
    letters = len(erased.letters) + int(progress.run.arguments.get("letters", 0))
    removed = tools.erase(Removal(keys=keys, letters=erased.letters))
    letters += removed.letters
    progress.note(letters=letters - len(erased.letters))
    mentions = Mentions(keys, make_finder(tools.rules().now))
    uploads = _erase_uploads(root, tools, mentions)
    tools.runs.clear_previews(lambda report: clear_report(report, erased.profile_ids, mentions))
    _wait_for_deliver(progress, tools, erased)
    progress.count(Kind.PASSED, events - progress.run.passed)
    _forget_whom(progress, tools)
    return (
        f"Erased: {len(erased.profile_ids)} profiles, {erased.identifiers} identifiers, {events} events, "
        f"{erased.links} pieces of evidence, {letters} dead letters of capture and unify, {uploads} uploaded "
        "files; and whatever waited for a destination."
    )


def _origin(progress: Progress) -> str:
    """The run that first asked for it: the record in the log names that one, whoever asked again."""
    return str(progress.run.arguments.get("again", progress.run.id))


def _forget_whom(progress: Progress, tools: Tools) -> None:
    """Leave nothing of the person in what the run, and those before it, noted."""
    for attempt in tools.runs.attempts(_origin(progress)):
        if attempt.id != progress.run.id and attempt.arguments.get("keys", "[]") != "[]":
            arguments = {**attempt.arguments, "keys": "[]"}
            tools.runs.save(msgspec.structs.replace(attempt, arguments=arguments), 0)
    progress.note(keys="[]")
    tools.runs.fold_in()


def _take_over(progress: Progress, tools: Tools) -> None:
    """Go on with what the attempt before noted, if it did."""
    for attempt in tools.runs.attempts(_origin(progress)):
        if attempt.id != progress.run.id and "keys" in attempt.arguments:
            noted = {name: attempt.arguments[name] for name in NOTED if name in attempt.arguments}
            progress.note(**noted)
            return


def _note_identifiers(progress: Progress, tools: Tools) -> list[str]:
    """Whom to look for; written down before the fold forgets it."""
    if "keys" not in progress.run.arguments:
        _take_over(progress, tools)
    noted = progress.run.arguments.get("keys")
    if noted is not None:
        return msgspec.json.decode(str(noted), type=list[str])
    people = EmbeddedPeople(tools.directory.root)
    try:
        profile = people.profile(int(progress.run.arguments["profile_id"]))
    finally:
        people.close()
    held = profile.identifiers if profile else {}
    keys = [f"{kind}:{value}" for kind, values in held.items() for value in values]
    progress.note(keys=msgspec.json.encode(keys).decode())
    return keys


def _fold(progress: Progress, tools: Tools) -> Erased:
    """Have the record folded; it is appended once, or again where nobody knows: the second says nothing."""
    root, origin = tools.directory.root, _origin(progress)
    erased = find_erased(root, origin)
    if erased is None:
        _go_on(progress)
        progress.note(begun=True)
        wish = Erase(int(progress.run.arguments["profile_id"]), origin)
        tools.append([Record(RecordKind.ERASE, 0, 0, 0, msgspec.json.encode(wish))])
    while erased is None:
        _go_on(progress)
        tools.fold()
        erased = find_erased(root, origin)
    return erased


def _find_events(
    progress: Progress, tools: Tools, erased: Erased, keys: list[str]
) -> tuple[Places, list[str]]:
    """Every place of the person in the log, and identifiers that only the events say."""
    root = tools.directory.root
    found = find_places(root, erased.profile_ids)
    log, people = EmbeddedLogReader(root), EmbeddedPeople(root)
    try:
        said = set(_read_identifiers(log, tools, found.own))
        keys = sorted(said - people.find_many(list(said)).keys() | set(keys))
        progress.note(keys=msgspec.json.encode(keys).decode())
        mentions = Mentions(keys, make_finder(tools.rules().now))
        for offset, positions in _naming(log, found.refused, mentions):
            found.own.setdefault(offset, []).extend(positions)
    finally:
        log.close()
        people.close()
    return found.own, keys


def _read_identifiers(log: EmbeddedLogReader, tools: Tools, places: Places) -> Iterator[str]:
    rules, read_by, reader = tools.rules(), None, None
    for record in _records(log, places):
        if reader is None or rules.at(record.offset) != read_by:
            read_by = rules.at(record.offset)
            reader = make_reader(read_by)
        items = reader.read(record)
        for position in places[record.offset]:
            item = items[position]
            if isinstance(item, Reading):
                yield from (identifier.key for identifier in item.identifiers)


def _naming(log: EmbeddedLogReader, places: Places, mentions: Mentions) -> Iterator[tuple[int, list[int]]]:
    """Refused events whose content names the person."""
    for record in _records(log, places):
        events = split_array(record.body)
        if len(events) != record.count:
            events = [msgspec.Raw(record.body)] * record.count
        named = [one for one in places[record.offset] if mentions(bytes(events[one]))]
        if named:
            yield record.offset, named


def _records(log: EmbeddedLogReader, places: Places) -> Iterator[Record]:
    offsets = sorted(places)
    for start in range(0, len(offsets), PIECE_RECORDS):
        yield from log.get(offsets[start : start + PIECE_RECORDS]).values()


def _erase_events(progress: Progress, tools: Tools, places: Places) -> int:
    """Rewrite the records, piece by piece; returns how many events there were."""
    offsets = sorted(places)
    for start in range(0, len(offsets), PIECE_RECORDS):
        _go_on(progress)
        progress.report(start, len(offsets), "records")
        piece = offsets[start : start + PIECE_RECORDS]
        tools.erase(Removal({offset: places[offset] for offset in piece}))
    progress.report(len(offsets), len(offsets), "records")
    return sum(map(len, places.values()))


def _erase_uploads(root: Path, tools: Tools, mentions: Mentions) -> int:
    """Remove uploaded files that name the person, or cannot be read here; those of running imports stay."""
    needed = _needed_uploads(root, tools)
    removed = 0
    for path in sorted((root / "uploads").iterdir()):
        if path.is_file() and path not in needed and _file_names(path, mentions):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _needed_uploads(root: Path, tools: Tools) -> set[Path]:
    control = ControlDatabase.reader(root)
    try:
        asked = RunRequestStore(control).page(count_max=IMPORTS_MAX, kind=RunKind.IMPORT)
    finally:
        control.close()
    ended = tools.runs.ended([request.id for request in asked])
    return {Path(str(request.arguments["path"])) for request in asked if request.id not in ended}


def _file_names(path: Path, mentions: Mentions) -> bool:
    """Whether a file names the person; one that cannot be read here might."""
    if path.suffix.lower() == ".parquet":
        return True
    try:
        with path.open("rb") as raw, unpacked(path, raw) as content:
            sample = content.read(SAMPLE_BYTES)
            # Lines of JSON are read as UTF-8, whatever the others around them look like.
            return any(
                _text_names(content, encoding, mentions)
                for encoding in dict.fromkeys([detect_encoding(sample).removesuffix("-sig"), "utf-8"])
            )
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return True


def _text_names(content: BinaryIO, encoding: str, mentions: Mentions) -> bool:
    content.seek(0)
    text = io.TextIOWrapper(content, encoding, errors="replace", newline="")
    try:
        before = ""
        while piece := text.read(TEXT_CHARS):
            if mentions.in_text(before + piece):
                return True
            before = piece[-OVERLAP_CHARS:]
        return False
    finally:
        text.detach()


def _wait_for_deliver(progress: Progress, tools: Tools, erased: Erased) -> None:
    """Until nothing waits for the person, and no destination's ledger knows them."""
    root = tools.directory.root
    while erased_to(root) < erased.offset:
        _go_on(progress)
        progress.report(0, 0, "waiting for deliver")
        tools.deliver()


def _go_on(progress: Progress) -> None:
    """From the record on nobody can cancel: only the role's stop puts the rest off."""
    if progress.run.arguments.get("begun"):
        if progress.is_stopping():
            raise Interrupted
    else:
        check(progress)
