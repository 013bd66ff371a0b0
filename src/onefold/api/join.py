"""Which teammate somebody is whom a provider vouches for.

Who was here before is known by issuer and subject, whatever their address is now. Who comes for the first
time is found by a verified address, and bound; or joins, where the settings let their domain in.
"""

from typing import Any

import msgspec
from litestar import Request

from onefold.api.caller import address_of
from onefold.api.name import is_name
from onefold.api.workspace import Workspace
from onefold.backends.embedded.control.audit import Entry
from onefold.backends.embedded.control.team import fold_email
from onefold.errors import RequestError
from onefold.model.access import Role, sees_people
from onefold.model.identity import Identity
from onefold.model.mail import is_address
from onefold.model.teammate import Teammate


def find_joined(workspace: Workspace, request: Request[Any, Any, Any], identity: Identity) -> Teammate:
    """The teammate, bound from now on. What is new is noted in the audit trail.

    Raises:
        RequestError: they are not of the team, or kept out of it.
    """
    team = workspace.team
    found = team.find_bound(identity.issuer, identity.subject)
    if found is None:
        email = _verified_email(identity)
        known = team.find(email)
        if known is not None and known.disabled_at:
            raise _kept_out()
        known = known or _join(workspace, request, identity, email)
        found = team.bind(known.id, identity.issuer, identity.subject)
        if found is None:
            raise _other_person()
        _note(workspace, request, found, "bindTeammate", {"signs_in_by": found.signs_in_by})
    if found.disabled_at:
        raise _kept_out()
    return found


def _verified_email(identity: Identity) -> str:
    if not is_address(identity.email):
        raise RequestError(
            "oidc.no_address",
            "The provider does not tell your e-mail address.",
            status=403,
            hint="It must give this server the scope email; ask whoever runs it.",
        )
    if not identity.is_verified:
        raise RequestError(
            "oidc.unverified",
            "The provider does not say that your e-mail address is yours.",
            status=403,
            hint="Verify it there and begin again. Where a provider never says so and nobody can choose "
            "theirs, an operator may set oidc.trust_addresses.",
        )
    return fold_email(identity.email)


def _join(workspace: Workspace, request: Request[Any, Any, Any], identity: Identity, email: str) -> Teammate:
    oidc = workspace.oidc
    if email.rpartition("@")[2] not in {domain.strip().casefold() for domain in oidc.allowed_domains}:
        raise RequestError(
            "oidc.not_invited",
            "Nobody invited you to this workspace.",
            status=403,
            hint="Ask an owner or admin to invite the address that you sign in with.",
        )
    role = Role(oidc.default_role)
    name = identity.name if is_name(identity.name) else email.partition("@")[0]
    made = workspace.team.create(email, name, role, workspace.clock(), personal=sees_people(role))
    _note(workspace, request, made, "joinTeam", {"email": email, "role": role, "personal": made.personal})
    return made


def _note(
    workspace: Workspace, request: Request[Any, Any, Any], teammate: Teammate, action: str, after: Any
) -> None:
    path, at = f"/api/v1/team/{teammate.id}", workspace.clock()
    text = msgspec.json.encode(after).decode()
    workspace.audit.add(
        Entry(0, at, teammate.email, address_of(workspace, request), action, path, 200, "", text)
    )


def _kept_out() -> RequestError:
    return RequestError(
        "oidc.kept_out",
        "You are kept out of this workspace.",
        status=403,
        hint="Ask an owner or admin.",
    )


def _other_person() -> RequestError:
    return RequestError(
        "oidc.other_person",
        "Somebody else at the provider is known by your e-mail address here.",
        status=403,
        hint="If the address is yours now, an admin runs `onefold team forget-sign-on` for it.",
    )
