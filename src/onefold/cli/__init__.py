"""The command `onefold`: one module a group of commands.

Reads and writes: the control API only, over the local socket, over --url, or in its own process.
Never: opens a file of a data directory itself.
"""

import sys

from onefold.errors import OnefoldError


def main() -> int:
    """Run the command line; returns the exit code. No traceback, unless -v asks for one."""
    from onefold.cli.application import application, exit_code_of_usage
    from onefold.cli.failure import exit_code_of, tell, unexpected
    from onefold.runtime.exit_code import ExitCode

    try:
        ended = application(standalone_mode=False)
    except OnefoldError as error:
        tell(error)
        return exit_code_of(error)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough of it (`| head`). The rest must not fail when Python flushes.
        sys.stdout = None
        return ExitCode.OK
    except Exception as error:
        code = exit_code_of_usage(error)
        if code is None:
            tell(unexpected(error))
            return ExitCode.FAILED
        return code
    return ended if isinstance(ended, int) else ExitCode.OK
