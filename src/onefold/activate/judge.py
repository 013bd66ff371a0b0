"""What becomes of requests by their replies: which end, which are halved, which go again and when.

In: requests that were tried, each with its reply. Out: their ends (`settle.py`), or the time at which they go
again; and how the connection fares, so that the couriers that come after know what may be sent.
"""

import random

from onefold.activate.agenda import Agenda
from onefold.activate.desk import Desk
from onefold.activate.health import Health
from onefold.activate.numbers import Numbers
from onefold.activate.settings import DeliverySettings
from onefold.activate.settle import Answer, close, halve, note_attempt, take_back
from onefold.clock import HOUR, SECOND
from onefold.errors import ConnectorError, SetupError, ThrottledError, TransientError
from onefold.model.delivery import AttemptState, Request
from onefold.model.outcome import Kind, rejected
from onefold.plugin.contract import RequestRefusedError
from onefold.plugin.declare import ConnectorInfo

BACKOFF_S = 0.5
BACKOFF_S_MAX = 60.0
"""Doubling from half a second; a destination that is away for long is asked once a minute."""
RETRIES_EXHAUSTED = "activate.retries_exhausted"


class Judge:
    """Of one connection."""

    def __init__(  # noqa: PLR0917 - what a reply may concern
        self,
        desk: Desk,
        info: ConnectorInfo,
        agenda: Agenda,
        health: Health,
        numbers: Numbers,
        settings: DeliverySettings,
    ) -> None:
        self._desk = desk
        self._info = info
        self._agenda = agenda
        self._health = health
        self._numbers = numbers
        self._settings = settings

    def settle(self, answer: Answer) -> None:
        """Let a request end, or go again."""
        reply, desk, request = answer.reply, self._desk, answer.parcels.request
        desk.purse.settle(request.id, _cost_of(answer))
        if isinstance(reply, list):
            self._health.note_answer(has_succeeded=True)
            close(desk, self._info, answer, reply)
        elif isinstance(reply, RequestRefusedError):
            self._health.note_answer(has_succeeded=False)
            if len(request.items) == 1:
                close(desk, self._info, answer, [rejected(reply.code, reply.message, reply.answer)])
            else:
                halve(desk, answer, self._numbers, reply.code)
        else:
            kinds = [Kind.DEFERRED] * len(request.items)
            note_attempt(desk, answer, AttemptState.DEFERRED, reply.code, kinds)
            request.sent = False
            if self._put_off(answer, reply):
                desk.writes.sending.append(request)

    def _put_off(self, answer: Answer, error: ConnectorError) -> bool:
        """Whether it goes again."""
        if isinstance(error, SetupError):
            return self._wait_for_setup(answer, error)
        request = answer.parcels.request
        if isinstance(error, ThrottledError):
            request.attempts -= 1
            request.retry_at = self._health.throttle(error.retry_after_s + random.uniform(0, 0.25))
        else:
            self._health.note_failure()
            if isinstance(error, TransientError) and error.may_have_arrived:
                request.maybe_doubled = True
            if self._is_exhausted(request):
                outcome = rejected(RETRIES_EXHAUSTED, error.message)
                # The try is noted already: only the end of its items is new.
                close(self._desk, self._info, answer._replace(sent_at=0), [outcome] * len(request.items))
                return False
            wait = min(BACKOFF_S * 2 ** min(request.attempts - 1, 10), BACKOFF_S_MAX)
            request.retry_at = self._desk.now + int(wait * random.uniform(0.5, 1.0) * SECOND)
        self._desk.outbox.put_off(answer.parcels)
        return True

    def _wait_for_setup(self, answer: Answer, error: SetupError) -> bool:
        request, desk = answer.parcels.request, self._desk
        request.attempts -= 1
        if error.permission and desk.destination.channels[request.channel].is_optional:
            self._health.close_channel(request.channel, error)
            self._agenda.close_channel()
            take_back(desk, answer.parcels)
            return False
        self._health.pause(error)
        desk.outbox.put_back(answer.parcels)
        return True

    def _is_exhausted(self, request: Request) -> bool:
        """Its own fault if others succeeded meanwhile; else the destination's, which may take long."""
        has_tried_enough = request.attempts >= self._settings.attempts_max
        if has_tried_enough and self._health.has_succeeded_since(request.first_at):
            return True
        return self._desk.now - request.first_at > self._settings.retry_hours_max * HOUR


def _cost_of(answer: Answer) -> int:
    """What the destination bills for what it accepted."""
    if not isinstance(answer.reply, list):
        return 0
    pairs = zip(answer.parcels.request.items, answer.reply, strict=True)
    return sum(item.cost for item, outcome in pairs if outcome.kind is Kind.PASSED)
