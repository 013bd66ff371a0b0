"""/users/identify, /users/alias/new and /users/delete."""

from __future__ import annotations

from typing import cast

import pytest

from onefold.testing.sandbox import BrazeSandbox

AT = "2026-01-02T03:04:05Z"
ALIAS = {"alias_name": "anon-1", "alias_label": "anonymous_id"}
LINK = {"external_id": "u1", "user_alias": ALIAS}
TOO_MANY = "The max number of external_ids and aliases per request was exceeded"
NO_ARRAY = "'aliases_to_identify', 'emails_to_identify' or 'phone_numbers_to_identify' is required"
IDENTIFIED = {"prioritization": ["unidentified", "most_recently_updated"]}


def add_anonymous(braze: BrazeSandbox, alias: dict[str, str] = ALIAS, **fields: object) -> None:
    """Make an alias-only person."""
    braze.track(attributes=[{"user_alias": alias, "_update_existing_only": False, **fields}])
    braze.flush()


def identify(braze: BrazeSandbox, **body: object) -> dict[str, object]:
    """Identify and apply; returns the answer's body."""
    reply = braze.call("/users/identify", body)
    assert reply.status == 201
    braze.flush()
    return reply.payload


def test_unknown_external_id_goes_to_the_anonymous_person(braze: BrazeSandbox) -> None:
    add_anonymous(braze, plan="gold")
    payload = identify(braze, aliases_to_identify=[LINK])
    assert payload == {"message": "success", "aliases_processed": 1}
    user = braze.user("u1")
    assert user is not None
    assert (user["custom_attributes"], user["aliases"]) == ({"plan": "gold"}, {"anonymous_id": "anon-1"})
    assert braze.stats()["users"] == 1


def test_known_external_id_absorbs_the_anonymous_person(braze: BrazeSandbox) -> None:
    add_anonymous(braze, plan="gold", first_name="Ann", email="a@b.de")
    event = {"user_alias": ALIAS, "name": "Viewed", "time": AT}
    purchase = {"user_alias": ALIAS, "product_id": "p", "currency": "EUR", "price": 2, "time": AT}
    braze.track(events=[event], purchases=[purchase])
    braze.track(
        attributes=[{"external_id": "u1", "plan": "silver"}],
        events=[{"external_id": "u1", "name": "Viewed", "time": "2025-01-01"}],
    )
    braze.flush()
    identify(braze, aliases_to_identify=[LINK])
    user = braze.user("u1")
    assert user is not None
    assert user["custom_attributes"] == {"plan": "silver"}
    assert cast(dict[str, object], user["attributes"])["first_name"] == "Ann"
    assert (user["email"], user["revenue"]) == ("a@b.de", {"EUR": 2.0})
    assert user["custom_events"] == [
        {
            "name": "Viewed",
            "first": "2025-01-01T00:00:00.000Z",
            "last": "2026-01-02T03:04:05.000Z",
            "count": 2,
        }
    ]
    assert braze.stats()["users"] == 1
    braze.track(attributes=[{"user_alias": ALIAS, "later": 1}])
    braze.flush()
    assert (braze.user("u1") or {})["custom_attributes"] == {"plan": "silver", "later": 1}


def test_same_label_is_not_combined(braze: BrazeSandbox) -> None:
    add_anonymous(braze)
    identify(braze, aliases_to_identify=[LINK])
    other = {**ALIAS, "alias_name": "anon-2"}
    add_anonymous(braze, other)
    payload = identify(braze, aliases_to_identify=[{"external_id": "u1", "user_alias": other}])
    assert payload == {"message": "success", "aliases_processed": 1}
    assert braze.stats()["users"] == 2
    assert braze.ignored()["by_reason"] == {"label_taken": 1}


@pytest.mark.parametrize("name", ["Anon-1", "other"])
def test_wrong_case_and_unknown_alias_are_silent(braze: BrazeSandbox, name: str) -> None:
    add_anonymous(braze)
    link = {"external_id": "u1", "user_alias": {**ALIAS, "alias_name": name}}
    assert identify(braze, aliases_to_identify=[link])["aliases_processed"] == 1
    assert braze.user("u1") is None


def test_errors_are_listed_and_counted_out(braze: BrazeSandbox) -> None:
    assert identify(braze, aliases_to_identify=[{"user_alias": ALIAS}]) == {
        "aliases_processed": 0,
        "message": "success",
        "errors": [{"type": "'external_id' is required", "input_array": "user_identifiers", "index": 0}],
    }


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ({"external_id": "u1", "email": "a@b.de"}, "'prioritization' is required"),
        ({"external_id": "u1", "email": "a@b.de", "prioritization": []}, "'prioritization' is not valid"),
        (
            {"external_id": "u1", "email": "a@b.de", "prioritization": ["newest"]},
            "'prioritization' is not valid",
        ),
        (
            {"external_id": "u1", "email": "a@b.de", "prioritization": ["identified", "unidentified"]},
            "'prioritization' is not valid",
        ),
        (
            {"external_id": "u1", "email": "no", **IDENTIFIED},
            "The value provided for the 'email' field is not a valid email.",
        ),
    ],
)
def test_prioritization_is_checked(braze: BrazeSandbox, item: dict[str, object], text: str) -> None:
    payload = identify(braze, emails_to_identify=[item])
    assert payload["emails_processed"] == 0
    assert cast(list[dict[str, object]], payload["errors"])[0]["type"] == text


def test_email_and_phone_identify_the_one_that_the_order_leaves(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"email": "a@b.de", "n": 1}, {"phone": "+442079460958", "n": 2}])
    braze.flush()
    payload = identify(
        braze,
        emails_to_identify=[{"external_id": "u1", "email": "A@b.de", **IDENTIFIED}],
        phone_numbers_to_identify=[{"external_id": "u2", "phone": "+442079460958", **IDENTIFIED}],
    )
    assert payload == {"message": "success", "emails_processed": 1, "phone_numbers_processed": 1}
    assert [(braze.user(key) or {})["custom_attributes"] for key in ("u1", "u2")] == [{"n": 1}, {"n": 2}]


def test_several_matches_do_nothing(braze: BrazeSandbox) -> None:
    for name in ("a", "b"):
        add_anonymous(braze, {"alias_name": name, "alias_label": "l"}, email="a@b.de")
    wish = {"external_id": "u1", "email": "a@b.de", "prioritization": ["unidentified"]}
    assert identify(braze, emails_to_identify=[wish])["emails_processed"] == 1
    assert braze.user("u1") is None


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("identify", {"aliases_to_identify": [LINK] * 51}, TOO_MANY),
        ("identify", {}, NO_ARRAY),
        ("identify", {"aliases_to_identify": [LINK], "merge_behavior": "x"}, "'merge_behavior' is not valid"),
        ("alias/new", {"user_aliases": [ALIAS] * 51}, TOO_MANY),
        ("alias/new", {"user_aliases": []}, "'user_aliases' is required"),
        ("delete", {"external_ids": ["x"] * 51}, "The max number of ids per request was exceeded"),
    ],
)
def test_fatal_answers(braze: BrazeSandbox, path: str, body: dict[str, object], message: str) -> None:
    reply = braze.call(f"/users/{path}", body)
    assert (reply.status, reply.payload) == (400, {"message": message})


def test_alias_new(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "u1"}])
    braze.flush()
    wishes = [
        {"external_id": "u1", **ALIAS},
        {"external_id": "u1", "alias_name": "second", "alias_label": "anonymous_id"},
        {"external_id": "nobody", "alias_name": "x", "alias_label": "y"},
        {"alias_name": "alone", "alias_label": "y"},
        {"external_id": "u1", "alias_name": "alone", "alias_label": "y"},
        {"alias_label": "y"},
    ]
    reply = braze.call("/users/alias/new", {"user_aliases": wishes})
    assert (reply.status, reply.payload) == (
        201,
        {
            "aliases_processed": 5,
            "message": "success",
            "errors": [{"type": "'alias_name' is required", "input_array": "user_aliases", "index": 5}],
        },
    )
    braze.flush()
    assert (braze.user("u1") or {})["aliases"] == {"anonymous_id": "anon-1"}
    assert braze.stats()["users"] == 2
    assert braze.ignored()["by_reason"] == {"label_taken": 1, "no_such_user": 1, "alias_taken": 1}


def test_delete_counts_what_was_queued_and_happens_later(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "u1", "email": "a@b.de"}, {"external_id": "u2"}])
    braze.flush()
    reply = braze.call("/users/delete", {"external_ids": ["u1", "u2", "nobody", "none"]})
    assert (reply.status, reply.payload) == (201, {"deleted": 4, "message": "success"})
    assert braze.user("u1") is not None
    braze.flush()
    assert braze.stats()["users"] == 0
    export = braze.call("/users/export/ids", {"external_ids": ["u1"], "fields_to_export": ["external_id"]})
    assert export.payload == {"users": [], "invalid_user_ids": ["u1"], "message": "success"}


@pytest.mark.parametrize(
    "body",
    [
        {"user_aliases": [ALIAS]},
        {"email_addresses": [{"email": "a@b.de", "prioritization": ["most_recently_updated"]}]},
        {"phone_numbers": [{"phone": "+442079460958", "prioritization": ["unidentified"]}]},
    ],
)
def test_delete_by_other_identifiers(braze: BrazeSandbox, body: dict[str, object]) -> None:
    add_anonymous(braze, email="a@b.de", phone="+442079460958")
    assert braze.call("/users/delete", body).payload == {"deleted": 1, "message": "success"}
    braze.flush()
    assert braze.stats()["users"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"external_ids": []},
        {"external_ids": "u1"},
        {"external_ids": ["u1"], "braze_ids": ["b"]},
        {"external_ids": [5]},
        {"email_addresses": [{"email": "a@b.de"}]},
        {"email_addresses": [{"email": "a@b.de", "prioritization": ["least_recently_updated"]}]},
    ],
)
def test_delete_takes_exactly_one_good_array(braze: BrazeSandbox, body: dict[str, object]) -> None:
    assert braze.call("/users/delete", body).status == 400
