"""What the processes tell their operator: structured lines on stderr, without personal data.

Tracebacks are written without the values of variables: those hold events and secrets.
"""

import contextlib
import logging
import sys
from typing import TextIO

import structlog


def configure_diagnostics(kind: str, level: str, *, role: str, stream: TextIO | None = None) -> None:
    """For this process: `kind` is console or json; every line names the role."""
    output = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level.upper()]
    if kind == "json":
        last: list[structlog.typing.Processor] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(colors=output.isatty(), exception_formatter=plain)]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Lines(stream),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(role=role)
    # Libraries speak through the standard module: only what needs an operator passes.
    logging.basicConfig(stream=output, level=max(number, logging.WARNING), force=True)


class _Lines:
    """Writes lines; never raises: that nobody listens any more must not end the thread that speaks.

    stderr is asked for at each line: whoever runs us inside a process of theirs may replace and close it.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def msg(self, message: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            print(message, file=self._stream or sys.stderr, flush=True)

    debug = info = warning = error = critical = exception = msg
