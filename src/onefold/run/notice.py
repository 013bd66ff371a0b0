"""What a mail says of a run of a goal, or of a connection in trouble: counts, codes, names of settings.

In: a run that has ended, what the connection wants. Out: mails. Never values of people: who wants to see
those looks into the run's samples.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from onefold.clock import HOUR, to_iso
from onefold.model.connection import Notices
from onefold.model.delivery import ConnectionState
from onefold.model.goal import Goal
from onefold.model.goal_run import NO_RUN, GoalRun, Reason, Trigger
from onefold.model.mail import Mail
from onefold.model.outcome import Kind
from onefold.model.run import Run, RunState

REASONS_MAX = 20
TRIGGERS = {
    Trigger.CONTINUOUS: "an hour of a continuous goal",
    Trigger.SCHEDULE: "its schedule",
    Trigger.PERSON: "someone who asked for it",
    Trigger.RETRY: "a retry of dead letters",
    Trigger.COMPARISON: "a comparison with what the destination holds",
}
BUDGET = frozenset({"activate.budget_spent", "activate.budget_warned"})
TROUBLE = frozenset({"paused", "failed"})
"""States of a connection in which nothing goes out until someone acts."""


class Sender(NamedTuple):
    """Which workspace speaks, and where it is."""

    workspace: str
    url: str


def mails_of_run(run: GoalRun, notices: Notices, sender: Sender) -> list[Mail]:
    """One mail for each address that wants to know of this end."""
    if notices.when == "failures" and not is_failure(run):
        return []
    told = str(run.state)
    if run.state is RunState.SUCCEEDED and run.total(Kind.REJECTED):
        told += ", with rejected items"
    subject = f"[{sender.workspace}] {run.connection_name}, {run.goal_name}: {told}"
    return _to_each(notices.addresses, run.id, subject, _text_of_run(run, sender))


def mails_of_inward(run: Run, notices: Notices, sender: Sender) -> list[Mail]:
    """The same of a goal that brings something in.

    One that looks every few minutes is silent where there was nothing, and tells of failing once an hour.
    """
    told = _goal_run(run)
    is_asked = told.trigger is not Trigger.SCHEDULE or told.due_at > 0
    if not is_asked and run.state is RunState.SUCCEEDED and not told.reasons:
        return []
    mails = mails_of_run(told, notices, sender)
    if is_asked or run.state is not RunState.FAILED:
        return mails
    key = f"goal-{told.goal_id}-failed-{run.ended_at // HOUR}"
    return [msgspec.structs.replace(mail, key=key) for mail in mails]


def is_news(state: ConnectionState) -> bool:
    """Whether people are told of a state: someone has to act, or its budget is spent or nearly so."""
    return state.state in TROUBLE or state.code in BUDGET


def mails_of_trouble(state: ConnectionState, name: str, notices: Notices, sender: Sender) -> list[Mail]:
    """The same when a connection stops until someone acts; once an hour at most for one reason."""
    is_budget = state.code in BUDGET
    subject = f"[{sender.workspace}] {name} is {state.state}"
    first = f"The connection {name} is {state.state} since {to_iso(state.at)}: nothing is sent."
    if is_budget:
        subject = f"[{sender.workspace}] {name}: {state.reason.split(':')[0]}"
        first = f"The connection {name}, {to_iso(state.at)}:"
    lines = [
        first,
        "",
        *(line for line in (state.reason, state.hint) if line),
        f"Code: {state.code}",
        "",
        *([] if is_budget else ["What waits is kept, and goes once this is mended."]),
        sender.url,
    ]
    key = f"state-{state.connection_id}-{state.code}-{state.at // HOUR}"
    return _to_each(notices.addresses, key, subject, "\n".join(lines) + "\n")


def is_failure(run: GoalRun) -> bool:
    """Whether someone should look at it: it failed, did not run, or something of it was rejected."""
    return run.state in (RunState.FAILED, RunState.SKIPPED) or run.total(Kind.REJECTED) > 0


def _goal_run(run: Run) -> GoalRun:
    """A run of the tasks role as those of other goals are; it has a count for each outcome, and no codes."""
    arguments = run.arguments
    goal = msgspec.json.decode(str(arguments["goal"]), type=Goal)
    counts = {Kind.PASSED: run.passed, Kind.FILTERED: run.filtered, Kind.REJECTED: run.rejected}
    return GoalRun(
        NO_RUN,
        run.id,
        goal.connection_id,
        goal.id,
        Trigger(str(arguments.get("trigger", Trigger.PERSON))),
        run.created_at,
        state=run.state,
        due_at=int(arguments.get("due_at", 0)),
        missed=int(arguments.get("missed", 0)),
        started_at=run.started_at,
        ended_at=run.ended_at,
        planned=sum(counts.values()),
        reasons=[Reason(kind, "", count) for kind, count in counts.items() if count],
        message=run.message,
        connection_name=str(arguments.get("connection", "")),
        goal_name=goal.name,
    )


def _text_of_run(run: GoalRun, sender: Sender) -> str:
    lines = [
        f"Goal:        {run.goal_name}",
        f"Connection:  {run.connection_name}",
        f"Workspace:   {sender.workspace}",
        f"Run:         {run.id}",
        f"Set off by:  {TRIGGERS[run.trigger]}" + (f", due {to_iso(run.due_at)}" if run.due_at else ""),
        f"Began:       {to_iso(run.started_at) if run.started_at else '-'}",
        f"Ended:       {to_iso(run.ended_at)}",
        "",
        run.message,
        *_reasons(run),
        "",
        f"See it:  onefold runs show {run.id}",
        sender.url,
    ]
    return "\n".join(lines) + "\n"


def _reasons(run: GoalRun) -> list[str]:
    """Each code with its count; of a run that was left out, none."""
    found = sorted(run.reasons, key=lambda one: (-one.kind, -one.count))
    lines = [
        f"  {reason.count:>12,} {reason.kind.name.lower()} {reason.code}".rstrip()
        for reason in found[:REASONS_MAX]
    ]
    return ["", *lines] if lines else []


def _to_each(addresses: Sequence[str], key: str, subject: str, body: str) -> list[Mail]:
    return [Mail(key, address, subject, body) for address in dict.fromkeys(addresses)]
