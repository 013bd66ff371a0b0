"""Telling people of runs that have ended and of connections in trouble; a thread of the tasks role.

In: the ends that deliver kept, what each connection wants. Out: mails, kept before the ends count as told,
then sent, and tried again with growing pauses. A mail server that is away keeps nobody else waiting.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

import structlog

from onefold.backends.embedded.control.connections import NoticesOf
from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.mails import EmbeddedMails
from onefold.clock import DAY, HOUR, MINUTE, Clock, now
from onefold.errors import OnefoldError, StorageError
from onefold.model.mail import Mail, WaitingMail
from onefold.run.mail_settings import MailSettings
from onefold.run.notice import Sender, is_news, mails_of_run, mails_of_trouble
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


class Sources(NamedTuple):
    """Where the news come from."""

    runs: EmbeddedGoalRuns
    delivery: EmbeddedDeliveryStatus
    notices: Callable[[], Mapping[int, NoticesOf]]


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
        """Make mails of what is new."""
        cursor = self._mails.cursor()
        if cursor is None:
            # Who turns this on wants to hear of what comes, not of last year.
            self._mails.add([], self._clock(), self._sources.runs.last_end())
            return
        wanted = {one: found for one, found in self._sources.notices().items() if found.notices.addresses}
        while ends := self._sources.runs.ended_after(cursor, ENDS_MAX):
            cursor = ends[-1][0]
            mails = [
                mail
                for _, run in ends
                if (found := wanted.get(run.connection_id)) is not None
                for mail in mails_of_run(run, found.notices, self._sender)
            ]
            self._mails.add(mails if self._settings.host else [], self._clock(), cursor)
        if wanted and self._settings.host:
            self._look_for_trouble(wanted)

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
        self._mails.end(waiting.id, "sent")
        return True

    def _put_off(self, waiting: WaitingMail, error: OnefoldError) -> None:
        at = self._clock()
        is_over = at - waiting.created_at > self._settings.retry_hours_max * HOUR
        if is_over or error.code == REFUSED:
            self._mails.end(waiting.id, "failed", error.code)
        else:
            pause = min(PAUSE * 2 ** min(waiting.attempts, 10), PAUSE_MAX)
            self._mails.put_off(waiting.id, error.code, at + pause)
        # Its number, not its address: diagnostics hold no personal data.
        logger.warning("mail.not_sent", mail_id=waiting.id, about=waiting.mail.key, code=error.code)


def forget_old(mails: EmbeddedMails, run_days: int, at: int) -> None:
    """Remove mails about runs that are forgotten too."""
    mails.forget(at - run_days * DAY)
