"""Who an object writes to, and who is made by it."""

from __future__ import annotations

import pytest

from onefold.testing.sandbox import BrazeSandbox

AT = "2026-01-02T03:04:05Z"
ALIAS = {"alias_name": "Anon-1", "alias_label": "anonymous_id"}


@pytest.mark.parametrize(
    ("who", "update_only", "made"),
    [
        ({"external_id": "u1"}, None, 1),
        ({"external_id": "u1"}, False, 1),
        ({"external_id": "u1"}, True, 0),
        ({"user_alias": ALIAS}, None, 0),
        ({"user_alias": ALIAS}, True, 0),
        ({"user_alias": ALIAS}, False, 1),
        ({"braze_id": "0123456789abcdef01234567"}, False, 0),
        ({"email": "a@b.de"}, None, 1),
        ({"email": "a@b.de"}, True, 0),
        ({"phone": "+442079460958"}, None, 1),
    ],
)
def test_who_is_made_by_attributes(
    braze: BrazeSandbox, who: dict[str, object], update_only: bool | None, made: int
) -> None:
    item = {**who, "a": 1}
    if update_only is not None:
        item["_update_existing_only"] = update_only
    assert braze.track(attributes=[item]).payload == {"message": "success", "attributes_processed": 1}
    braze.flush()
    assert braze.stats()["users"] == made
    assert braze.ignored()["by_reason"] == ({} if made else {"no_such_user": 1})


@pytest.mark.parametrize(("update_only", "made"), [(None, 0), (True, 0), (False, 0)])
def test_events_by_unknown_alias_are_ignored(
    braze: BrazeSandbox, update_only: bool | None, made: int
) -> None:
    item: dict[str, object] = {"user_alias": ALIAS, "name": "x", "time": AT}
    if update_only is not None:
        item["_update_existing_only"] = update_only
    assert braze.track(events=[item]).status == 201
    braze.flush()
    assert braze.stats()["users"] == made


def test_alias_case_counts(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"user_alias": ALIAS, "_update_existing_only": False}])
    braze.track(events=[{"user_alias": {**ALIAS, "alias_name": "anon-1"}, "name": "x", "time": AT}])
    braze.track(events=[{"user_alias": ALIAS, "name": "y", "time": AT}])
    braze.flush()
    assert braze.stats()["events"] == 1


def test_unknown_external_id_with_foreign_email_makes_a_duplicate(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"email": "a@b.de"}])
    braze.track(attributes=[{"external_id": "u1", "email": "a@b.de"}])
    braze.flush()
    assert [row["email"] for row in braze.users()] == ["a@b.de", "a@b.de"]


def test_email_prefers_the_last_updated_with_an_external_id(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "old", "email": "a@b.de"}])
    braze.track(attributes=[{"external_id": "new", "email": "a@b.de"}])
    braze.track(attributes=[{"external_id": "old", "touched": 1}])
    braze.track(attributes=[{"email": "A@b.de", "phone": "+441", "hit": True}])
    braze.flush()
    user = braze.user("old")
    assert user is not None
    assert user["custom_attributes"] == {"touched": 1, "hit": True}
    assert len(list(braze.users())) == 2


def test_email_comes_before_phone_and_phone_is_an_identifier_too(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "u1", "phone": "+442079460958"}])
    braze.track(attributes=[{"phone": "+44 2079 460958", "hit": True}])
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert user["custom_attributes"] == {"hit": True}


def test_braze_id_finds_but_never_makes(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "u1"}])
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    braze.track(attributes=[{"braze_id": user["braze_id"], "hit": True}])
    braze.flush()
    assert (braze.user("u1") or {})["custom_attributes"] == {"hit": True}


def test_push_token_import_makes_a_person_once(braze: BrazeSandbox) -> None:
    braze.change_settings(app_ids=["app"])
    item = {"push_token_import": True, "push_tokens": [{"app_id": "app", "token": "t1"}]}
    braze.track(attributes=[item])
    braze.track(attributes=[item])
    braze.flush()
    assert braze.stats()["users"] == 1
    assert braze.ignored()["by_reason"] == {"token_known": 1}
