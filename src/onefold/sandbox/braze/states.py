"""Subscription states: they belong to an address, so everyone who has it shares them.

In: changes by email, phone or person. Out: changed profiles, lists of unsubscribed, bounced and reported
addresses. A state for an address that nobody has is kept for thirty days for the first who gets it. Source:
Braze's pages on e-mail subscriptions and subscription groups (July 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from onefold.sandbox.braze.profile import Profile

if TYPE_CHECKING:
    from onefold.sandbox.braze.workspace import Workspace

ORPHAN_LIFE_S = 30 * 86_400
# Orphan states beyond this make room, oldest first: memory must not grow with a sender's mistakes.
ORPHANS_MAX = 100_000


GLOBAL_CHANGE = "users.behaviors.subscription.GlobalStateChange"
GROUP_CHANGE = "users.behaviors.subscriptiongroup.StateChange"
STATUS_TEXTS = {"opted_in": "Opted In", "subscribed": "Subscribed", "unsubscribed": "Unsubscribed"}


class InvalidPhone(NamedTuple):
    """When and why a number turned out to be invalid."""

    at: float
    reason: str


class _Orphan:
    """States of an address that nobody has."""

    __slots__ = ("email_state", "groups", "until")

    def __init__(self) -> None:
        self.email_state: str | None = None
        self.groups: dict[str, str] = {}
        self.until = 0.0


class States:
    """What is known of addresses beyond the profiles that have them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._orphans: dict[tuple[str, str], _Orphan] = {}
        self.unsubscribed_at: dict[str, float] = {}
        self.bounced_at: dict[str, float] = {}
        self.reported_at: dict[str, float] = {}
        self.invalid_phones: dict[str, InvalidPhone] = {}

    def channel_of(self, group_id: str) -> str | None:
        """Return the channel of a configured group, or None when nothing is known of it."""
        group = self._workspace.settings.subscription_groups.get(group_id)
        return group.channel if group is not None else None

    def _kind_of(self, group_id: str) -> str:
        return "email" if self.channel_of(group_id) in (None, "email") else "phone"

    def set_email_state(self, email: str, state: str) -> None:
        """Change the global state of an address, whoever has it, now or within thirty days."""
        owners = self._workspace.store.by_address("email", email)
        if owners:
            self.set_email_state_of(owners[0], state)
        else:
            self._orphan("email", email).email_state = state
            self._note_email(email, state)

    def set_email_state_of(self, profile: Profile, state: str) -> None:
        """Change the global state of a person and of all who share the address."""
        email = profile.email
        for owner in self._workspace.store.by_address("email", email) if email is not None else [profile]:
            self._workspace.before_change(owner, self._workspace.clock.now())
            owner.standard["email_subscribe"] = state
            self._workspace.currents.emit(GLOBAL_CHANGE, owner, _change_fields("email", email, state))
        if email is not None:
            self._note_email(email, state)

    def _note_email(self, email: str, state: str) -> None:
        if state == "unsubscribed":
            self.unsubscribed_at[email] = self._workspace.clock.now()
        else:
            self.unsubscribed_at.pop(email, None)

    def set_group(self, kind: str, address: str, group_id: str, state: str) -> bool:
        """Change a group for an address; False when the group is archived."""
        owners = self._workspace.store.by_address(kind, address)
        if self._is_archived(group_id):
            return False
        if not owners:
            self._orphan(kind, address).groups[group_id] = state
        self._write_group(owners, group_id, state)
        return True

    def set_group_of(self, profile: Profile, group_id: str, state: str) -> bool:
        """Change a group for a person and all who share the address; False when the group is archived."""
        if self._is_archived(group_id):
            return False
        kind = self._kind_of(group_id)
        address = profile.email if kind == "email" else profile.phone
        owners = self._workspace.store.by_address(kind, address) if address is not None else [profile]
        self._write_group(owners, group_id, state)
        return True

    def _is_archived(self, group_id: str) -> bool:
        group = self._workspace.settings.subscription_groups.get(group_id)
        return group is not None and group.archived

    def _write_group(self, owners: list[Profile], group_id: str, state: str) -> None:
        for owner in owners:
            self._workspace.before_change(owner, self._workspace.clock.now())
            owner.groups = {**(owner.groups or {}), group_id: state}
            kind = self._kind_of(group_id)
            address = owner.email if kind == "email" else owner.phone
            fields = _change_fields(self.channel_of(group_id) or kind, address, state)
            self._workspace.currents.emit(GROUP_CHANGE, owner, {**fields, "subscription_group_id": group_id})

    def _orphan(self, kind: str, address: str) -> _Orphan:
        orphan = self._orphans.setdefault((kind, address), _Orphan())
        orphan.until = self._workspace.clock.now() + ORPHAN_LIFE_S
        while len(self._orphans) > ORPHANS_MAX:
            del self._orphans[next(iter(self._orphans))]
        return orphan

    def inherit(self, profile: Profile, kind: str, address: str) -> None:
        """Give a person who has just got an address the states that belong to it."""
        others = [p for p in self._workspace.store.by_address(kind, address) if p is not profile]
        orphan = self._orphans.pop((kind, address), None)
        if orphan is not None and orphan.until < self._workspace.clock.now():
            orphan = None
        mine = {gid: state for gid, state in (profile.groups or {}).items() if self._kind_of(gid) != kind}
        theirs: dict[str, str] = {}
        state: object = None
        if others:
            shared = others[0].groups or {}
            theirs = {gid: value for gid, value in shared.items() if self._kind_of(gid) == kind}
            state = others[0].standard.get("email_subscribe")
        elif orphan is not None:
            theirs, state = orphan.groups, orphan.email_state
        profile.groups = {**mine, **theirs} or None
        if kind == "email":
            profile.standard["email_subscribe"] = state or "subscribed"

    def forget(self, profile: Profile) -> None:
        """Drop the states of addresses that nobody else has."""
        email, phone = profile.email, profile.phone
        if email is not None and not self._workspace.store.by_address("email", email):
            self._orphans.pop(("email", email), None)
            self.unsubscribed_at.pop(email, None)
        if phone is not None and not self._workspace.store.by_address("phone", phone):
            self._orphans.pop(("phone", phone), None)

    def unsubscribe_bounced(self, email: str) -> None:
        """Put an address on the list of those that are never written to."""
        self.set_email_state(email, "unsubscribed")
        self.bounced_at[email] = self._workspace.clock.now()


def _change_fields(channel: str, address: str | None, state: str) -> dict[str, object]:
    return {
        "channel": channel,
        "channel_identifier": address,
        "email_address": address if channel == "email" else None,
        "state_change_source": "REST",
        "subscription_status": STATUS_TEXTS[state],
    }
