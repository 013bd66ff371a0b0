"""`onefold braze-sandbox`: the strict local Braze, to rehearse deliveries against."""

from pathlib import Path
from typing import Annotated

import typer

from onefold.cli.reach import Verbose, traced
from onefold.cli.show import note
from onefold.errors import OnefoldError


def add_to(application: typer.Typer) -> None:
    """Register the command."""
    application.command("braze-sandbox")(run_braze_sandbox)


def run_braze_sandbox(
    api_key: Annotated[
        list[str], typer.Option(metavar="KEY", help="A key with all permissions; may be given again.")
    ],
    port: Annotated[
        int, typer.Option(metavar="N", help="TCP port; 0 takes a free one.", min=0, max=65535)
    ] = 8090,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    settings: Annotated[
        str,
        typer.Option(
            help="Delays, limits, a bucket and other habits, as a JSON object or @FILE.", metavar="JSON"
        ),
    ] = "{}",
    verbose: Verbose = False,
) -> None:
    """Run a strict local Braze.

    It refuses what the real one refuses, keeps all in memory, and shows on its page what it has.
    """
    with traced(verbose=verbose):
        import msgspec

        from onefold.sandbox.braze.server import run
        from onefold.sandbox.braze.settings import ApiKey, SandboxSettings

        try:
            given = msgspec.json.decode(_text_of(settings), type=dict[str, object])
            fields = {**given, "host": host, "port": port, "api_keys": [ApiKey(key=key) for key in api_key]}
            chosen = msgspec.convert(fields, SandboxSettings)
        except (msgspec.MsgspecError, ValueError) as error:
            raise OnefoldError("cli.usage", f"--settings cannot be used: {error}.") from error
        note("It forgets everything when it ends. Ctrl-C ends it.")
        try:
            run(chosen)
        except OSError as error:
            raise OnefoldError(
                "cli.port_taken",
                f"The local Braze cannot listen on {host}:{port}: {error.strerror}.",
                hint="Take another --port; 0 takes a free one.",
            ) from error


def _text_of(settings: str) -> str:
    """The settings themselves: a file keeps the secret of a bucket out of the list of processes."""
    if not settings.startswith("@"):
        return settings
    try:
        return Path(settings[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OnefoldError("cli.bad_file", f"The settings in {settings[1:]} cannot be read.") from error
