"""All people of one local Braze, in memory only: nothing survives the process.

Finds, creates, joins and removes profiles as the identifier rules of /users/track and /users/identify
say. Ids are drawn from a seeded generator, so that equal runs give equal ids.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from onefold.sandbox.braze.identifiers import Who
from onefold.sandbox.braze.profile import Commerce, Profile


class Store:
    """Profiles and the indexes to find them by."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._next_seq = 1
        self._update_seq = 0
        self.profiles: dict[int, Profile] = {}
        self._external: dict[str, Profile] = {}
        self._braze: dict[str, Profile] = {}
        self._alias: dict[tuple[str, str], Profile] = {}
        self._email: dict[str, dict[int, Profile]] = {}
        self._phone: dict[str, dict[int, Profile]] = {}
        self._token: dict[str, Profile] = {}

    def __len__(self) -> int:
        return len(self.profiles)

    def by_external_id(self, external_id: str) -> Profile | None:
        """Return the profile with this external id."""
        return self._external.get(external_id)

    def by_alias(self, label: str, name: str) -> Profile | None:
        """Return the profile with this alias; case counts."""
        return self._alias.get((label, name))

    def by_braze_id(self, braze_id: str) -> Profile | None:
        """Return the profile with this Braze id."""
        return self._braze.get(braze_id)

    def by_token(self, token: str) -> Profile | None:
        """Return the profile that holds a push token."""
        return self._token.get(token)

    def by_address(self, kind: str, value: str) -> list[Profile]:
        """Return all profiles with an email (lower-case) or phone (stored form)."""
        index = self._email if kind == "email" else self._phone
        return list(index.get(value, {}).values())

    def find(self, who: Who) -> Profile | None:
        """Return the profile that track would write to, or None."""
        if who.kind == "external_id":
            return self._external.get(who.value)
        if who.kind == "user_alias":
            return self._alias.get((who.label, who.value))
        if who.kind == "braze_id":
            return self._braze.get(who.value)
        if who.kind == "token":
            return None
        return _best_of(self.by_address(who.kind, who.value))

    def create(self, who: Who, at: float) -> Profile:
        """Make a profile with one identifier; the caller has checked that nobody has it."""
        braze_id = f"{self._rng.getrandbits(96):024x}"
        profile = Profile(self._next_seq, braze_id, self._rng.randrange(10_000), at)
        self._next_seq += 1
        self.profiles[profile.seq] = profile
        self._braze[braze_id] = profile
        if who.kind == "external_id":
            self.set_external_id(profile, who.value)
        elif who.kind == "user_alias":
            self.add_alias(profile, who.label, who.value)
        elif who.kind == "email":
            self.set_email(profile, who.value)
        elif who.kind == "phone":
            self.set_phone(profile, who.value)
        return profile

    def touch(self, profile: Profile, at: float) -> None:
        """Note that a profile was updated now."""
        self._update_seq += 1
        profile.updated_seq = self._update_seq
        profile.updated_at = at

    def set_external_id(self, profile: Profile, external_id: str) -> None:
        """Give an anonymous profile its external id."""
        profile.external_id = external_id
        self._external[external_id] = profile

    def rename(self, profile: Profile, external_id: str) -> None:
        """Give a known profile another primary id; the old one still leads to it."""
        if profile.external_id is not None:
            profile.former_ids = [*(profile.former_ids or []), profile.external_id]
        self.set_external_id(profile, external_id)

    def drop_former_id(self, external_id: str) -> bool:
        """Forget a deprecated id; False when it is none."""
        profile = self._external.get(external_id)
        if profile is None or external_id not in (profile.former_ids or []):
            return False
        profile.former_ids = [one for one in profile.former_ids or [] if one != external_id]
        del self._external[external_id]
        return True

    def drop_alias(self, profile: Profile, label: str) -> None:
        """Take an alias away."""
        name = (profile.aliases or {}).pop(label, None)
        if name is not None:
            self._alias.pop((label, name), None)

    def add_alias(self, profile: Profile, label: str, name: str) -> None:
        """Add an alias that nobody has, under a label that the profile has not."""
        if profile.aliases is None:
            profile.aliases = {}
        profile.aliases[label] = name
        self._alias[(label, name)] = profile

    def set_email(self, profile: Profile, email: str | None) -> None:
        """Change the address."""
        _unlink(self._email, profile.email, profile)
        if email is None:
            profile.standard.pop("email", None)
            return
        profile.standard["email"] = email
        self._email.setdefault(email, {})[profile.seq] = profile

    def set_phone(self, profile: Profile, phone: str | None) -> None:
        """Change the number."""
        _unlink(self._phone, profile.phone, profile)
        if phone is None:
            profile.standard.pop("phone", None)
            return
        profile.standard["phone"] = phone
        self._phone.setdefault(phone, {})[profile.seq] = profile

    def add_token(self, profile: Profile, token: dict[str, object]) -> None:
        """Give a push token to a profile; a token has one owner."""
        profile.push_tokens = [t for t in profile.push_tokens or [] if t.get("token") != token.get("token")]
        profile.push_tokens.append(token)
        self._token[str(token.get("token"))] = profile

    def remove(self, profile: Profile) -> None:
        """Forget a profile and everything that leads to it."""
        self.profiles.pop(profile.seq, None)
        self._braze.pop(profile.braze_id, None)
        for external_id in (profile.external_id, *(profile.former_ids or [])):
            if external_id is not None and self._external.get(external_id) is profile:
                del self._external[external_id]
        for label, name in (profile.aliases or {}).items():
            if self._alias.get((label, name)) is profile:
                del self._alias[(label, name)]
        for token in profile.push_tokens or []:
            if self._token.get(str(token.get("token"))) is profile:
                del self._token[str(token.get("token"))]
        _unlink(self._email, profile.email, profile)
        _unlink(self._phone, profile.phone, profile)

    def merge(self, keep: Profile, gone: Profile, at: float, copy_fields: bool = True) -> None:
        """Fold one profile into another, which keeps its own fields, and remove the first."""
        self.remove(gone)
        for label, name in (gone.aliases or {}).items():
            if label not in (keep.aliases or {}):
                self.add_alias(keep, label, name)
        for token in gone.push_tokens or []:
            self.add_token(keep, token)
        if copy_fields:
            self._fill_gaps(keep, gone)
            _sum_counts(keep, gone)
        self.touch(keep, at)

    def _fill_gaps(self, keep: Profile, gone: Profile) -> None:
        if gone.email is not None and keep.email is None:
            self.set_email(keep, gone.email)
        if gone.phone is not None and keep.phone is None:
            self.set_phone(keep, gone.phone)
        keep.standard = {**gone.standard, **keep.standard}
        keep.custom = {**gone.custom, **keep.custom}
        if gone.groups:
            keep.groups = {**gone.groups, **(keep.groups or {})}

    def page(self, after_seq: int, limit: int) -> Iterator[Profile]:
        """Yield profiles in order of creation after `after_seq`."""
        found = 0
        for seq in range(after_seq + 1, self._next_seq):
            profile = self.profiles.get(seq)
            if profile is not None:
                yield profile
                found += 1
                if found == limit:
                    return


def _best_of(matches: list[Profile]) -> Profile | None:
    """Prefer the most recently updated with an external id, then the most recently updated."""
    if not matches:
        return None
    return max(matches, key=lambda profile: (profile.is_known(), profile.updated_seq))


def _unlink(index: dict[str, dict[int, Profile]], value: str | None, profile: Profile) -> None:
    owners = index.get(value) if value is not None else None
    if owners is not None and value is not None:
        owners.pop(profile.seq, None)
        if not owners:
            del index[value]


def _sum_counts(keep: Profile, gone: Profile) -> None:
    for name, tally in (gone.events or {}).items():
        keep.events = keep.events or {}
        if name in keep.events:
            keep.events[name].absorb(tally)
        else:
            keep.events[name] = tally
    for name, tally in (gone.purchases or {}).items():
        keep.purchases = keep.purchases or {}
        if name in keep.purchases:
            keep.purchases[name].absorb(tally)
        else:
            keep.purchases[name] = tally
    for currency, micros in (gone.revenue_micros or {}).items():
        keep.add_revenue(currency, micros)
    if gone.event_log:
        keep.event_log = sorted(gone.event_log + (keep.event_log or []), key=lambda raw: raw.applied_at)
    if gone.purchase_log:
        keep.purchase_log = sorted(
            gone.purchase_log + (keep.purchase_log or []), key=lambda raw: raw.applied_at
        )
    if gone.commerce is not None:
        keep.commerce = keep.commerce or Commerce()
        keep.commerce.orders += gone.commerce.orders
        keep.commerce.refunds += gone.commerce.refunds
        keep.commerce.carts.update(gone.commerce.carts)
    keep.data_points += gone.data_points
