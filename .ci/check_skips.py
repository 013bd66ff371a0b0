"""Fail on a skipped test that nobody expected.

In: pytest's JUnit report and a file with one regular expression a line (`#` starts a comment), each for the
reason of a skip that is in order. Out: the skips that match none of them, and exit code 1 if there are any.
"""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree


def read_patterns(path: Path) -> list[re.Pattern[str]]:
    """Read the expected reasons; a pattern must match from the start of the reason."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [re.compile(line) for line in lines if line and not line.startswith("#")]


def find_skips(report: Path) -> list[tuple[str, str]]:
    """List every skipped test with its reason."""
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 - our own pytest wrote the file
    return [
        (f"{case.get('classname')}::{case.get('name')}", skip.get("message") or "")
        for case in cases
        for skip in case.iter("skipped")
        if skip.get("type") == "pytest.skip"
    ]


def main(report: str, expected: str) -> int:
    """Print the unexpected skips and return the exit code."""
    patterns = read_patterns(Path(expected))
    skips = find_skips(Path(report))
    unexpected = [(test, why) for test, why in skips if not any(pattern.match(why) for pattern in patterns)]
    for test, why in unexpected:
        sys.stdout.write(f"unexpected skip: {test}: {why}\n")
    sys.stdout.write(f"{len(skips)} skipped, {len(unexpected)} of them unexpected\n")
    return 1 if unexpected else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
