"""The command `onefold`: one module a group of commands.

Reads and writes: the control API only, over the local socket, over --url, or in its own process.
Never: opens a file of a data directory itself.
"""

import sys

from onefold.errors import OnefoldError


def main() -> int:
    """Run the command line; returns the exit code. No traceback for what we raise on purpose."""
    from onefold.cli.application import application, exit_code_of_usage
    from onefold.cli.failure import exit_code_of, tell

    try:
        ended = application(standalone_mode=False)
    except OnefoldError as error:
        tell(error)
        return exit_code_of(error)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return 130
    except Exception as error:
        code = exit_code_of_usage(error)
        if code is None:
            raise
        return code
    return ended if isinstance(ended, int) else 0
