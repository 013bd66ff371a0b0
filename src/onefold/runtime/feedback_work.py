"""What the run of a feedback goal does: files that a destination writes into the log, each event once.

In: a run that holds the goal as it was when it was asked for. Out: records, counts and dead letters, each
batch in one commit with the mark of the place that is read. The mark counts the events of all files: a file
that began at `base` has given `mark - base` events so far: killed at any moment, the next run goes on there.
"""

from contextlib import closing
from functools import partial

import msgspec

from onefold.acquire.feedback import FeedbackImporter
from onefold.backends.embedded.feedback import EmbeddedFeedback, UnderWay
from onefold.clock import now
from onefold.model.goal import Goal
from onefold.plugin.feedback import FeedbackOrigin, open_feedback
from onefold.run.progress import Progress
from onefold.runtime.work_tools import Tools, append_batch, check, mark_of, opened

MARK_PREFIX = "feedback"


def read_feedback(progress: Progress, tools: Tools) -> str:
    """The work of a run of a feedback goal; safe to repeat from any place."""
    arguments = progress.run.arguments
    goal = msgspec.json.decode(str(arguments["goal"]), type=Goal)
    source_id = int(arguments["source_id"])
    with opened(tools, goal.connection_id, partial(open_feedback, goal=goal)) as origin:
        place = f"{source_id}:{origin.place}"
        with tools.places.reading(place), closing(EmbeddedFeedback(tools.directory.root, place)) as files:
            files.open_place(source_id, goal.connection_id)
            mark_name = f"{MARK_PREFIX}:{place}"
            count = _Reading(progress, tools, origin, files, goal=goal, mark_name=mark_name).run()
    return _tell(progress, count)


class _Reading:
    """One run over the files of one place."""

    def __init__(
        self,
        progress: Progress,
        tools: Tools,
        origin: FeedbackOrigin,
        files: EmbeddedFeedback,
        *,
        goal: Goal,
        mark_name: str,
    ) -> None:
        self._progress = progress
        self._tools = tools
        self._goal = goal
        self._origin = origin
        self._files = files
        self._mark_name = mark_name
        arguments = progress.run.arguments
        self._importer = FeedbackImporter(
            source_id=int(arguments["source_id"]),
            source_kind=str(arguments["source_kind"]),
            run_id=progress.run.id,
        )
        self._count = 0

    def run(self) -> int:
        """Read what is there and was not read; how many files that were."""
        self._restore()
        check(self._progress)
        cut_short = self._files.under_way()
        if cut_short is not None:
            self._read(cut_short)
        position = self._progress.position
        newest = self._files.newest_part(position)
        oldest = self._origin.oldest_part(self._goal, newest, now())
        known = self._files.names_read(oldest, position)
        for file in self._origin.files(self._goal, oldest):
            check(self._progress)
            if file.name not in known:
                base = self._progress.position
                self._files.begin(file, base)
                self._read(UnderWay(file, base))
        self._files.forget(oldest)
        return self._count

    def _restore(self) -> None:
        mark = mark_of(self._tools, self._mark_name)
        if mark is None:
            self._progress.restore(0)
        elif mark.run_id == self._progress.run.id:
            self._progress.restore(mark.position, passed=mark.passed, rejected=mark.rejected)
        else:
            self._progress.restore(mark.position)

    def _read(self, begun: UnderWay) -> None:
        file, base = begun
        pages = self._origin.read(file, max(0, self._progress.position - base))
        for batch in self._importer.batches(file, pages, base=base, done=self._count):
            append_batch(batch, self._mark_name, self._progress, self._tools)
            check(self._progress)
        self._files.finish(file, self._progress.position)
        self._count += 1


def _tell(progress: Progress, count: int) -> str:
    if not count:
        return "Nothing to do: there is no new file."
    run = progress.run
    words = f"Took in {run.passed:,} events of {count:,} files"
    if run.filtered:
        words += f"; {run.filtered:,} were left out"
    if run.rejected:
        words += f"; {run.rejected:,} could not be read: see the dead letters"
    return f"{words}."
