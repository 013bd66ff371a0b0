"""The tree of commands. Each module is imported at once, so each keeps heavy imports inside its functions."""

from typing import Any

import typer

from onefold.cli import (
    audit,
    braze_sandbox,
    catalogue,
    config,
    connections,
    dead_letters,
    demo,
    events,
    flow,
    identity,
    imports,
    mail,
    person_delivery,
    profiles,
    retention,
    runs,
    secrets,
    segments,
    serve,
    sources,
    status,
    team,
    timeline,
    tokens,
    totals,
    trace,
    views,
    work,
)

# Plain help: rich would take twice the time of everything else, and what is piped or read aloud stays clean.
application = typer.Typer(
    name="onefold",
    help="A self-hosted, real-time customer data platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
serve.add_to(application)
demo.add_to(application)
status.add_to(application)
flow.add_to(application)
totals.add_to(application)
catalogue.add_to(application)
trace.add_to(application)
timeline.add_to(profiles.group)
person_delivery.add_to(profiles.group)
for name, group in (
    ("sources", sources.group),
    ("profiles", profiles.group),
    ("segments", segments.group),
    ("connections", connections.group),
    ("events", events.group),
    ("config", config.group),
    ("identity", identity.group),
    ("dead-letters", dead_letters.group),
    ("runs", runs.group),
    ("imports", imports.group),
    ("retention", retention.group),
    ("views", views.group),
    ("team", team.group),
    ("tokens", tokens.group),
    ("audit", audit.group),
    ("mail", mail.group),
    ("secrets", secrets.group),
):
    application.add_typer(group, name=name)
work.add_to(application)
braze_sandbox.add_to(application)


def exit_code_of_usage(error: Exception) -> int | None:
    """What typer raises about the command line itself, shown; None for anything else."""
    ended: Any = error
    if isinstance(error, typer.Exit):
        return int(error.exit_code)
    if isinstance(error, typer.Abort):
        return 130
    if hasattr(ended, "show") and hasattr(ended, "exit_code"):
        ended.show()
        return int(ended.exit_code)
    return None
