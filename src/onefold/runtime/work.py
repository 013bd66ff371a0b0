"""What each kind of run does: joins `run` with the parts that do the work.

In: a run and the tools of the process. Out: `Work` for `run.execute`.
"""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from onefold.backends.embedded.backup import MANIFEST, backup
from onefold.backends.embedded.fill_state import EmbeddedFillState
from onefold.backends.embedded.log import EmbeddedLogReader
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.snapshot import Verdict, verify_replay
from onefold.clock import now, to_iso
from onefold.errors import OnefoldError
from onefold.model.outcome import Kind
from onefold.model.record import Record
from onefold.model.run import Run, RunKind
from onefold.pipeline.fill import FillProgress, cancel_fill, fill_segment
from onefold.pipeline.replay import ReplayProgress
from onefold.pipeline.worker import make_reader
from onefold.run.execute import Cancelled, Skipped, Work
from onefold.run.progress import Interrupted, Progress
from onefold.runtime.erasure import erase_person
from onefold.runtime.feedback_work import read_feedback
from onefold.runtime.import_work import take_in
from onefold.runtime.intake_preview import preview
from onefold.runtime.intake_work import bring_in
from onefold.runtime.retention import base_for, retain
from onefold.runtime.work_tools import Tools, check
from onefold.segment.evaluator import compile_segments

POLL_S = 0.02
"""How often a fill looks whether the worker has come so far."""
DIFFERENCES_SHOWN = 5
OVERTAKEN = "A newer version took over, or the segment is gone."
WHOLE_LOG = frozenset({RunKind.SEGMENT_FILL, RunKind.REPLAY, RunKind.BACKUP})
"""They read the log from its beginning, which must not move meanwhile."""


def make_work(run: Run, tools: Tools) -> Work:
    """The work of a run."""
    if is_left_out(run):
        return _leave_out
    works = {
        RunKind.SEGMENT_FILL: _fill,
        RunKind.IMPORT: take_in,
        RunKind.INTAKE: bring_in,
        RunKind.INTAKE_PREVIEW: preview,
        RunKind.FEEDBACK: read_feedback,
        RunKind.REPLAY: _replay,
        RunKind.BACKUP: _backup,
        RunKind.RETENTION: retain,
        RunKind.ERASURE: erase_person,
    }
    work = works[run.kind]
    if run.kind not in WHOLE_LOG:
        return lambda progress: work(progress, tools)

    def hold_and_work(progress: Progress) -> str:
        with tools.hold.reading():
            return work(progress, tools)

    return hold_and_work


def is_left_out(run: Run) -> bool:
    """Whether it was decided, when it was asked for, that nothing is done."""
    return "left_out" in run.arguments


def _leave_out(progress: Progress) -> str:
    raise Skipped(str(progress.run.arguments["left_out"]))


def _fill(progress: Progress, tools: Tools) -> str:
    segment_id, version = int(progress.run.arguments["segment_id"]), int(progress.run.arguments["version"])
    root = tools.directory.root
    log, state, people = EmbeddedLogReader(root), EmbeddedFillState(root), EmbeddedPeople(root)
    try:

        def append(record: Record) -> int:
            return tools.append([record])

        def wait_applied(offset: int) -> bool:
            return _wait_applied(offset, state, progress, tools)

        if progress.is_cancelled():
            ending = cancel_fill(segment_id, version, state=state, append=append, wait_applied=wait_applied)
            return _follow_fill(ending, progress)
        # The definition was in the log before the run was asked for.
        if not wait_applied(log.end()):
            raise Interrupted
        status = people.segments().get(segment_id)
        if status is None or status.definition.version != version:
            return OVERTAKEN
        reports = fill_segment(
            status.definition,
            status.offset,
            log=log,
            state=state,
            reader=make_reader(tools.rules().now),
            append=append,
            wait_applied=wait_applied,
            is_cancelled=progress.is_cancelled,
        )
        return _follow_fill(reports, progress)
    finally:
        log.close()
        state.close()
        people.close()


def _follow_fill(reports: Iterator[FillProgress], progress: Progress) -> str:
    last = FillProgress("people", 0, 0)
    for last in reports:
        progress.report(last.done, last.total, last.unit)
        if progress.is_stopping():
            raise Interrupted
    if last.end == "cancelled":
        raise Cancelled("Cancelled. The segment was new: it is dropped.")
    if last.end == "restored":
        raise Cancelled("Cancelled. The version before is live again.")
    if last.end == "stopped":
        raise Interrupted
    if last.end == "superseded":
        return OVERTAKEN
    if last.first_offset > 1:
        return f"Filled from what the log still holds (from record {last.first_offset})."
    return f"Filled: {last.total} people looked at."


def _wait_applied(offset: int, state: EmbeddedFillState, progress: Progress, tools: Tools) -> bool:
    while state.applied_to() < offset:
        if progress.is_stopping():
            return False
        tools.fold()
    return True


def _replay(progress: Progress, tools: Tools) -> str:
    root = tools.directory.root
    target = root / f"replay-{progress.run.id}"
    shutil.rmtree(target, ignore_errors=True)
    log = EmbeddedLogReader(root)

    def report(at: ReplayProgress) -> None:
        progress.report(at.offset, at.until, "records")

    try:
        verdict = verify_replay(
            root,
            log,
            target,
            compile_segments,
            base=base_for(root, log.first()),
            unify=tools.settings.unify,
            settings=tools.settings.worker,
            progress=report,
            is_cancelled=lambda: progress.is_cancelled() or progress.is_stopping(),
        )
        check(progress)
    finally:
        log.close()
        shutil.rmtree(target, ignore_errors=True)
    return _tell_verdict(verdict)


def _tell_verdict(verdict: Verdict) -> str:
    if verdict.is_equal:
        return f"Equal: the log folded again up to record {verdict.live.offset} gives the live state."
    shown = "; ".join(
        f"{one.table}: {one.count} ({', '.join(one.samples)})"
        for one in verdict.differences[:DIFFERENCES_SHOWN]
    )
    raise OnefoldError(
        "replay.differs",
        f"The replay came to record {verdict.replayed.offset} of {verdict.live.offset} and differs: {shown}.",
        hint="Keep the data directory as it is and report this.",
    )


def _backup(progress: Progress, tools: Tools) -> str:
    arguments = progress.run.arguments
    root = str(tools.directory.root)
    if arguments.get("root", root) != root:
        # The copy holds the run that made it, still running: a restored workspace finds it so.
        return "This workspace was brought back from that backup."
    progress.note(root=root)
    named = str(arguments.get("path", ""))
    target = Path(named) if named else tools.directory.backups / to_iso(now()).replace(":", "")
    if not named and target.exists() and not (target / MANIFEST).exists():
        shutil.rmtree(target)
    keys = ("secret.key",) if arguments.get("with_keys") else ()
    copied: list[str] = []

    def report(name: str) -> None:
        copied.append(name)
        progress.report(len(copied), 0, "files")

    manifest = backup(tools.directory.root, target, keys=keys, progress=report)
    size = sum(file.size for file in manifest.files)
    progress.count(Kind.PASSED, len(manifest.files))
    return f"{len(manifest.files)} files, {size} bytes, in {target}"


def wait_for_worker() -> None:
    """The `fold` of a process beside a running worker."""
    time.sleep(POLL_S)
