"""The tasks role: takes what control.db asks for and runs it, a thread each, a few at once."""

import threading
from collections.abc import Callable
from functools import partial

import structlog

from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.connections import read_notices
from onefold.backends.embedded.control.decisions import RunRequest, RunRequestStore
from onefold.backends.embedded.control.mail_wishes import MailWishStore
from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.mails import EmbeddedMails
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import DAY, now
from onefold.errors import StorageError
from onefold.log.wake import Sleeper
from onefold.model.run import Run, RunKind, RunState
from onefold.run.execute import execute
from onefold.run.notice import Sender
from onefold.run.progress import Interrupted
from onefold.runtime.append import RemoteAppend
from onefold.runtime.postman import Postman, Sources, forget_old
from onefold.runtime.role import Role
from onefold.runtime.work import is_left_out, make_work, wait_for_worker
from onefold.runtime.work_tools import Tools

RUNS_MAX = 3
"""At once: a long import must not keep a segment from filling, but the CPU belongs to the hot path."""
LOOK_S = 0.5
"""How often the requests are looked at when nobody wakes us: a cancel is noticed within this time."""
REQUESTS_MAX = 1000
"""Requests looked at, newest first."""
RETRY_S = 5.0
"""A run whose progress cannot be kept is taken up again after so long: the disk is full."""
STOP_S = 10.0
"""Runs stop at their next report; each is taken up again at the next start."""

logger = structlog.get_logger(__name__)


def run_tasks(role: Role) -> None:
    """Run what is asked until told to stop."""
    for name in ("control", "log", "state"):
        role.wait_for_database(name)
    sleeper = Sleeper(role.directory.wake_socket("tasks"))
    control = ControlDatabase.reader(role.directory.root)
    runs = EmbeddedRuns(role.directory.root)
    append = RemoteAppend(role.directory, role.stop.wait)
    tools = Tools(
        *(role.directory, role.settings, runs, append),
        trim=append.trim,
        erase=append.erase,
        deliver=wait_for_worker,
        fold=wait_for_worker,
    )
    tasks = Tasks(RunRequestStore(control), control.revision, tools, role.stop)
    runs.forget(now() - role.settings.retention.run_days * DAY)
    telling = _tell(role, control, runs)
    role.ready()
    while not role.stop.is_set():
        tasks.look()
        sleeper.wait(LOOK_S)
    tasks.join()
    telling.join(STOP_S)
    runs.close()
    control.close()
    sleeper.close()


def _tell(role: Role, control: ControlDatabase, runs: EmbeddedRuns) -> threading.Thread:
    """The thread that sends mails; it gives its files back when the role stops."""
    root, settings = role.directory.root, role.settings
    mails = EmbeddedMails(root)
    forget_old(mails, settings.retention.run_days, now())
    sources = Sources(
        EmbeddedGoalRuns(root),
        runs,
        EmbeddedDeliveryStatus(root),
        notices=lambda: read_notices(control),
        wishes=MailWishStore(control).after,
    )
    sender = Sender(settings.server.workspace, settings.server.public_url)
    postman = Postman(sources, mails, settings.mail, sender)

    def run() -> None:
        postman.run(role.stop)
        mails.close()
        sources.runs.close()
        sources.delivery.close()

    thread = threading.Thread(target=run, name="postman", daemon=True)
    thread.start()
    return thread


class Tasks:
    """The runs under way."""

    def __init__(
        self,
        requests: RunRequestStore,
        revision: Callable[[], int],
        tools: Tools,
        stop: threading.Event,
    ) -> None:
        self._requests = requests
        self._revision = revision
        self._seen = (-1, 0)
        """Revision and threads at the last look at the requests."""
        self._tools = tools
        self._stop = stop
        self._threads: dict[str, threading.Thread] = {}
        self._goals: dict[str, object] = {}
        """The goal of each run that has a thread; None of other work."""
        self._cancelled: set[str] = set()

    def look(self) -> None:
        """Start what waits, oldest first; take note of what is to be cancelled."""
        self._threads = {run_id: one for run_id, one in self._threads.items() if one.is_alive()}
        seen = (self._revision(), len(self._threads))
        if seen == self._seen:
            return
        self._seen = seen
        requests = self._requests.page(count_max=REQUESTS_MAX, without=RunKind.GOAL)
        self._cancelled = {request.id for request in requests if request.cancel_asked}
        ended = self._tools.runs.ended([request.id for request in requests])
        for request in reversed(requests):
            if request.id not in ended and request.id not in self._threads and self._may_start(request):
                self._start(request)

    def _may_start(self, request: RunRequest) -> bool:
        """There is room, and no other run of its goal is under way; what only ends needs neither."""
        if request.cancel_asked or is_left_out(run_of(request)):
            return True
        goal_id = _goal_of(request)
        busy = {self._goals.get(run_id) for run_id in self._threads}
        return len(self._threads) < RUNS_MAX and (goal_id is None or goal_id not in busy)

    def join(self) -> None:
        """Wait until every run has stopped at a place from which it can go on."""
        for thread in self._threads.values():
            thread.join(STOP_S)

    def _start(self, request: RunRequest) -> None:
        run = run_of(request)
        work = partial(
            execute,
            run,
            make_work(run, self._tools),
            self._tools.runs,
            now,
            is_cancelled=lambda: request.id in self._cancelled,
            is_stopping=self._stop.is_set,
        )
        self._seen = (-1, 0)  # it may end before the next look, which must look for more all the same
        thread = threading.Thread(target=self._run, args=(work,), name=request.id, daemon=True)
        self._threads[request.id] = thread
        self._goals = {run_id: goal_id for run_id, goal_id in self._goals.items() if run_id in self._threads}
        self._goals[request.id] = _goal_of(request)
        thread.start()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (StorageError, Interrupted) as error:
            # The run stays as it is; its thread lives on a while, so that it is not started over and over.
            logger.warning("run.put_off", run_id=threading.current_thread().name, reason=str(error))
            self._stop.wait(RETRY_S)


def _goal_of(request: RunRequest) -> object:
    """The goal of which it brings something in: its runs go one after the other."""
    return None if request.kind is RunKind.INTAKE_PREVIEW else request.arguments.get("goal_id")


def run_of(request: RunRequest) -> Run:
    """The run that a request asks for, before it began."""
    return Run(
        id=request.id,
        kind=request.kind,
        subject=request.subject,
        state=RunState.QUEUED,
        created_at=request.created_at,
        cancel_asked=request.cancel_asked,
        arguments=request.arguments,
    )
