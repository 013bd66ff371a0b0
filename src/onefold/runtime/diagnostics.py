"""What the processes tell their operator: structured lines on stderr, without personal data.

Tracebacks are written without the values of variables: those hold events and secrets.
"""

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
        # Asked for at each line: whoever runs us inside a process of theirs may replace and close stderr.
        logger_factory=lambda *_: structlog.WriteLogger(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(role=role)
    # Libraries speak through the standard module: only what needs an operator passes.
    logging.basicConfig(stream=output, level=max(number, logging.WARNING), force=True)
