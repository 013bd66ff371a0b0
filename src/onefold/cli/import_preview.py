"""`onefold import FILE --suggest` and `--preview`: what a file probably is, before it is taken in."""

from onefold.cli.reach import Reach
from onefold.cli.show import Column, note, print_json, print_table, print_text
from onefold.model.json import JsonObject
from onefold.runtime.exit_code import ExitCode

EVENTS: list[Column] = [
    ("Line", "line"),
    ("Event", lambda one: one["event"].get("event") or one["event"]["type"] if _is_read(one) else "-"),
    ("Person", lambda one: f"profile {one['profile_id']}" if one["profile_id"] else "new, or nobody"),
    ("Holds", lambda one: _content(one["event"]) if _is_read(one) else one["event"]),
    ("Wrong", lambda one: " ".join(problem["reason"] for problem in one["problems"])),
]


def show_suggestion(found: JsonObject) -> int:
    """The mapping alone, to be kept as a file; what is uncertain on stderr."""
    print_json(found["mapping"])
    for column in found["columns"]:
        if column["why"]:
            words = f"{column['role']} {column['target']}".strip()
            note(f'"{column["name"]}" is taken for {words}. {column["why"]}')
    return ExitCode.OK


def show_preview(reach: Reach, found: JsonObject) -> int:
    """The first events, and what is wrong; exit code 1 where something is."""
    if reach.json:
        print_json(found)
    else:
        if found["events"]:
            print_table(found["events"], EVENTS)
        for bad in found["bad_rows"]:
            print_text(f"Line {bad['line']}: {bad['reason']} {bad['hint']}")
        counts = f"{found['passed']} events and {found['rejected']} dead letters"
        print_text(f"The first {found['rows']} rows would give {counts}. Nothing was taken in.")
    return ExitCode.FAILED if found["rejected"] else ExitCode.OK


def _is_read(one: JsonObject) -> bool:
    return isinstance(one["event"], dict)


def _content(event: JsonObject) -> JsonObject:
    content: JsonObject = event.get("properties") or event.get("traits") or {}
    return content
