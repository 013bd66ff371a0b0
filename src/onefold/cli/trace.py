"""`onefold trace MESSAGE_ID`: every stage that an event passed, with times and outcomes."""

from collections.abc import Iterator
from typing import Annotated

import typer

from onefold.cli.path import piece
from onefold.cli.reach import Reach, reaching
from onefold.cli.show import print_json, print_text, safe
from onefold.model.json import JsonObject


def add_to(application: typer.Typer) -> None:
    """Register the command."""
    application.command("trace")(show_trace)


@reaching
def show_trace(
    reach: Reach,
    message_id: Annotated[str, typer.Argument(help="The event's messageId.", metavar="MESSAGE_ID")],
    source: Annotated[str, typer.Option(metavar="SOURCE", help="Only of this source, by name or id.")] = "",
) -> None:
    """Show the way of an event.

    Captured, unified, segmented, delivered; each with its time and outcome.
    """
    with reach.client() as client:
        trace = client.get(f"/api/v1/trace/{piece(message_id)}", source=source)
    if reach.json:
        print_json(trace)
        return
    for event in trace["events"]:
        print_text("\n".join(safe(line) for line in _lines(event)))


def _lines(event: JsonObject) -> Iterator[str]:
    capture, unify, segment = event["capture"], event["unify"], event["segment"]
    yield f"From {event['source']['name']}"
    place = f"  record {capture['offset']}, event {capture['position']}" if capture.get("offset") else ""
    yield _line("capture", capture["outcome"], capture["received_at"], place)
    yield from _letter(capture)
    if unify is None:
        return
    who = f"  profile {unify['profile_id']}" if unify.get("profile_id") else ""
    why = f"  {unify.get('code') or unify.get('message') or ''}".rstrip()
    yield _line("unify", unify["outcome"], unify.get("committed_at", ""), who + why)
    for link in unify.get("links", []):
        reason = f" ({link['reason']})" if link["reason"] else ""
        yield f"{'':14}{link['decision']}: {link['first']} and {link['second']}, by {link['rule']}{reason}"
    yield from _letter(unify)
    if segment is None:
        return
    yield _line("segment", segment["outcome"], unify.get("committed_at", ""), "")
    for move in segment.get("memberships", []):
        yield f"{'':14}{'entered' if move['entered'] else 'left'} {move['segment']}"
    for goal in event["activate"]:
        yield from _goal(goal)


def _goal(goal: JsonObject) -> Iterator[str]:
    attempts = goal["attempts"]
    at = attempts[-1]["answered_at"] if attempts else ""
    code = f" [{goal['code']}]" if goal["code"] else ""
    message = f": {goal['message']}{code}" if goal["message"] else code
    yield _line("activate", goal["outcome"], at, f"  {goal['connection']}, {goal['goal']}{message}")
    for attempt in attempts:
        code = f" {attempt['code']}" if attempt["code"] else ""
        doubled = ", may have arrived twice" if attempt["maybe_doubled"] else ""
        words = f"request {attempt['request_id']}, attempt {attempt['number']}: {attempt['outcome']}{code}"
        yield f"{'':14}{words}{doubled}"
    if goal["note"]:
        yield f"{'':14}{goal['note']}"
    yield from _letter(goal)


def _letter(stage: JsonObject) -> Iterator[str]:
    letter = stage.get("letter")
    if letter:
        named = letter["reason"].startswith(letter["field"])
        field = "" if named else f"{letter['field']}: "
        yield f"{'':14}{field}{letter['reason']} [{letter['code']}]"
        if letter["hint"]:
            yield f"{'':14}{letter['hint']}"
        if letter.get("answer"):
            yield f"{'':14}They answered: {letter['answer']}"
        yield f"{'':14}onefold dead-letters show {letter['id']}"


def _line(stage: str, outcome: str, at: str, rest: str) -> str:
    return f"  {stage:<10}  {outcome:<9} {at or '-'}{rest}".rstrip()
