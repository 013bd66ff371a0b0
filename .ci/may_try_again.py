"""Tell whether what failed may be tried once more: a few tests in a browser, and nothing else.

In: pytest's JUnit report. Out: the tests that failed; exit code 0 if every one of them waits for a page to be
drawn, which may have missed its time on a busy machine. Whatever else failed once has failed: a kill or a
race that loses something shows only now and then.
"""

import sys
from pathlib import Path
from xml.etree import ElementTree

DRAWN = "tests.browser."
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
    return 0 if 0 < len(failures) <= TRIES_MAX and all(test.startswith(DRAWN) for test in failures) else 1


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
