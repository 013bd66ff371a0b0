"""Finding the profile that a caller means, by its id or by an identifier."""

from onefold.api.caller import Caller, missing_right
from onefold.api.page import ID_MAX
from onefold.api.problem import not_found
from onefold.api.workspace import Workspace
from onefold.errors import RequestError
from onefold.model.access import Right
from onefold.model.profile import Profile


def find_profile(workspace: Workspace, profile_id: int) -> Profile:
    """The profile of an id; of one that was merged away, its survivor.

    Raises:
        RequestError: there is none.
    """
    profile = workspace.people.profile(profile_id) if 0 < profile_id <= ID_MAX else None
    if profile is None:
        raise not_found("profile", str(profile_id))
    return profile


def find_profile_by(workspace: Workspace, kind: str, value: str) -> Profile:
    """The profile of an identifier.

    Raises:
        RequestError: there is none, or the value cannot be of that kind.
    """
    normalised = workspace.normaliser.value(kind, value)
    if not normalised:
        raise RequestError(
            "api.not_an_identifier",
            f"That value cannot be of the kind {kind}.",
            status=404,
            field="value",
            hint="Blocked values such as 0 or null, and malformed ones, never identify anyone.",
        )
    profile_id = workspace.people.find(f"{kind}:{normalised}")
    profile = workspace.people.profile(profile_id) if profile_id else None
    if profile is None:
        raise not_found("profile", f"with that {kind}")
    return profile


def look_up_profile(workspace: Workspace, caller: Caller, kind: str, value: str) -> Profile:
    """The same for a caller who shall learn who it is.

    Raises:
        RequestError: there is none, or whether there is one would tell the caller what is hidden from them.
    """
    if not caller.sees_people:
        raise missing_right(Right.PERSONAL)
    return find_profile_by(workspace, kind, value)
