"""`onefold status`: is it well, and how far behind is it?"""

from collections.abc import Mapping

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
SEGMENT_COLUMNS: list[Column] = [("Segment", "name"), ("State", "state"), ("People", "people")]
CONNECTION_COLUMNS: list[Column] = [
    ("Connection", "name"),
    ("State", lambda one: one["status"] if one["enabled"] else "off"),
    ("Delivered", "delivered"),
    ("Data points", "data_points"),
    ("Message", "message"),
]


def add_to(application: typer.Typer) -> None:
    """Register the command."""
    application.command("status")(show_status)


@reaching
def show_status(reach: Reach) -> int:
    """Tell whether all is well.

    The roles, what passed each stage, and what needs attention. Exit code 1 when something is down, so that
    a script can ask.
    """
    with reach.client() as client:
        status = client.get("/api/v1/status")
        flow = client.get("/api/v1/flow")
    if reach.json:
        print_json({**flow, **status})
    else:
        fields = {"Version": status["version"], "Workspace": status["workspace"], "Address": status["url"]}
        fields["Behind"] = f"{status['log_end'] - status['folded_to']} records of the log"
        if all(role["status"] == "down" for role in flow["roles"]):
            fields["Server"] = f"none runs here; start it: onefold serve --data-dir {reach.data_dir}"
            flow = {**flow, "attention": [one for one in flow["attention"] if one["level"] != "error"]}
        print_flow(flow, fields)
    return ExitCode.FAILED if flow["status"] == "down" else ExitCode.OK


def print_flow(flow: JsonObject, fields: Mapping[str, object] | None = None) -> None:
    """The flow at one moment; `fields` stand at its top."""
    people, latency = flow["people"], flow["latency_ms"]
    shown = {"Status": flow["status"], **(fields or {})}
    shown["Roles"] = ", ".join(f"{role['role']} {role['status']}" for role in flow["roles"])
    shown["Balance"] = "; ".join(flow["balance"]) or "each stage received what the one before passed on"
    shown["People"] = f"{people['total']:,}, {people['known']:,} of them known"
    if latency:
        shown["Until delivered"] = f"{latency['p50']:,.0f} ms; 99 of 100 within {latency['p99']:,.0f} ms"
    print_fields(shown)
    print_text("")
    print_table(flow["stages"], STAGE_COLUMNS)
    for title, columns in (("segments", SEGMENT_COLUMNS), ("connections", CONNECTION_COLUMNS)):
        if flow[title]:
            print_text("")
            print_table(flow[title], columns)
    for item in flow["attention"]:
        print_text(f"\n{item['level'].capitalize()}: {item['message']}\n  {item['hint']} ({item['code']})")
