"""`onefold flow`: the pipeline as a live table, until Ctrl-C."""

import sys
from typing import Annotated, Any

import typer

from onefold.cli.reach import Reach, reaching
from onefold.cli.show import print_json, print_text, safe
from onefold.cli.status import print_flow
from onefold.model.json import JsonObject

REFRESH_PER_S = 4


def add_to(application: typer.Typer) -> None:
    """Register the command."""
    application.command("flow")(show_flow)


@reaching
def show_flow(
    reach: Reach,
    once: Annotated[bool, typer.Option("--once", help="Show it as it is now, and end.")] = False,
) -> None:
    """Watch the pipeline live.

    What each stage received and what became of it, each second until Ctrl-C. With --json, or into a
    pipe, it is shown once.
    """
    with reach.client() as client:
        if once or reach.json or not sys.stdout.isatty():
            flow = client.get("/api/v1/flow")
            print_json(flow) if reach.json else print_flow(flow)
            return
        try:
            with client.stream("GET", "/api/v1/flow/stream", timeout=None) as answer:
                _watch(answer.iter_lines())
        except KeyboardInterrupt:
            print_text("Onefold goes on; only this table has ended.")


def _watch(lines: Any) -> None:
    import msgspec
    from rich.live import Live

    before: JsonObject | None = None
    with Live(refresh_per_second=REFRESH_PER_S, screen=False) as live:
        for line in lines:
            if not line.startswith("data:"):
                continue
            flow = msgspec.json.decode(line.removeprefix("data:"))
            live.update(_view(flow, before))
            before = flow


def _view(flow: JsonObject, before: JsonObject | None) -> Any:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    stages = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("Stage", "Received", "per second", "Passed", "Filtered", "Rejected", "Deferred"):
        stages.add_column(heading, justify="left" if heading == "Stage" else "right")
    for place, stage in enumerate(flow["stages"]):
        counts = [f"{stage[kind]:,}" for kind in ("passed", "filtered", "rejected", "deferred")]
        rate = _rate(flow, before, place)
        stages.add_row(stage["stage"], f"{stage['received']:,}", rate, *counts)
    return Group(Text(_headline(flow), style="bold"), Text(""), stages, Text(_footer(flow)))


def _rate(flow: JsonObject, before: JsonObject | None, place: int) -> str:
    from onefold.clock import SECOND, from_iso

    if before is None:
        return "-"
    seconds = (from_iso(flow["at"]) - from_iso(before["at"])) / SECOND
    more = flow["stages"][place]["received"] - before["stages"][place]["received"]
    return f"{more / seconds:,.0f}" if seconds > 0 else "-"


def _headline(flow: JsonObject) -> str:
    people, latency = flow["people"], flow["latency_ms"]
    words = [str(flow["status"]), f"{people['total']:,} people ({people['known']:,} known)"]
    if latency:
        words.append(f"delivered within {latency['p50']:,.0f} ms (99 of 100: {latency['p99']:,.0f} ms)")
    return ", ".join(words)


def _footer(flow: JsonObject) -> str:
    lines = [""]
    lines += [f"{one['name']}: {one['people']:,} people, {one['state']}" for one in flow["segments"][:12]]
    for one in flow["connections"]:
        why = f" ({one['message']})" if one["message"] else ""
        state = one["status"] if one["enabled"] else "off"
        lines.append(
            f"{one['name']}: {state}{why}, {one['delivered']:,} delivered, {one['data_points']:,} data points"
        )
    lines += [f"{one['level'].capitalize()}: {one['message']} {one['hint']}" for one in flow["attention"]]
    return safe("\n".join([*lines, "", "Ctrl-C ends the table."]))
