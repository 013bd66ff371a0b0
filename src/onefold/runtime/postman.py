"""Telling people of runs that have ended and of connections in trouble; a thread of the tasks role.

In: the ends that deliver kept, what each connection wants. Out: mails, kept before the ends count as told,
then sent, and tried again with growing pauses. A mail server that is away keeps nobody else waiting.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

import structlog

from onefold.backends.embedded.control.connections import NoticesOf
from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.mails import GOAL_ENDS, INWARD_ENDS, WISHES, EmbeddedMails
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import DAY, HOUR, MINUTE, Clock, now
from onefold.errors import OnefoldError, StorageError
from onefold.model.connection import Notices
from onefold.model.goal_run import GoalRun
from onefold.model.mail import Mail, MailState, MailWish, WaitingMail
from onefold.model.run import Run
from onefold.run.mail_settings import MailSettings
from onefold.run.notice import Sender, is_news, mails_of_inward, mails_of_run, mails_of_trouble
from onefold.runtime.mail import send_mail

LOOK_S = 2.0
"""Nobody waits for a mail by the second."""
ENDS_MAX = 500
"""Ends told in one commit."""
PAUSE = MINUTE
PAUSE_MAX = HOUR
"""Doubling from a minute to an hour."""
TROUBLE_AGE_MAX = 12 * HOUR
"""Older trouble was told when it was new."""

REFUSED = "mail.refused"
"""This mail will never be taken; others may be."""

logger = structlog.get_logger(__name__)


Ended = TypeVar("Ended", GoalRun, Run)


class Ends(Protocol[Ended]):
    """Ends of runs, each with a number that grows."""

    def ended_after(self, seq: int, count_max: int) -> list[tuple[int, Ended]]:
        """Those behind a number, in order."""
        ...

    def last_end(self) -> int:
        """The newest number; 0 for none."""
        ...


class Sources(NamedTuple):
    """Where the news come from."""

    runs: EmbeddedGoalRuns
    inward: EmbeddedRuns
    """Runs of goals that bring something in."""
    delivery: EmbeddedDeliveryStatus
    notices: Callable[[], Mapping[int, NoticesOf]]
    wishes: Callable[[int], Sequence[tuple[int, int, MailWish]]]
    """What people want done about mails, behind a number."""


class Postman:
    """Of one workspace."""

    def __init__(
        self,
        sources: Sources,
        mails: EmbeddedMails,
        settings: MailSettings,
        sender: Sender,
        clock: Clock = now,
    ) -> None:
        self._sources = sources
        self._mails = mails
        self._settings = settings
        self._sender = sender
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Look and send until told to stop."""
        while not stop.is_set():
            try:
                self.look()
                self.send(stop)
            except StorageError as error:
                logger.warning("mail.put_off", code=error.code, reason=str(error))
            stop.wait(LOOK_S)

    def look(self) -> None:
        """Make mails of what is new, after doing what people want done about those that there are."""
        if wishes := self._sources.wishes(self._mails.cursor(WISHES) or 0):
            self._mails.follow(wishes, self._clock())
        wanted = {one: found for one, found in self._sources.notices().items() if found.notices.addresses}
        self._look_at_ends(GOAL_ENDS, self._sources.runs, mails_of_run, wanted)
        self._look_at_ends(INWARD_ENDS, self._sources.inward, mails_of_inward, wanted)
        if wanted and self._settings.host:
            self._look_for_trouble(wanted)

    def _look_at_ends(
        self,
        name: str,
        runs: Ends[Ended],
        make: Callable[[Ended, Notices, Sender], list[Mail]],
        wanted: Mapping[int, NoticesOf],
    ) -> None:
        cursor = self._mails.cursor(name)
        if cursor is None:
            # Who turns this on wants to hear of what comes, not of last year.
            self._mails.add([], self._clock(), runs.last_end(), name)
            return
        while ends := runs.ended_after(cursor, ENDS_MAX):
            cursor = ends[-1][0]
            mails = [
                mail
                for _, run in ends
                if (found := wanted.get(_connection_of(run))) is not None
                for mail in make(run, found.notices, self._sender)
            ]
            self._mails.add(mails if self._settings.host else [], self._clock(), cursor, name)

    def send(self, stop: threading.Event) -> None:
        """Send what is due; the rest waits when the server is away."""
        due = self._mails.due(self._clock()) if self._settings.host else []
        for waiting in due:
            if stop.is_set() or not self._send(waiting):
                return

    def _look_for_trouble(self, wanted: Mapping[int, NoticesOf]) -> None:
        oldest = self._clock() - TROUBLE_AGE_MAX
        mails: list[Mail] = []
        for state in self._sources.delivery.states():
            found = wanted.get(state.connection_id)
            if found is not None and found.enabled and is_news(state) and state.at > oldest:
                mails += mails_of_trouble(state, found.name, found.notices, self._sender)
        if mails:
            self._mails.add(mails, self._clock())

    def _send(self, waiting: WaitingMail) -> bool:
        """Whether it is worth while to go on with the next one."""
        try:
            asyncio.run(send_mail(self._settings, waiting.mail))
        except OnefoldError as error:
            self._put_off(waiting, error)
            return error.code == REFUSED
        self._mails.end(waiting.id, MailState.SENT)
        return True

    def _put_off(self, waiting: WaitingMail, error: OnefoldError) -> None:
        at = self._clock()
        is_over = at - waiting.created_at > self._settings.retry_hours_max * HOUR
        if is_over or error.code == REFUSED:
            self._mails.end(waiting.id, MailState.FAILED, error.code)
        else:
            pause = min(PAUSE * 2 ** min(waiting.attempts, 10), PAUSE_MAX)
            self._mails.put_off(waiting.id, error.code, at + pause)
        # Its number, not its address: diagnostics hold no personal data.
        logger.warning("mail.not_sent", mail_id=waiting.id, about=waiting.mail.key, code=error.code)


def _connection_of(run: GoalRun | Run) -> int:
    return run.connection_id if isinstance(run, GoalRun) else int(run.arguments["connection_id"])


def forget_old(mails: EmbeddedMails, run_days: int, at: int) -> None:
    """Remove mails about runs that are forgotten too."""
    mails.forget(at - run_days * DAY)
