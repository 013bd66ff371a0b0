"""What every benchmark shares: the machine in words, what a process used, and one row of the results."""

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Row(msgspec.Struct, omit_defaults=True):
    """One figure beside the reference that was measured in the same run."""

    name: str
    figure: float
    unit: str
    reference: float = 0.0
    reference_name: str = ""
    floor: str = ""
    aim: str = ""
    cpu: str = ""
    memory_mb: float = 0.0
    note: str = ""

    @property
    def ratio(self) -> float:
        """Our figure as a part of the reference; 0 if there is none."""
        return self.figure / self.reference if self.reference else 0.0


class Usage(msgspec.Struct):
    """CPU seconds and memory of processes, read from /proc.

    Memory is what the processes hold of their own, shared parts divided; pages of files that the kernel may
    drop at any time (SQLite maps its files) are not theirs.
    """

    cpu_s: float
    memory_mb: float


def usage(pids: Iterable[int]) -> Usage:
    """What these processes used so far; one that has ended counts nothing."""
    cpu = memory = 0.0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        cpu += (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
        memory += sum(int(kb) for kb in re.findall(r"^Pss_(?:Anon|Shmem): +(\d+) kB", rollup, re.M)) / 1e3
    return Usage(cpu, memory)


def children(pid: int) -> dict[int, str]:
    """The descendants of a process: process id -> name, as `ps -o comm` shows it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found: dict[int, str] = {}
    queue = [pid]
    while queue:
        for child in parents.get(queue.pop(), ()):
            queue.append(child)
            try:
                found[child] = (Path("/proc") / str(child) / "comm").read_text().strip()
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found


def machine() -> str:
    """The machine in a sentence, so that figures can be judged."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    gib = int(memory.group(1)) / 2**20 if memory else 0
    versions = f"Python {platform.python_version()}, Linux {platform.release()}"
    return f"{os.cpu_count()} cores of {cpu.group(1) if cpu else 'unknown'}, {gib:.0f} GiB, {versions}"


def run_json(*arguments: str, timeout_s: float = 900) -> list[Row]:
    """The rows that another benchmark prints with --json (one object, or an array)."""
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-2000:]}")
    return msgspec.json.decode(done.stdout.strip().splitlines()[-1], type=list[Row])


def table(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| what | figure | reference in the same run | ratio | floor | aim | CPU | memory | note |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        reference = f"{row.reference:,.0f} ({row.reference_name})" if row.reference else "–"
        ratio = f"{row.ratio:.3f}" if row.reference else "–"
        memory = f"{row.memory_mb:,.0f} MB" if row.memory_mb else "–"
        figure = f"{row.figure:,.0f}" if row.figure >= 100 else f"{row.figure:,.2f}"
        lines.append(
            f"| {row.name} | **{figure} {row.unit}** | {reference} | {ratio} | {row.floor} | {row.aim} "
            f"| {row.cpu or '–'} | {memory} | {row.note} |"
        )
    return "\n".join(lines)


def print_rows(rows: list[Row], *, as_json: bool) -> None:
    """For people, or one line for `run_json`."""
    print(msgspec.json.encode(rows).decode() if as_json else table(rows))


def wait_for(check: Callable[[], object], *, timeout_s: float, what: str) -> object:
    """Ask until the answer is true.

    Raises:
        TimeoutError: it did not become true in time.
    """
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if answer := check():
            return answer
        time.sleep(0.05)
    raise TimeoutError(f"waited {timeout_s} s for {what}")


__all__ = ["Row", "Usage", "children", "machine", "print_rows", "run_json", "table", "usage", "wait_for"]
