"""The counters against the rows that they count: a pass over the log and all batches, for tests."""

from collections import Counter
from pathlib import Path

from onefold.backends.embedded.file import File
from onefold.model.outcome import Kind
from onefold.observe.look import Look


def check_books(look: Look, data_dir: Path) -> list[str]:
    """What does not agree, in words. Ask while nothing moves, and before retention took anything."""
    captured, events = look.stages["capture"].by_kind[Kind.PASSED], _events_in_log(data_dir)
    problems = []
    if events != captured:
        problems.append(f"capture passed {captured}; the log holds {events} events")
    counted, outcomes = look.stages["unify"].by_kind, _outcomes_in_batches(data_dir)
    problems += [
        f"unify counted {counted[kind]} {kind.name.lower()}; the batches hold {outcomes[kind]}"
        for kind in (Kind.PASSED, Kind.FILTERED, Kind.REJECTED)
        if counted[kind] != outcomes[kind]
    ]
    return problems


def _events_in_log(data_dir: Path) -> int:
    file = File(data_dir, "log")
    ((count,),) = file.rows("select ifnull(sum(count), 0) from record")
    file.close()
    return int(count)


def _outcomes_in_batches(data_dir: Path) -> Counter[Kind]:
    file = File(data_dir, "state")
    rows = file.rows("select outcomes from batch")
    file.close()
    return Counter(Kind(one) for (outcomes,) in rows for one in outcomes)
