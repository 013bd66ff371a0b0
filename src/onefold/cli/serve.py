"""`onefold serve`, `init`, `open`, `settings`: the server itself."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.reach import DataDir, Reach, print_json, reaching

Config = Annotated[
    Path | None, typer.Option(help="Settings file. [default: onefold.toml in the data directory]")
]


class RoleOption(StrEnum):
    """What `--role` takes."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"
    DELIVER = "deliver"
    TASKS = "tasks"


def add_to(application: typer.Typer) -> None:
    """Register the commands."""
    for name, function in (
        ("serve", serve),
        ("init", init),
        ("open", open_page),
        ("settings", show_settings),
    ):
        application.command(name)(function)


def serve(
    data_dir: DataDir = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.", min=0, max=65535)] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    role: Annotated[RoleOption, typer.Option(help="Run one role only.")] = RoleOption.ALL,
    config: Config = None,
) -> None:
    """Run Onefold: capture, worker, delivery, tasks."""
    from onefold.runtime.serve import serve as run

    flags = {"server.port": port, "server.host": host}
    code = run(
        _data_dir(data_dir),
        role=role.value,
        config=_config(config),
        flags={path: value for path, value in flags.items() if value is not None},
    )
    raise typer.Exit(code)


@reaching
def init(reach: Reach) -> None:
    """Make an empty workspace."""
    with reach.client(create=True) as client:
        client.get("/api/v1/sources", limit=1)
    root = str(reach.data_dir.expanduser().absolute())
    reach.show(
        {"data_dir": root}, f"Workspace in {root}. Start it: onefold serve --data-dir {reach.data_dir}"
    )


@reaching
def open_page(reach: Reach) -> None:
    """Print a fresh link that opens the page once."""
    with reach.client() as client:
        link = client.post("/api/v1/links")
    reach.show(link, link["url"])


def show_settings(
    data_dir: DataDir = None,
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show every setting: its value, and what it means."""
    from onefold.runtime.load_settings import declared_settings, load_settings

    settings = load_settings(_data_dir(data_dir), config=_config(config), environ=os.environ)
    rows = []
    for setting in declared_settings():
        value = getattr(getattr(settings, setting.section), setting.name)
        rows.append({"name": setting.path, "value": value, "meaning": setting.description})
    if json:
        print_json(rows)
        return
    import msgspec

    for row in rows:
        shown = msgspec.json.encode(row["value"]).decode()
        sys.stdout.write(f"{row['name']} = {shown}\n    {row['meaning']}\n")


def _data_dir(given: Path | None) -> Path:
    return given or Path(os.environ.get("ONEFOLD_DATA_DIR") or "onefold-data")


def _config(given: Path | None) -> Path | None:
    named = os.environ.get("ONEFOLD_CONFIG")
    return given or (Path(named) if named else None)
