"""How dead letters are shown, and which of them are asked for."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from onefold.api.page import ID_MAX
from onefold.api.problem import not_found
from onefold.api.sources import find_source
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.letters import LetterCount, LetterFilter, StoredLetter
from onefold.clock import to_iso
from onefold.errors import RequestError
from onefold.model.access import Personal
from onefold.model.letter import LetterState

Stage = Literal["capture", "unify", "activate"]
StageParameter = Annotated[Stage | None, QueryParameter(description="Where it was refused.")]
CodeParameter = Annotated[
    str | None, QueryParameter(max_length=200, description="Why, such as capture.missing_field.")
]
SourceParameter = Annotated[
    int | None, QueryParameter(ge=0, le=ID_MAX, description="Of this source (capture, unify).")
]
ConnectionParameter = Annotated[
    int | None, QueryParameter(ge=0, le=ID_MAX, description="Of this connection (activate).")
]
StateParameter = Annotated[
    LetterState | None, QueryParameter(name="state", description="What was decided about it.")
]
RunParameter = Annotated[str, QueryParameter(max_length=100, description="Of this run of a goal (activate).")]
SourceNameParameter = Annotated[
    str, QueryParameter(max_length=100, description="The same by name or id of the source.")
]


class LetterView(msgspec.Struct, frozen=True):
    """A dead letter without its payload."""

    id: str
    stage: str
    code: str
    field: str
    reason: Personal[str]
    hint: str
    """What to do about it."""
    at: str
    state: LetterState
    source_id: int | None
    connection_id: int | None
    goal_id: int | None
    profile_id: int | None
    subject: str
    """Message id, line of a file, or what else it concerns."""
    decided_at: str | None
    decided_by: str
    replayed_as: str
    """Message id of the event that took its place."""


class LetterDetail(LetterView, frozen=True):
    """A dead letter with what was refused: JSON is laid out for reading, anything else as it came."""

    payload: Personal[str] = ""
    is_json: bool = False
    answer: Personal[str] = ""
    """What the destination answered (activate), cut, with the values of people masked."""


class LetterCountView(msgspec.Struct, frozen=True):
    """How many letters of a stage and code are kept."""

    stage: str
    code: str
    open: int
    replayed: int
    discarded: int


class LetterCountsView(msgspec.Struct, frozen=True):
    """Kept letters by stage and code, most open ones first."""

    items: list[LetterCountView]
    open: int


def letter_filter(
    workspace: Here,
    *,
    stage: StageParameter = None,
    code: CodeParameter = None,
    source_id: SourceParameter = None,
    source: SourceNameParameter = "",
    connection_id: ConnectionParameter = None,
    decided: StateParameter = None,
    run: RunParameter = "",
) -> LetterFilter:
    """As the parameters of a request say.

    Raises:
        RequestError: there is no such source, or run.
    """
    if source:
        source_id = find_source(workspace, source).id
    return LetterFilter(stage, code or None, source_id, connection_id, decided, run_number(workspace, run))


def run_number(workspace: Workspace, run_id: str) -> int | None:
    """The number of a goal's run; None for none.

    Raises:
        RequestError: there is no such run.
    """
    if not run_id:
        return None
    found = workspace.goal_runs.find(run_id)
    if found is None:
        raise not_found("run", run_id, hint="`onefold runs list --kind goal` shows them.")
    return found.number


Wanted = NamedDependency[LetterFilter]
"""The type of a route's parameter `wanted`."""


def letter_view(stored: StoredLetter) -> LetterView:
    """One line of a list."""
    return LetterView(**_fields(stored))


def letter_detail(stored: StoredLetter) -> LetterDetail:
    """The whole letter."""
    text = stored.letter.payload
    try:
        pretty, is_json = msgspec.json.format(text, indent=2), True
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        pretty, is_json = text, False
    return LetterDetail(**_fields(stored), payload=pretty, is_json=is_json, answer=stored.answer)


def counts_view(counts: Iterable[LetterCount]) -> LetterCountsView:
    """One line a stage and code."""
    found: dict[tuple[str, str], Counter[LetterState]] = {}
    for stage, code, state, count in counts:
        found.setdefault((stage, code), Counter())[state] += count
    items = [
        LetterCountView(
            stage,
            code,
            states[LetterState.OPEN],
            states[LetterState.REPLAYED],
            states[LetterState.DISCARDED],
        )
        for (stage, code), states in found.items()
    ]
    items.sort(key=lambda item: (-item.open, item.stage, item.code))
    return LetterCountsView(items, sum(item.open for item in items))


def read_places(text: str) -> dict[str, int]:
    """The last letter seen of each stage, out of a cursor.

    Raises:
        RequestError: it is none of ours.
    """
    if not text:
        return {}
    try:
        return msgspec.json.decode(text, type=dict[str, Annotated[int, msgspec.Meta(ge=0, le=ID_MAX)]])
    except msgspec.DecodeError as error:
        raise RequestError("api.bad_cursor", "That cursor is not one of ours.", field="cursor") from error


def write_places(before: dict[str, int], shown: Iterable[StoredLetter]) -> str:
    """The key of a cursor behind what was shown."""
    places = dict(before)
    for stored in shown:
        places[stored.letter.stage] = stored.number
    return msgspec.json.encode(places).decode()


def _fields(stored: StoredLetter) -> dict[str, Any]:
    letter, item = stored.letter, stored.item
    return {
        "id": letter.id,
        "stage": letter.stage,
        "code": letter.code,
        "field": letter.field,
        "reason": letter.reason,
        "hint": letter.hint,
        "at": to_iso(letter.at),
        "state": letter.state,
        "source_id": letter.source_id or None,
        "connection_id": stored.connection_id or None,
        "goal_id": item.goal_id if item else None,
        "profile_id": item.profile_id or None if item else None,
        "subject": item.key if item else letter.subject,
        "decided_at": to_iso(stored.decided_at) if stored.decided_at else None,
        "decided_by": stored.decided_by,
        "replayed_as": letter.replayed_as,
    }
