"""`python -m onefold.sandbox.braze --port N --api-key KEY`: the local Braze from a command line."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal

import msgspec

from onefold.sandbox.braze.server import run
from onefold.sandbox.braze.settings import ApiKey, SandboxSettings

PR_SET_PDEATHSIG = 1


def main(arguments: list[str] | None = None) -> None:
    """Read the flags and serve."""
    parser = argparse.ArgumentParser(prog="onefold.sandbox.braze", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--api-key", action="append", default=[], help="a key with all permissions")
    parser.add_argument("--settings", default="{}", help="further settings as a JSON object")
    parser.add_argument("--die-with", type=int, metavar="PID", help="end when this parent process ends")
    flags = parser.parse_args(arguments)
    if flags.die_with is not None:
        _die_with(flags.die_with)
    try:
        given = msgspec.json.decode(flags.settings, type=dict[str, object])
        keys = [*msgspec.convert(given.get("api_keys", []), list[ApiKey])]
        keys += [ApiKey(key=key) for key in flags.api_key]
        fields = {**given, "host": flags.host, "port": flags.port, "api_keys": keys}
        settings = msgspec.convert(fields, SandboxSettings)
    except (msgspec.MsgspecError, ValueError) as error:
        parser.error(str(error))
    if not settings.api_keys:
        parser.error("at least one --api-key is needed")
    run(settings)


def _die_with(parent: int) -> None:
    """Ask Linux to end this process with its parent, and leave at once if that is gone already."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(0)


if __name__ == "__main__":
    main()
