"""What accepted objects do to people, once their delay has passed.

In: checked attributes, events and purchases of one request. Out: changed profiles, data points, silent
no-ops noted. Inside a request attributes come first, then events, then purchases.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec

from onefold.sandbox.braze.attributes import CheckedAttributes
from onefold.sandbox.braze.custom import IgnoredError, write_custom
from onefold.sandbox.braze.ecommerce import PREFIX, SCHEMAS, derive
from onefold.sandbox.braze.events import CheckedEvent, CheckedPurchase
from onefold.sandbox.braze.identifiers import JsonObject, Who
from onefold.sandbox.braze.journal import Entry
from onefold.sandbox.braze.meter import month_of
from onefold.sandbox.braze.profile import MICROS, Profile, RawEvent, RawPurchase
from onefold.sandbox.braze.standard import CONTROL_FIELDS, EXPORT_ONLY_FIELDS, FIELD_VALUES, FREE_FIELDS
from onefold.sandbox.braze.workspace import Workspace

PROPERTY_NAMES_MAX = 256
CUSTOM_EVENT, PURCHASE = "users.behaviors.CustomEvent", "users.behaviors.Purchase"
# Names beyond these are kept but no longer held to one type: memory must not grow with a sender's mistakes.
WORKSPACE_NAMES_MAX = 10_000
# Applied before all others, so that states sent with a new address are not replaced by the inherited ones.
FIRST_FIELD = "email"
_encode = msgspec.json.Encoder().encode


class Change:
    """One request's changes to a workspace."""

    def __init__(self, workspace: Workspace, entry: Entry) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._settings = workspace.settings
        self._meter = workspace.meter
        self._entry = entry
        self._now = workspace.clock.now()
        self._month = month_of(self._now)

    def apply(
        self,
        attributes: Sequence[CheckedAttributes],
        events: Sequence[CheckedEvent],
        purchases: Sequence[CheckedPurchase],
    ) -> None:
        """Apply everything that was accepted of one request."""
        for fields in attributes:
            self._apply_attributes(fields)
        for event in events:
            self._apply_event(event)
        for purchase in purchases:
            self._apply_purchase(purchase)

    def _profile_of(self, who: Who, update_only: bool | None, may_create_alias: bool) -> Profile | None:
        profile = self._store.find(who)
        if profile is None and self._may_create(who, update_only, may_create_alias):
            profile = self._store.create(who, self._now)
            self._workspace.after_birth(profile, self._now)
        if profile is None:
            self._note("no_such_user", who)
            return None
        self._workspace.before_change(profile, self._now)
        self._store.touch(profile, self._now)
        self._meter.note_active(profile, self._month)
        return profile

    def _may_create(self, who: Who, update_only: bool | None, may_create_alias: bool) -> bool:
        if who.kind == "braze_id" or update_only is True:
            return False
        if who.kind == "user_alias":
            return update_only is False and may_create_alias
        return True

    def _apply_event(self, event: CheckedEvent) -> None:
        name = event.name
        if name in self._settings.blocked_names:
            self._note("blocklisted", event.who, name)
            return
        profile = self._profile_of(event.who, event.update_only, self._settings.alias_events_create)
        if profile is None:
            return
        properties = self._known_properties(name, event.properties)
        profile.count_event(name, event.at)
        _remember(self._workspace.event_names, name)
        if self._settings.currents is not None:
            fields: JsonObject = {"name": name}
            self._workspace.currents.emit(CUSTOM_EVENT, profile, fields, properties, event.at)
        self._workspace.totals.events += 1
        raw = _encode(properties)
        if self._workspace.has_raw_room(len(raw)):
            if profile.event_log is None:
                profile.event_log = []
            profile.event_log.append(RawEvent(name, event.at, raw, self._now, self._entry.id))
            while len(profile.event_log) > self._settings.raw_events_per_user_max:
                self._workspace.totals.raw_bytes -= len(profile.event_log.pop(0).properties)
        if name.startswith(PREFIX) and name in SCHEMAS:
            derive(profile, name, properties, self._now)
        else:
            self._bill(profile, "event:" + name, 1)

    def _known_properties(self, name: str, properties: JsonObject) -> JsonObject:
        """Keep the first 256 property names that a name ever had."""
        if not properties:
            return properties
        names = self._workspace.property_names
        known = names.get(name)
        if known is None:
            if len(names) >= WORKSPACE_NAMES_MAX:
                return properties
            known = names[name] = set()
        if properties.keys() <= known:
            return properties
        for key in properties:
            if key not in known and len(known) < PROPERTY_NAMES_MAX:
                known.add(key)
        if properties.keys() <= known:
            return properties
        self._workspace.ignored.note("property_names_over_256", self._entry.id, "", name)
        return {key: value for key, value in properties.items() if key in known}

    def _apply_purchase(self, purchase: CheckedPurchase) -> None:
        if purchase.product_id in self._settings.blocked_names:
            self._note("blocklisted", purchase.who, purchase.product_id)
            return
        profile = self._profile_of(purchase.who, purchase.update_only, self._settings.alias_events_create)
        if profile is None:
            return
        quantity = purchase.quantity
        micros = round(purchase.price * MICROS) * quantity
        profile.count_purchases(purchase.product_id, purchase.at, quantity)
        _remember(self._workspace.product_ids, purchase.product_id)
        if self._settings.currents is not None:
            self._emit_purchases(profile, purchase)
        profile.add_revenue(purchase.currency, micros)
        totals = self._workspace.totals
        totals.purchases += quantity
        totals.revenue_micros[purchase.currency] = totals.revenue_micros.get(purchase.currency, 0) + micros
        self._bill(profile, "purchases", quantity)
        raw = _encode(purchase.properties)
        if self._workspace.has_raw_room(len(raw)):
            if profile.purchase_log is None:
                profile.purchase_log = []
            fields = (purchase.product_id, purchase.currency, purchase.price, quantity, purchase.at)
            profile.purchase_log.append(RawPurchase(*fields, raw, self._now, self._entry.id))
            while len(profile.purchase_log) > self._settings.raw_events_per_user_max:
                totals.raw_bytes -= len(profile.purchase_log.pop(0).properties)

    def _emit_purchases(self, profile: Profile, purchase: CheckedPurchase) -> None:
        """Tell of `quantity` purchases of one."""
        fields: JsonObject = {
            "product_id": purchase.product_id,
            "currency": purchase.currency,
            "price": float(purchase.price),
        }
        for _ in range(purchase.quantity):
            self._workspace.currents.emit(PURCHASE, profile, fields, purchase.properties, purchase.at)

    def _apply_attributes(self, sent: CheckedAttributes) -> None:
        fields = sent.fields
        if sent.who.kind == "token" and self._has_known_token(fields):
            self._note("token_known", sent.who)
            return
        profile = self._profile_of(sent.who, sent.update_only, True)
        if profile is None:
            return
        self._workspace.totals.attributes += 1
        merge = fields.get("_merge_objects") is True
        if FIRST_FIELD in fields and sent.who.kind != FIRST_FIELD:
            self._apply_field(profile, sent.who, FIRST_FIELD, fields[FIRST_FIELD], merge)
        for name, value in fields.items():
            if name in CONTROL_FIELDS or name in (sent.who.kind, FIRST_FIELD):
                continue
            self._apply_field(profile, sent.who, name, value, merge)

    def _has_known_token(self, fields: JsonObject) -> bool:
        tokens = cast(list[JsonObject], fields["push_tokens"])
        return any(self._store.by_token(str(token["token"])) is not None for token in tokens)

    def _apply_field(self, profile: Profile, who: Who, name: str, value: object, merge: bool) -> None:
        try:
            if name in self._settings.blocked_names:
                raise IgnoredError("blocklisted")
            if name in EXPORT_ONLY_FIELDS:
                raise IgnoredError("export_only_field")
            if name in FIELD_VALUES:
                points = self._write_standard(profile, name, value)
            else:
                points = self._write_custom(profile, name, value, merge)
        except IgnoredError as reason:
            self._note(str(reason), who, name)
            return
        self._bill(profile, name, points)

    def _write_standard(self, profile: Profile, name: str, value: object) -> int:
        stored = None if value is None else FIELD_VALUES[name](value)
        if name == "email":
            self._set_email(profile, str(stored).lower() if stored is not None else None)
        elif name == "phone":
            self._set_phone(profile, str(stored) if stored is not None else None)
            profile.phone_as_sent = value if isinstance(value, str) else None
        elif name == "email_subscribe":
            self._workspace.states.set_email_state_of(profile, str(stored))
        elif name == "subscription_groups":
            self._set_groups(profile, cast(list[JsonObject], stored))
        elif name == "push_tokens":
            for token in cast(list[JsonObject], stored):
                self._store.add_token(profile, token)
        elif stored is None:
            profile.standard.pop(name, None)
        else:
            profile.standard[name] = stored
        return 0 if name in FREE_FIELDS else 1

    def _set_email(self, profile: Profile, email: str | None) -> None:
        is_new = email != profile.email
        self._store.set_email(profile, email)
        if is_new and email is not None:
            self._workspace.states.inherit(profile, "email", email)

    def _set_phone(self, profile: Profile, phone: str | None) -> None:
        is_new = phone != profile.phone
        self._store.set_phone(profile, phone)
        if is_new and phone is not None:
            self._workspace.states.inherit(profile, "phone", phone)

    def _set_groups(self, profile: Profile, groups: list[JsonObject]) -> None:
        for group in groups:
            group_id = str(group["subscription_group_id"])
            if not self._workspace.states.set_group_of(profile, group_id, str(group["subscription_state"])):
                raise IgnoredError("group_archived")

    def _write_custom(self, profile: Profile, name: str, value: object, merge: bool) -> int:
        kinds = self._workspace.attribute_types
        fixed: str | None = self._settings.forced_types.get(name)
        if fixed is None and self._settings.type_lock:
            fixed = kinds.get(name)
        if value == "" and fixed not in (None, "string"):
            raise IgnoredError("blank_for_other_type")
        written = write_custom(profile.custom.get(name), value, fixed, merge)
        if written.kind is not None and len(kinds) < WORKSPACE_NAMES_MAX:
            kinds.setdefault(name, written.kind)
        if written.value is None:
            profile.custom.pop(name, None)
        else:
            profile.custom[name] = written.value
        return written.points

    def _bill(self, profile: Profile, field: str, points: int) -> None:
        if points:
            self._meter.add(profile, field, points, self._now)
            self._entry.data_points += points
            by_field = self._entry.points_by_field
            by_field[field] = by_field.get(field, 0) + points

    def _note(self, reason: str, who: Who, field: str = "") -> None:
        self._workspace.ignored.note(reason, self._entry.id, f"{who.kind}:{who.value}", field)


def _remember(names: dict[str, None], name: str) -> None:
    if name not in names and len(names) < WORKSPACE_NAMES_MAX:
        names[name] = None
