"""Tell whether what failed may be tried once more: a few tests of whole processes, and nothing else.

In: pytest's JUnit report. Out: the tests that failed; exit code 0 if every one of them speaks with processes
over sockets and may have missed its time on a busy machine. A rule that failed once has failed.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

TIMED = ("tests.acceptance.", "tests.browser.")
TRIES_MAX = 5
"""More at once are no accident."""


def find_failures(report: Path) -> list[str]:
    """The tests that failed or broke."""
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 - our own pytest wrote the file
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]


def main(report: str) -> int:
    """Print the failures and return the exit code."""
    failures = find_failures(Path(report))
    for test in failures:
        sys.stdout.write(f"failed at the first try: {test}\n")
    return 0 if 0 < len(failures) <= TRIES_MAX and all(test.startswith(TIMED) for test in failures) else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
