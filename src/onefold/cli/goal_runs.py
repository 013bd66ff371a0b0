"""`onefold connections goals run`, `next`, `schedule`: a goal's runs, now and later."""

from collections.abc import Callable
from typing import Annotated

import typer

from onefold.cli.goal_path import ConnectionName, GoalName, goal_path
from onefold.cli.reach import Reach, reaching
from onefold.cli.schedule import Missed, Overlap, Timezone, read_schedule
from onefold.cli.show import note
from onefold.model.json import JsonObject

Count = Annotated[int, typer.Option("--count", metavar="N", min=1, max=100, help="How many times to show.")]


@reaching
def run_goal(
    reach: Reach,
    connection: ConnectionName,
    goal: GoalName,
    wait: Annotated[bool, typer.Option("--wait", help="Show its progress until it ends.")] = False,
) -> int:
    """Compare everyone of a goal with what its destination has, now, and send what differs."""
    from onefold.cli.work import finish

    with reach.client() as client:
        run = client.post(f"{goal_path(connection, goal)}/run")
        if run["kind"] == "goal" and not reach.url and not is_served(reach):
            note("No server runs: the run begins once one does.")
            wait = False
        return finish(reach, client, run, f"Running {goal}", detach=not wait)


@reaching
def show_next_runs(reach: Reach, connection: ConnectionName, goal: GoalName, count: Count = 5) -> None:
    """Show when a goal is due next."""
    with reach.client() as client:
        _show(reach, client.get(f"{goal_path(connection, goal)}/next-runs", count=count))


@reaching
def preview_schedule(
    reach: Reach,
    *,
    when: Annotated[str, typer.Argument(help="Such as 'last friday at 18:00'.", metavar="WHEN")],
    timezone: Timezone = "",
    overlap: Overlap = "",
    missed: Missed = "",
    count: Count = 5,
) -> None:
    """Show what a schedule means before it is set."""
    schedule = read_schedule(when, timezone=timezone, overlap=overlap, missed=missed)
    with reach.client(create=True) as client:
        _show(reach, client.post("/api/v1/schedules/preview", {"schedule": schedule, "count": count}))


COMMANDS: dict[str, Callable[..., int | None]] = {
    "run": run_goal,
    "next": show_next_runs,
    "schedule": preview_schedule,
}


def is_served(reach: Reach) -> bool:
    """Whether a server works on the directory."""
    from onefold.runtime.client import is_served as is_in_use
    from onefold.runtime.data_directory import DataDirectory

    return is_in_use(DataDirectory(reach.data_dir))


def _show(reach: Reach, found: JsonObject) -> None:
    lines = [str(found["words"]).capitalize() if not found["next_runs"] else str(found["words"])]
    reach.show(found, "\n".join([*lines, *found["next_runs"]]))
