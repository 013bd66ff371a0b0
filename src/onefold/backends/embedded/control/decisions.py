"""What people decided about dead letters, and what they asked the tasks role to run.

The letters themselves and the progress of runs stand in the files of the roles that own them.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import JSON, Integer, Row, cast, delete, func, select, type_coerce, update
from sqlalchemy.dialects.sqlite import insert

from onefold.backends.embedded.control.control_database import ControlDatabase
from onefold.backends.embedded.control.tables import letter_decision as decisions
from onefold.backends.embedded.control.tables import meta
from onefold.backends.embedded.control.tables import run_cancel as cancels
from onefold.backends.embedded.control.tables import run_request as requests
from onefold.model.letter import LetterState
from onefold.model.run import RunKind

Arguments = dict[str, str | int | bool]
LOOKED_AT = "goal_times_looked_at"


class LetterDecision(NamedTuple):
    """`payload` is what replaces the refused one at a replay (empty: as it was)."""

    letter_id: str
    state: LetterState
    at: int
    by: str
    replayed_as: str
    payload: str


class DecisionStore:
    """Decisions by letter."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def decide(self, decided: Sequence[LetterDecision]) -> set[str]:
        """Store them; returns the letters that were replayed before, of which nothing is changed.

        A letter that was discarded can still be replayed; one that was replayed is done with.
        """
        with self._database.change() as connection:
            ids = [decision.letter_id for decision in decided]
            match = decisions.c.letter_id.in_(ids), decisions.c.state == str(LetterState.REPLAYED)
            replayed = {row.letter_id for row in connection.execute(select(decisions).where(*match))}
            for decision in decided:
                if decision.letter_id not in replayed:
                    values = {**decision._asdict(), "state": str(decision.state)}
                    statement = insert(decisions).values(values)
                    connection.execute(
                        statement.on_conflict_do_update(index_elements=[decisions.c.letter_id], set_=values)
                    )
        return replayed

    def forget(self, stage: str, before: int) -> None:
        """Remove those of letters that are kept no more: those of a stage below this number."""
        prefix = f"{stage}-"
        number = cast(func.substr(decisions.c.letter_id, len(prefix) + 1), Integer)
        match = decisions.c.letter_id.startswith(prefix), number < before
        with self._database.record() as connection:
            connection.execute(delete(decisions).where(*match))

    def forget_letters(self, stage: str, numbers: Sequence[int]) -> None:
        """Remove those of these letters."""
        ids = [f"{stage}-{number}" for number in numbers]
        with self._database.record() as connection:
            connection.execute(delete(decisions).where(decisions.c.letter_id.in_(ids)))

    def of_stage(self, stage: str) -> list[LetterDecision]:
        """All of a stage."""
        with self._database.read() as connection:
            rows = connection.execute(select(decisions).where(decisions.c.letter_id.startswith(f"{stage}-")))
            return [_decision(row) for row in rows]


class RunRequest(NamedTuple):
    """Long work that someone asked for."""

    id: str
    kind: RunKind
    subject: str
    arguments: Arguments
    by: str
    created_at: int
    cancel_asked: bool = False


class RunWish(NamedTuple):
    """A run to be asked for."""

    kind: RunKind
    subject: str
    arguments: Arguments
    by: str


class RunRequestStore:
    """What is asked of the tasks role. Ids are made here and sort by time."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    def ask(self, kind: RunKind, subject: str, arguments: Arguments, *, by: str, at: int) -> RunRequest:
        """Ask for a run; the tasks role claims it."""
        (asked,) = self.ask_all([RunWish(kind, subject, arguments, by)], at=at)
        return asked

    def ask_all(self, wishes: Sequence[RunWish], *, at: int, looked_at: int = 0) -> list[RunRequest]:
        """Ask for runs, together with when the times of goals were looked at (0: they were not)."""
        with self._database.change() if wishes else self._database.record() as connection:
            last = connection.execute(select(requests.c.id).order_by(requests.c.id.desc()).limit(1)).scalar()
            # Milliseconds in a fixed width, so that ids sort by time; one more when two meet in one.
            number = max(at // 1000, int(last.removeprefix("run-")) + 1 if last else 0)
            asked = [RunRequest(f"run-{number + place:014d}", *wish, at) for place, wish in enumerate(wishes)]
            for request in asked:
                connection.execute(requests.insert().values(_row(request)))
            if looked_at:
                statement = insert(meta).values(name=LOOKED_AT, value=str(looked_at))
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=[meta.c.name], set_={"value": str(looked_at)}
                    )
                )
        return asked

    def looked_at(self) -> int:
        """When the times of goals were last looked at; 0: never."""
        with self._database.read() as connection:
            found = connection.execute(select(meta.c.value).where(meta.c.name == LOOKED_AT)).scalar()
        return int(found) if found is not None else 0

    def cancel(self, run_id: str) -> bool:
        """Ask to stop it; False when there is no such run."""
        statement = update(requests).where(requests.c.id == run_id).values(cancel_asked=True)
        with self._database.change() as connection:
            return connection.execute(statement).rowcount > 0

    def cancel_goal_run(self, run_id: str, *, by: str, at: int) -> None:
        """Ask deliver to end a run of a goal; it may never have been asked for."""
        statement = insert(cancels).values(run_id=run_id, by=by, at=at)
        with self._database.change() as connection:
            connection.execute(statement.on_conflict_do_nothing())

    def goal_runs_cancelled(self) -> frozenset[str]:
        """The runs of goals that shall end."""
        with self._database.read() as connection:
            return frozenset(row.run_id for row in connection.execute(select(cancels.c.run_id)))

    def page(
        self,
        *,
        before: str = "~",
        count_max: int = 1000,
        kind: RunKind | None = None,
        without: RunKind | None = None,
        connection_id: int | None = None,
        goal_id: int | None = None,
    ) -> list[RunRequest]:
        """Newest first; of one kind, of all but one, or all; of the goals of a connection, or of one goal."""
        statement = (
            select(requests).where(requests.c.id < before).order_by(requests.c.id.desc()).limit(count_max)
        )
        if kind is not None:
            statement = statement.where(requests.c.kind == str(kind))
        if without is not None:
            statement = statement.where(requests.c.kind != str(without))
        arguments = type_coerce(requests.c.arguments, JSON)
        for name, wanted in (("connection_id", connection_id), ("goal_id", goal_id)):
            if wanted is not None:
                statement = statement.where(arguments[name].as_integer() == wanted)
        with self._database.read() as connection:
            return [_request(row) for row in connection.execute(statement)]

    def find(self, run_id: str) -> RunRequest | None:
        """One of them."""
        with self._database.read() as connection:
            row = connection.execute(select(requests).where(requests.c.id == run_id)).one_or_none()
        return _request(row) if row else None

    def forget(self, before: int) -> int:
        """Remove those asked before a time; returns how many. Whoever works on them has done so long ago."""
        with self._database.record() as connection:
            connection.execute(delete(cancels).where(cancels.c.at < before))
            return connection.execute(delete(requests).where(requests.c.created_at < before)).rowcount


def _decision(row: Row[tuple[object, ...]]) -> LetterDecision:
    return LetterDecision(row.letter_id, LetterState(row.state), row.at, row.by, row.replayed_as, row.payload)


def _row(request: RunRequest) -> dict[str, object]:
    arguments = msgspec.json.encode(request.arguments).decode()
    return {**request._asdict(), "kind": str(request.kind), "arguments": arguments}


def _request(row: Row[tuple[object, ...]]) -> RunRequest:
    arguments = msgspec.json.decode(row.arguments, type=Arguments)
    return RunRequest(
        row.id, RunKind(row.kind), row.subject, arguments, row.by, row.created_at, row.cancel_asked
    )
