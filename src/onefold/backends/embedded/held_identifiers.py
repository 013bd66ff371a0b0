"""How many profiles hold identifiers of some values or kinds, counted within a time.

In: what is meant. Out: the number, or None where there are too many identifiers to look through.
"""

import sqlite3
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

from onefold.backends.embedded.database import is_current, json_list, open_reader
from onefold.unify.normalise import KIND_CHARS_MAX, QUOTES, bare_of

# Values cannot be looked up: they are stored as sent, and compared without case. Kinds stand together.
HOLDERS = """select count(distinct profile_id) from (
    select profile_id from identifier where length(key) <= ?1 and is_meant(key)
    union all
    select profile_id from json_each(?2) as kind
    join identifier on identifier.key >= kind.value || ':' and identifier.key < kind.value || ';')"""
KINDS_HOLDERS = """select count(distinct profile_id) from json_each(?1) as kind
    join identifier on identifier.key >= kind.value || ':' and identifier.key < kind.value || ';'"""
STEPS = 10_000
"""Of SQLite's, between two looks at the clock: less than a millisecond."""


def count_holders(
    data_dir: Path, values: Collection[str], kinds: Collection[str], *, is_over: Callable[[], bool]
) -> int | None:
    """Profiles that hold any of these values (as `folded` gives them) or anything of these kinds.

    Looks at every identifier, about a million a second; None where `is_over` said so before the end.
    """
    if not values and not kinds:
        return 0
    if not is_current(data_dir, "state"):
        return 0
    with closing(open_reader(data_dir, "state")) as connection:
        connection.create_function(
            "is_meant", 1, lambda key: bare_of(key.partition(":")[2].lower()) in values, deterministic=True
        )
        connection.set_progress_handler(is_over, STEPS)
        chars_max = max(map(len, values), default=0) + QUOTES + KIND_CHARS_MAX + 1
        try:
            if not values:
                row = connection.execute(KINDS_HOLDERS, (json_list(sorted(kinds)),)).fetchone()
            else:
                row = connection.execute(HOLDERS, (chars_max, json_list(sorted(kinds)))).fetchone()
        except sqlite3.OperationalError:
            if is_over():
                return None
            raise
    return int(row[0])
