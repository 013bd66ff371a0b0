"""Every benchmark, one after the other, into `benchmarks/results.md`.

python -m benchmarks             # all; about fifteen minutes
python -m benchmarks worker      # those whose name begins so
python -m benchmarks --quick     # shorter runs, printed only
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Row, machine, run_json, table

RESULTS = Path(__file__).parent / "results.md"
INTRODUCTION = """# What was measured

Machines are noisy: trust the ratios. Each reference ran in the same run, on the same cores. All processes of
a row, the generator of its load and the local Braze included, shared the machine:

{machine}. {date}. `make bench` measures again and writes this file.
"""

RUNS: dict[str, tuple[list[str], list[str]]] = {
    "capture": (["-m", "benchmarks.capture"], ["--seconds", "2"]),
    "worker 200k": (
        ["-m", "benchmarks.worker", "--people", "200000", "--events", "200000"],
        ["--people", "20000", "--events", "20000"],
    ),
    "worker 2M": (
        ["-m", "benchmarks.worker", "--people", "2000000", "--preload", "--events", "150000"],
        ["--people", "50000", "--events", "20000"],
    ),
    "deliver": (["-m", "benchmarks.deliver"], ["--events", "20000"]),
    "profiles": (["-m", "benchmarks.profiles"], ["--seconds", "5"]),
    "whole way 1k/s": (
        ["-m", "benchmarks.whole_way", "--rate", "1000", "--seconds", "60"],
        ["--seconds", "10"],
    ),
    "whole way 3k/s": (
        ["-m", "benchmarks.whole_way", "--rate", "3000", "--seconds", "600"],
        ["--seconds", "10"],
    ),
    "whole way ceiling": (
        ["-m", "benchmarks.whole_way", "--rate", "12000", "--batch", "20", "--seconds", "30"],
        ["--seconds", "5"],
    ),
}
"""Name -> arguments, and what replaces their tail in a quick run."""


def main() -> None:
    """Run the chosen benchmarks; write the results unless they were quick or chosen."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="?", default="")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    rows: list[Row] = []
    for name, (arguments, quick) in RUNS.items():
        if not name.startswith(options.only):
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += run_json(*arguments, *(quick if options.quick else []), "--json", timeout_s=2400)
        print(table(rows[-1:]), file=sys.stderr, flush=True)
    print(table(rows))
    if not options.only and not options.quick:
        introduction = INTRODUCTION.format(machine=machine(), date=f"{datetime.now(UTC):%d %B %Y}")
        RESULTS.write_text(f"{introduction}\n{table(rows)}\n")


if __name__ == "__main__":
    main()
