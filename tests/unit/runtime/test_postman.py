"""Who is told of which runs, once, and again only when the mail server was away."""

import threading
from pathlib import Path

import msgspec
import pytest

from onefold.activate.store import Writes
from onefold.backends.embedded.control.connections import NoticesOf
from onefold.backends.embedded.delivery import EmbeddedDelivery
from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.mails import EmbeddedMailReader, EmbeddedMails
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import HOUR, MINUTE
from onefold.model.connection import Notices
from onefold.model.delivery import ConnectionState
from onefold.model.goal import Goal
from onefold.model.goal_run import GoalRun, Reason, Trigger
from onefold.model.json import JsonObject
from onefold.model.mail import MailState, MailWish
from onefold.model.outcome import Kind
from onefold.model.run import Run, RunKind, RunState
from onefold.run.mail_settings import MailSettings
from onefold.run.notice import Sender
from onefold.runtime.postman import Postman, Sources
from onefold.testing.mail_server import Inbox, mail_server

AT = 1_795_000_000_000_000
SENDER = Sender("Shop", "https://cdp.example.org")


class Office:
    """A workspace's mails: what deliver wrote, a clock, a mail server."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store = EmbeddedDelivery(path)
        self.now = AT
        self.notices = {1: NoticesOf("Braze", True, Notices(["ops@example.org"], "every"))}
        self.numbers = 0
        self.inbox = Inbox()
        self.runs = EmbeddedRuns(path)
        self.wishes: list[tuple[int, int, MailWish]] = []
        self.shown = EmbeddedMailReader(path)

    def postman(self, port: int) -> Postman:
        sources = Sources(
            EmbeddedGoalRuns(self.path),
            self.runs,
            EmbeddedDeliveryStatus(self.path),
            notices=lambda: self.notices,
            wishes=lambda number: [one for one in self.wishes if one[0] > number],
        )
        settings = MailSettings(host="127.0.0.1" if port else "", port=port or 25, tls="none")
        return Postman(sources, EmbeddedMails(self.path), settings, SENDER, lambda: self.now)

    def end(self, state: RunState = RunState.SUCCEEDED, *reasons: Reason, connection_id: int = 1) -> None:
        self.numbers += 1
        run = GoalRun(self.numbers, f"run-{self.numbers}", connection_id, 1, Trigger.SCHEDULE, AT)
        run.state, run.ended_at, run.reasons = state, AT, list(reasons)
        run.planned = sum(reason.count for reason in reasons)
        run.connection_name, run.goal_name, run.message = "Braze", "People", "Done."
        writes = Writes()
        writes.runs = [run]
        self.store.apply([writes], AT)

    def end_inward(
        self, kind: RunKind = RunKind.INTAKE, state: RunState = RunState.SUCCEEDED, **fields: object
    ) -> None:
        """A run of a goal that brings something in has ended; by its schedule unless `due_at` is 0."""
        self.numbers += 1
        arguments: JsonObject = {
            "connection_id": 1,
            "connection": "Braze",
            "goal": msgspec.json.encode(Goal(7, 1, "import", "Loyal")).decode(),
            "trigger": "schedule",
            "due_at": fields.pop("due_at", AT),
        }
        run = Run(f"run-{self.numbers}", kind, "Braze, Loyal", state, AT, arguments=arguments)
        self.runs.save(msgspec.structs.replace(run, ended_at=self.now, message="Done.", **fields), 0)

    def trouble(self, state: str, at: int = AT, code: str = "activate.braze.credentials") -> None:
        writes = Writes()
        writes.state = ConnectionState(1, state, code, "Braze says no: never.", "New key.", at)
        self.store.apply([writes], AT)

    def deliver(self, postman: Postman) -> list[str]:
        """The subjects of what arrives by one look and one round."""
        before = len(self.inbox.mails)
        postman.look()
        postman.send(threading.Event())
        return [str(mail["subject"]) for mail in self.inbox.mails[before:]]


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.store.close()
    made.runs.close()
    made.shown.close()


@pytest.fixture
def port(office):
    with mail_server(office.inbox) as found:
        yield found


def test_every_run_is_told_once(office, port):
    postman = office.postman(port)
    assert office.deliver(postman) == []
    office.end(
        RunState.SUCCEEDED, Reason(Kind.PASSED, "", 1_000), Reason(Kind.FILTERED, "activate.no_delta", 7)
    )
    office.end(RunState.FAILED, Reason(Kind.REJECTED, "activate.braze.value", 3))
    assert office.deliver(postman) == ["[Shop] Braze, People: succeeded", "[Shop] Braze, People: failed"]
    assert office.deliver(postman) == []
    assert office.deliver(office.postman(port)) == []
    text = office.inbox.mails[0].get_content()
    assert "1,000 passed" in text
    assert "7 filtered activate.no_delta" in text
    assert "onefold runs show run-1" in text
    assert "https://cdp.example.org" in text


def test_of_failures_only(office, port):
    office.notices[1] = NoticesOf("Braze", True, Notices(["a@example.org", "b@example.org"], "failures"))
    postman = office.postman(port)
    office.deliver(postman)
    office.end(RunState.SUCCEEDED, Reason(Kind.PASSED, "", 5))
    office.end(RunState.SUCCEEDED, Reason(Kind.PASSED, "", 5), Reason(Kind.REJECTED, "activate.x", 1))
    office.end(RunState.SKIPPED)
    office.end(RunState.CANCELLED)
    told = office.deliver(postman)
    assert told == 2 * ["[Shop] Braze, People: succeeded, with rejected items"] + 2 * [
        "[Shop] Braze, People: skipped"
    ]
    assert {mail["to"] for mail in office.inbox.mails} == {"a@example.org", "b@example.org"}


def test_who_wants_nothing_hears_nothing_also_later(office, port):
    office.notices = {}
    postman = office.postman(port)
    office.deliver(postman)
    office.end(RunState.FAILED)
    assert office.deliver(postman) == []
    office.notices = {1: NoticesOf("Braze", True, Notices(["ops@example.org"], "every"))}
    assert office.deliver(postman) == []
    office.end(RunState.FAILED, connection_id=2)
    assert office.deliver(postman) == []


def test_what_ended_before_the_first_look_is_history(office, port):
    office.end(RunState.FAILED)
    postman = office.postman(port)
    assert office.deliver(postman) == []
    assert office.deliver(postman) == []


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(office):
    with mail_server(Inbox()) as gone:
        pass
    postman = office.postman(gone)
    office.deliver(postman)
    office.end()
    office.deliver(postman)
    with mail_server(office.inbox) as port:
        back = office.postman(port)
        assert office.deliver(back) == []
        office.now += MINUTE
        assert office.deliver(back) == ["[Shop] Braze, People: succeeded"]


def test_a_mail_that_is_refused_keeps_no_other_waiting(office, port):
    postman = office.postman(port)
    office.deliver(postman)
    office.inbox.refusals = ["550 no such person"]
    office.end()
    office.end()
    assert len(office.deliver(postman)) == 1
    office.now += 2 * HOUR
    assert office.deliver(postman) == []


def test_a_mail_is_given_up_in_the_end(office, port):
    postman = office.postman(port)
    office.deliver(postman)
    office.end()
    office.inbox.refusals = ["451 later"] * 100
    office.deliver(postman)
    for _ in range(40):
        office.now += HOUR
        office.deliver(postman)
    office.inbox.refusals = []
    office.now += HOUR
    assert office.deliver(postman) == []


def test_a_connection_that_stops_until_someone_acts_is_told_once_an_hour_at_most(office, port):
    postman = office.postman(port)
    office.deliver(postman)
    office.trouble("waiting")
    assert office.deliver(postman) == []
    office.trouble("paused")
    assert office.deliver(postman) == ["[Shop] Braze is paused"]
    office.trouble("paused", AT + 1)
    assert office.deliver(postman) == []
    text = office.inbox.mails[0].get_content()
    assert "activate.braze.credentials" in text
    office.notices[1] = office.notices[1]._replace(enabled=False)
    office.trouble("paused", AT + 2 * HOUR)
    assert office.deliver(postman) == []


def test_a_budget_that_is_spent_or_nearly_so_is_told(office, port):
    postman = office.postman(port)
    office.deliver(postman)
    office.trouble("running", code="activate.budget_warned")
    assert office.deliver(postman) == ["[Shop] Braze: Braze says no"]
    office.trouble("limited", code="activate.budget_spent")
    assert office.deliver(postman) == ["[Shop] Braze: Braze says no"]
    assert "nothing is sent" not in office.inbox.mails[-1].get_content()
    assert office.deliver(postman) == []


def test_without_a_mail_server_nothing_gathers(office, port):
    silent = office.postman(0)
    office.deliver(silent)
    office.end()
    office.deliver(silent)
    assert office.deliver(office.postman(port)) == []


def test_runs_of_imports_are_told_like_others(office, port):
    postman = office.postman(port)
    office.end_inward()
    assert office.deliver(postman) == [], "what ended before the first look is history"
    office.end_inward(passed=1_000, filtered=7)
    office.end_inward(RunKind.INTAKE_PREVIEW)
    office.end_inward(state=RunState.SKIPPED)
    told = ["[Shop] Braze, Loyal: succeeded", "[Shop] Braze, Loyal: skipped"]
    assert office.deliver(postman) == told
    assert office.deliver(office.postman(port)) == []
    text = office.inbox.mails[0].get_content()
    assert "1,000 passed" in text
    assert "its schedule, due 2026" in text
    assert "onefold runs show run-2" in text
    office.notices[1] = NoticesOf("Braze", True, Notices(["ops@example.org"], "failures"))
    office.end_inward(passed=5)
    office.end_inward(passed=5, rejected=1)
    office.end_inward(state=RunState.CANCELLED)
    assert office.deliver(postman) == ["[Shop] Braze, Loyal: succeeded, with rejected items"]


def test_a_goal_that_looks_every_few_minutes_does_not_flood_anyone(office, port):
    postman = office.postman(port)
    office.deliver(postman)
    office.end_inward(RunKind.FEEDBACK, due_at=0)
    assert office.deliver(postman) == []
    office.end_inward(RunKind.FEEDBACK, due_at=0, passed=3)
    assert office.deliver(postman) == ["[Shop] Braze, Loyal: succeeded"]
    for _ in range(3):
        office.end_inward(RunKind.FEEDBACK, RunState.FAILED, due_at=0)
    assert office.deliver(postman) == ["[Shop] Braze, Loyal: failed"]
    office.now += HOUR
    office.end_inward(RunKind.FEEDBACK, RunState.FAILED, due_at=0)
    assert office.deliver(postman) == ["[Shop] Braze, Loyal: failed"]


def test_what_was_not_sent_is_shown_with_why(office, port):
    postman = office.postman(port)
    office.deliver(postman)
    office.inbox.refusals = ["550 no such person", "451 later"]
    office.end()
    office.end()
    office.deliver(postman)
    failed, waiting = sorted(office.shown.page(before=99, count_max=9), key=lambda one: one.state)
    assert (failed.state, failed.code, failed.attempts) == (MailState.FAILED, "mail.refused", 1)
    assert (waiting.state, waiting.code, waiting.attempts) == (MailState.WAITING, "mail.put_off", 1)
    assert waiting.due_at == office.now + MINUTE
    assert office.shown.find(waiting.id) == waiting


def test_a_mail_is_tried_again_or_dropped_as_someone_wants(office, port):
    postman = office.postman(port)
    office.deliver(postman)
    office.inbox.refusals = ["550 no such person", "451 later"]
    office.end()
    office.end()
    office.deliver(postman)
    given_up, waits = sorted(one.id for one in office.shown.page(before=99, count_max=9))
    office.now += 30 * HOUR
    office.wishes = [(1, given_up, MailWish.RETRY), (2, waits, MailWish.DROP)]
    office.inbox.refusals = ["451 later"]
    assert office.deliver(postman) == []
    (left,) = office.shown.page(before=99, count_max=9)
    assert (left.id, left.state) == (given_up, MailState.WAITING), "its time begins anew"
    office.now += HOUR
    assert office.deliver(office.postman(port)) == ["[Shop] Braze, People: succeeded"]
    assert "Done." in office.inbox.mails[0].get_content()
    assert office.shown.page(before=99, count_max=9) == []
    office.wishes.append((3, given_up, MailWish.RETRY))
    assert office.deliver(postman) == [], "what was sent is not sent again"
