"""`onefold status`: is it well, and how far behind is it?"""

import typer

from onefold.cli.reach import Reach, reaching
from onefold.cli.show import Column, print_fields, print_json, print_table, print_text
from onefold.model.json import JsonObject
from onefold.runtime.exit_code import ExitCode

STAGE_COLUMNS: list[Column] = [
    ("Stage", "stage"),
    ("Received", "received"),
    ("Passed", "passed"),
    ("Filtered", "filtered"),
    ("Rejected", "rejected"),
    ("Deferred", "deferred"),
]


def add_to(application: typer.Typer) -> None:
    """Register the command."""
    application.command("status")(show_status)


@reaching
def show_status(reach: Reach) -> int:
    """Tell whether every role runs, what passed each stage, and what needs attention.

    Exit code 1 when it is down or degraded, so that a script can ask.
    """
    with reach.client() as client:
        status = client.get("/api/v1/status")
        flow = client.get("/api/v1/flow")
    if reach.json:
        print_json({**flow, **status})
    else:
        _print(status, flow)
    return ExitCode.OK if flow["status"] == "ok" else ExitCode.FAILED


def _print(status: JsonObject, flow: JsonObject) -> None:
    fields = {
        "Status": flow["status"],
        "Version": status.get("version"),
        "Workspace": status.get("workspace"),
    }
    fields["Roles"] = ", ".join(f"{role['role']} {role['status']}" for role in flow["roles"])
    people = flow["people"]
    fields["People"] = f"{people['total']}, {people['known']} of them known"
    latency = flow["latency_ms"]
    if latency:
        fields["Until delivered"] = f"{latency['p50']:.0f} ms; 99 of 100 within {latency['p99']:.0f} ms"
    print_fields(fields)
    print_text("")
    print_table(flow["stages"], STAGE_COLUMNS)
    for item in flow["attention"]:
        print_text(f"\n{item['level'].capitalize()}: {item['message']}\n  {item['hint']}")
