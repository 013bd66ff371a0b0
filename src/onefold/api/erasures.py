"""DELETE /api/v1/profiles/{id}: the person is erased, by a run; and what that would reach, beforehand."""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Request, delete, get
from litestar.params import FromPath

from onefold.api.profile import find_profile, find_profile_by
from onefold.api.right import ERASE
from onefold.api.run_view import RunView
from onefold.api.runs import ask_run
from onefold.api.workspace import Here, Workspace
from onefold.backends.embedded.control.decisions import Arguments
from onefold.backends.embedded.letters import LetterFilter, StoredLetter
from onefold.model.profile import Profile
from onefold.model.run import RunKind
from onefold.unify.mention import Mentions

LETTERS_READ = 500
"""Payloads in memory at once."""


class ErasureReach(msgspec.Struct, frozen=True):
    """What erasing a person would take away."""

    profile_id: int
    identifiers: int
    events: int
    """That were counted for the person; resends of them go, too."""
    profiles: int
    """The profile, and those that were merged into it."""
    links: int
    """Pieces of evidence of identity."""
    segments: int
    dead_letters: int


@get("/{profile_id:int}/erasure", opt=ERASE, sync_to_thread=True)
def show_erasure(workspace: Here, profile_id: FromPath[int]) -> ErasureReach:
    """What erasing the person would reach. Reads all dead letters: seconds, where there are many."""
    profile = find_profile(workspace, profile_id)
    ids = [profile.id, *workspace.people.merged_into(profile.id)]
    events = sum(
        int(sum(counter.days.values())) for key, counter in profile.counters.items() if key.startswith("c:")
    )
    return ErasureReach(
        profile_id=profile.id,
        identifiers=sum(map(len, profile.identifiers.values())),
        events=events,
        profiles=len(ids),
        links=workspace.people.count_links(ids),
        segments=len(profile.member_since),
        dead_letters=_count_letters(workspace, profile, set(ids)),
    )


@delete("/{profile_id:int}", opt=ERASE, sync_to_thread=True, status_code=202)
def erase_profile(workspace: Here, profile_id: FromPath[int], request: Request[Any, Any, Any]) -> RunView:
    """Erase a person, by a run: from the log, from what was derived, from what waits to be sent."""
    return _ask(workspace, find_profile(workspace, profile_id), request.state.caller.name)


@delete("/by/{kind:str}/{value:path}", opt=ERASE, sync_to_thread=True, status_code=202)
def erase_profile_by(
    workspace: Here, kind: FromPath[str], value: FromPath[str], request: Request[Any, Any, Any]
) -> RunView:
    """Erase a person by an identifier: a run."""
    profile = find_profile_by(workspace, kind, value.removeprefix("/"))
    return _ask(workspace, profile, request.state.caller.name)


def _ask(workspace: Workspace, profile: Profile, by: str) -> RunView:
    # The number alone: what is asked for stays in the list of runs, where nothing of the person may stand.
    arguments: Arguments = {"profile_id": profile.id}
    return ask_run(workspace, RunKind.ERASURE, f"profile {profile.id}", arguments, by)


def _count_letters(workspace: Workspace, profile: Profile, ids: set[int]) -> int:
    keys = [f"{kind}:{value}" for kind, values in profile.identifiers.items() for value in values]
    names = Mentions(keys, workspace.normaliser)
    stages = ("capture", "unify")
    payloads = (one.letter.payload for stage in stages for one in _letters(workspace, stage))
    refused = sum(names(payload.encode()) for payload in payloads)
    undelivered = sum(
        one.item is not None and one.item.profile_id in ids for one in _letters(workspace, "activate")
    )
    return refused + undelivered


def _letters(workspace: Workspace, stage: str) -> Iterator[StoredLetter]:
    after: dict[str, int] = {}
    while page := workspace.letters.page(LetterFilter(stage=stage), after, LETTERS_READ, with_payload=True):
        yield from page
        after[stage] = page[-1].number
