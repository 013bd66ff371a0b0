"""Every benchmark, one after the other, into `benchmarks/results.md`.

python -m benchmarks             # all; about forty minutes
python -m benchmarks worker      # those whose name begins so
python -m benchmarks --quick     # shorter runs, printed only
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.measure import Row, machine, run_json, table

RESULTS = Path(__file__).parent / "results.md"
ROWS = RESULTS.with_suffix(".json")
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
    "sync": (["-m", "benchmarks.sync", "--people", "100000"], ["--people", "5000"]),
    "import": (["-m", "benchmarks.intake", "--people", "1000000"], ["--people", "20000"]),
    "dead": (["-m", "benchmarks.dead"], ["--events", "20000", "--turns", "1", "--seconds", "5"]),
    "profiles": (["-m", "benchmarks.profiles"], ["--seconds", "5"]),
    "pages": (["-m", "benchmarks.pages"], ["--people", "500", "--loads", "3"]),
    "whole way 1k/s": (
        ["-m", "benchmarks.whole_way", "--rate", "1000", "--seconds", "60"],
        ["--seconds", "10"],
    ),
    "whole way 2k/s": (
        ["-m", "benchmarks.whole_way", "--rate", "2000", "--seconds", "600"],
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
    """Run the chosen benchmarks; take their rows into the results unless they were quick."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="?", default="")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    for name, (arguments, quick) in RUNS.items():
        if not name.startswith(options.only):
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        rows = run_json(*arguments, *(quick if options.quick else []), "--json", timeout_s=2400)
        print(table(rows), flush=True)
        if not options.quick:
            _keep(name, rows)


def _keep(name: str, rows: list[Row]) -> None:
    """Replace the rows of one benchmark: each can be repeated by itself when the machine is quiet."""
    kept = msgspec.json.decode(ROWS.read_bytes(), type=dict[str, list[Row]]) if ROWS.exists() else {}
    kept[name] = rows
    ROWS.write_bytes(msgspec.json.format(msgspec.json.encode(kept)) + b"\n")
    introduction = INTRODUCTION.format(machine=machine(), date=f"{datetime.now(UTC):%d %B %Y}")
    ordered = [row for run in RUNS for row in kept.get(run, [])]
    RESULTS.write_text(f"{introduction}\n{table(ordered)}\n")


if __name__ == "__main__":
    main()
