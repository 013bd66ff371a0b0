"""The command itself: starts the servers, fills the workspace, lets the shop send, ends all in order."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onefold.cli.reach import Verbose, traced
from onefold.cli.show import note, print_text
from onefold.runtime.exit_code import ExitCode

if TYPE_CHECKING:
    from onefold.cli.demo.processes import Child

DATA_DIR = Path("onefold-demo")
PORT = 8400
BRAZE_PORT = 8401
API_KEY = "demo-key"
LOG = "demo.log"


def add_to(application: typer.Typer) -> None:
    """Register the command."""
    application.command("demo")(run_demo)


def run_demo(
    *,
    data_dir: Annotated[Path, typer.Option(help="The demo's own directory.", metavar="DIR")] = DATA_DIR,
    reset: Annotated[bool, typer.Option("--reset", help="Remove what the demo made, and end.")] = False,
    port: Annotated[
        int | None,
        typer.Option(metavar="N", help="TCP port of Onefold; 8400, or a free one.", min=0, max=65535),
    ] = None,
    braze_port: Annotated[
        int | None,
        typer.Option(metavar="N", help="TCP port of the local Braze; 8401, or a free one.", min=0, max=65535),
    ] = None,
    rate: Annotated[float, typer.Option(metavar="N", help="Live events a second.", min=0, max=5000)] = 10.0,
    history_days: Annotated[
        int, typer.Option(metavar="N", help="Days of the shop's past, sent first.", min=0, max=365)
    ] = 60,
    verbose: Verbose = False,
) -> int:
    """Show Onefold at work.

    A shop with invented customers sends events, Onefold takes them in, and a strict local Braze accepts what
    follows, until Ctrl-C. The next start goes on where this one stopped; --reset removes all of it.
    """
    with traced(verbose=verbose):
        from onefold.cli.demo import marker
        from onefold.cli.demo.processes import free_port, start_braze, start_onefold

        root = data_dir.expanduser().absolute()
        if reset:
            removed = marker.remove(root)
            print_text(f"{data_dir} is removed." if removed else f"There is no {data_dir}.")
            return ExitCode.OK
        marker.claim(root)
        with _interruptible(), contextlib.ExitStack() as stack:
            log = stack.enter_context((root / LOG).open("ab"))
            note("Starting…")
            braze = start_braze(free_port(BRAZE_PORT) if braze_port is None else braze_port, API_KEY, log)
            stack.callback(braze.stop)
            onefold = start_onefold(root, free_port(PORT) if port is None else port, log)
            stack.callback(onefold.stop)
            _run(data_dir, onefold, braze, rate=rate, history_days=history_days)
        return ExitCode.OK


def _run(data_dir: Path, onefold: "Child", braze: "Child", *, rate: float, history_days: int) -> None:
    from onefold.cli.client import connect
    from onefold.cli.demo.selling import Selling
    from onefold.cli.demo.workspace import connect_braze, prepare

    with connect(data_dir, "", "", create=False) as client:
        write_key = prepare(client)
        link = client.post("/api/v1/links")["url"]
    _tell(data_dir, link, braze.url)

    def went_live() -> None:
        with connect(data_dir, "", "", create=False) as client:
            connect_braze(client, braze.url, API_KEY)

    selling = Selling(data_dir, onefold.url, write_key, rate=rate, history_days=history_days)
    try:
        selling.run(went_live, (onefold, braze))
    except KeyboardInterrupt:
        note("\nEnding: the shop closes, Onefold finishes what it holds.")
    finally:
        with _uninterrupted():
            selling.stop()
    print_text("Ended. `onefold demo` goes on from here; `onefold demo --reset` removes it.")


def _tell(data_dir: Path, link: str, braze_url: str) -> None:
    flags = f"--data-dir {data_dir}"
    print_text(f"""
A shop with invented customers, Onefold, and a local Braze.

  Onefold  {link}
           opens once; for another: onefold open {flags}
  Braze    {braze_url}/
           the local one: as strict as the real one, and it forgets when it ends

Look at
  the page of Onefold: every event passes capture, unify, segment and activate within a second
  the page of Braze: attributes, custom events and purchases arrive, and data points are counted
  onefold segments list {flags}
  onefold profiles list --search customer- {flags}
  onefold flow {flags}

First the shop's past, as fast as it goes; then Braze is connected, and customers come as they come.
Ctrl-C ends it.
""")


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM ends the demo in the same order as Ctrl-C; both work also where a shell has ignored them."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C must not leave a server behind: the end has its own time limits."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
