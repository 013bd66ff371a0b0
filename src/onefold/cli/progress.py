"""Following a run: a bar on the terminal until it ends; Ctrl-C cancels it and says so.

In: a client and the id of a run. Out: the run as it ended.
"""

import time

from onefold.cli.bar import ENDS, make_bar
from onefold.cli.client import Client
from onefold.cli.path import piece
from onefold.cli.show import note
from onefold.errors import RequestError
from onefold.model.json import JsonObject
from onefold.runtime.exit_code import ExitCode

POLL_S = 0.25
RUNS = "/api/v1/runs"


def follow(client: Client, run_id: str, title: str) -> JsonObject:
    """Show a run until it ends.

    The first Ctrl-C asks the server to cancel, and the end is waited for; a second one leaves at once, and
    the server goes on cancelling.
    """
    is_cancelling = False
    with make_bar(title) as bar:
        while True:
            try:
                run: JsonObject = client.get(f"{RUNS}/{piece(run_id)}")
                bar.show(run)
                if run["state"] in ENDS:
                    return run
                time.sleep(POLL_S)
            except KeyboardInterrupt:
                if is_cancelling:
                    raise
                is_cancelling = True
                note(f"\nCancelling {run_id}. Ctrl-C again leaves without waiting.")
                _cancel(client, run_id)


def exit_code_of_run(run: JsonObject) -> int:
    """Exit code of a run that ended."""
    codes = {"succeeded": ExitCode.OK, "cancelled": ExitCode.INTERRUPTED}
    return codes.get(str(run["state"]), ExitCode.FAILED)


def words_of_run(run: JsonObject) -> str:
    """What a person reads of a run."""
    counts = [
        f"{run[kind]:,} {kind}" for kind in ("passed", "filtered", "rejected", "deferred") if run.get(kind)
    ]
    counted = f" ({', '.join(counts)})" if counts else ""
    message = str(run.get("message") or f"{str(run['state']).capitalize()}.")
    return f"{'Failed: ' if run['state'] == 'failed' else ''}{message}{counted}"


def _cancel(client: Client, run_id: str) -> None:
    try:
        client.post(f"{RUNS}/{piece(run_id)}/cancel")
    except RequestError as error:
        if error.code != "api.run_ended":  # it was quicker than we
            raise
