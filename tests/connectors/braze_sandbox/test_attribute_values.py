"""Custom attributes: types, operations, nesting, silent no-ops, and the data points of each."""

from __future__ import annotations

from typing import cast

import pytest

from onefold.testing.sandbox import BrazeSandbox

BIG = ["x" * 200 + str(n) for n in range(600)]

# name, values sent one after the other, stored at the end (None: no attribute), data points in all
CASES: list[tuple[str, list[object], object, int]] = [
    ("string", ["gold"], "gold", 1),
    ("empty_string", ["gold", ""], "", 2),
    ("unchanged_costs_again", ["gold", "gold"], "gold", 2),
    ("integer", [5], 5, 1),
    ("float", [5.25], 5.25, 1),
    ("boolean", [False], False, 1),
    ("null_removes", ["gold", None], None, 2),
    ("null_of_nothing", [None], None, 1),
    ("time_iso", ["2026-01-02T03:04:05+01:00"], "2026-01-02T02:04:05.000Z", 1),
    ("time_date", ["2026-01-02"], "2026-01-02T00:00:00.000Z", 1),
    ("time_us", ["01/31/2026"], "2026-01-31T00:00:00.000Z", 1),
    ("time_after_3000", ["3001-01-02"], "3001-01-02", 1),
    ("not_a_time", ["2026-01-02 at noon"], "2026-01-02 at noon", 1),
    ("locked_string_takes_numbers", ["a", 5], "5", 2),
    ("locked_string_takes_booleans", ["a", True], "true", 2),
    ("locked_string_keeps_times_as_text", ["a", "2026-01-02"], "2026-01-02", 2),
    ("locked_number_reads_text", [1, "2.5"], 2.5, 2),
    ("locked_number_ignores_text", [1, "many"], 1, 1),
    ("locked_number_ignores_blank", [1, ""], 1, 1),
    ("locked_boolean_reads_1", [False, 1], True, 2),
    ("locked_boolean_reads_f", [True, "F"], False, 2),
    ("locked_boolean_ignores_others", [True, "no"], True, 1),
    ("locked_time_ignores_text", ["2026-01-02", "soon"], "2026-01-02T00:00:00.000Z", 1),
    ("locked_string_ignores_arrays", ["a", ["b"]], "a", 1),
    ("locked_array_ignores_scalars", [["a"], "b"], ["a"], 1),
    ("locked_object_ignores_scalars", [{"a": 1}, 5], {"a": 1}, 1),
    ("inc", [5, {"inc": 2}, {"inc": -4}], 3, 3),
    ("inc_from_nothing", [{"inc": 2}], 2, 1),
    ("inc_on_text_ignored", ["a", {"inc": 2}], "a", 1),
    ("inc_by_text_ignored", [5, {"inc": "2"}], 5, 1),
    ("array", [["a", "b"]], ["a", "b"], 1),
    ("array_empty", [["a"], []], [], 2),
    ("array_unique_last_place", [["a", "b", "a"]], ["b", "a"], 1),
    ("array_mixed_becomes_text", [["a", 1, True]], ["a", "1", "true"], 1),
    ("array_of_500", [list(range(600))], list(range(100, 600)), 1),
    ("array_over_100_kb", [["a"], BIG], ["a"], 1),
    ("array_with_null_ignored", [["a"], ["b", None]], ["a"], 1),
    ("array_add", [["a", "b"], {"add": ["c", "a"]}], ["b", "c", "a"], 3),
    ("array_add_to_nothing", [{"add": ["c"]}], ["c"], 1),
    ("array_remove", [["a", "b"], {"remove": ["a", "zz"]}], ["b"], 3),
    ("array_add_and_remove", [["a"], {"add": ["b"], "remove": ["a"]}], ["b"], 3),
    ("array_add_overflow", [list(range(500)), {"add": [500]}], list(range(1, 501)), 2),
    (
        "object",
        [{"city": "Rome", "zip": {"code": 1, "area": 2}}],
        {"city": "Rome", "zip": {"code": 1, "area": 2}},
        3,
    ),
    ("object_replaces", [{"a": 1, "b": 2}, {"a": 3}], {"a": 3}, 3),
    ("object_null_inside_drops", [{"a": 1}, {"a": 2, "b": None}], {"a": 1}, 1),
    ("object_time", [{"at": {"$time": "2020-05-28"}}], {"at": "2020-05-28T00:00:00.000Z"}, 1),
    ("object_bad_time_drops", [{"a": 1}, {"a": 2, "at": {"$time": "soon"}}], {"a": 1}, 1),
    ("object_bad_key_drops", [{"a": 1}, {"a b": 2}], {"a": 1}, 1),
    ("object_dotted_key_drops", [{"a": 1}, {"a.b": 2}], {"a": 1}, 1),
    ("object_over_100_kb", [{"a": 1}, {"a": BIG}], {"a": 1}, 1),
    ("objects", [[{"id": 1, "n": "a"}, {"id": 2}]], [{"id": 1, "n": "a"}, {"id": 2}], 3),
    ("objects_add", [[{"id": 1}], {"$add": [{"id": 2}, {"id": 1}]}], [{"id": 1}, {"id": 2}, {"id": 1}], 3),
    (
        "objects_update_replaces_all_matches",
        [
            [{"id": 1, "a": 1}, {"id": 2}, {"id": 1, "b": 1}],
            {
                "$update": [
                    {"$identifier_key": "id", "$identifier_value": 1, "$new_object": {"id": 1, "c": 3}}
                ]
            },
        ],
        [{"id": 1, "c": 3}, {"id": 2}, {"id": 1, "c": 3}],
        7,
    ),
    (
        "objects_remove_runs_after_add",
        [
            [{"id": 1}],
            {"$remove": [{"$identifier_key": "id", "$identifier_value": 1}], "$add": [{"id": 1}, {"id": 3}]},
        ],
        [{"id": 3}],
        4,
    ),
    (
        "objects_match_by_type",
        [[{"id": 1}], {"$remove": [{"$identifier_key": "id", "$identifier_value": "1"}]}],
        [{"id": 1}],
        2,
    ),
    ("objects_bad_operation_ignored", [[{"id": 1}], {"$remove": [1]}], [{"id": 1}], 1),
    ("scalars_into_objects_ignored", [[{"id": 1}], ["a"]], [{"id": 1}], 1),
]


@pytest.mark.parametrize(("name", "sent", "stored", "points"), CASES, ids=[case[0] for case in CASES])
def test_custom_attribute(
    braze: BrazeSandbox, name: str, sent: list[object], stored: object, points: int
) -> None:
    for value in sent:
        reply = braze.track(attributes=[{"external_id": "u1", name: value}])
        assert reply.payload == {"message": "success", "attributes_processed": 1}
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert cast(dict[str, object], user["custom_attributes"]).get(name) == stored
    assert user["data_points"] == points


def test_merge_objects_is_deep(braze: BrazeSandbox) -> None:
    first = {"a": {"b": 1, "c": 2}, "list": [1]}
    second = {"a": {"c": 3, "d": 4}, "list": [2]}
    braze.track(attributes=[{"external_id": "u1", "o": first}])
    braze.track(attributes=[{"external_id": "u1", "_merge_objects": True, "o": second}])
    update = {"$identifier_key": "id", "$identifier_value": 1, "$new_object": {"b": 2}}
    braze.track(attributes=[{"external_id": "u1", "list_of": [{"id": 1, "a": 1}]}])
    braze.track(attributes=[{"external_id": "u1", "_merge_objects": True, "list_of": {"$update": [update]}}])
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert user["custom_attributes"] == {
        "o": {"a": {"b": 1, "c": 3, "d": 4}, "list": [2]},
        "list_of": [{"id": 1, "a": 1, "b": 2}],
    }


def test_type_is_fixed_for_the_whole_workspace(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "u1", "score": 1}, {"external_id": "u2", "score": "high"}])
    braze.flush()
    user = braze.user("u2")
    assert user is not None
    assert user["custom_attributes"] == {}
    assert braze.ignored()["by_reason"] == {"type_mismatch": 1}


def test_forced_types_and_blocked_names(braze: BrazeSandbox) -> None:
    braze.change_settings(forced_types={"score": "number"}, blocked_names=["secret", "Hidden"])
    reply = braze.track(
        attributes=[{"external_id": "u1", "score": "7", "secret": "x"}],
        events=[{"external_id": "u1", "name": "Hidden", "time": "2026-01-01"}],
    )
    assert reply.payload == {"message": "success", "attributes_processed": 1, "events_processed": 1}
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert (user["custom_attributes"], user["custom_events"], user["data_points"]) == ({"score": 7}, [], 1)


STANDARD: list[tuple[str, list[object], object]] = [
    ("first_name", ["Ann"], "Ann"),
    ("first_name", ["Ann", None], None),
    ("first_name", ["Ann", 5], "Ann"),
    ("email", ["Ann@Example.COM"], "ann@example.com"),
    ("email", ["ünï@example.com"], "ünï@example.com"),
    ("phone", ["+44 20 7946 0958"], "+442079460958"),
    ("phone", ["(202) 555-0143"], "+12025550143"),
    ("dob", ["1980-12-21"], "1980-12-21"),
    ("dob", ["1980-12-21", "21.12.1980"], "1980-12-21"),
    ("gender", ["F", "female"], "F"),
    ("country", ["Australia"], "AU"),
    ("country", ["gb"], "GB"),
    ("country", ["GB", "Atlantis"], None),
    ("language", ["de", "klingon"], "de"),
    ("time_zone", ["Eastern Time (US & Canada)"], "Eastern Time (US & Canada)"),
    ("time_zone", ["Europe/Paris", "Europe/Nowhere"], "Europe/Paris"),
    ("current_location", [{"longitude": 2.35, "latitude": 48.85}], [2.35, 48.85]),
    ("image_url", ["https://example.com/" + "a" * 500], "https://example.com/" + "a" * 500),
    ("email_open_tracking_disabled", [True], True),
]


@pytest.mark.parametrize(("field", "sent", "stored"), STANDARD)
def test_standard_field(braze: BrazeSandbox, field: str, sent: list[object], stored: object) -> None:
    for value in sent:
        assert braze.track(attributes=[{"external_id": "u1", field: value}]).status == 201
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert cast(dict[str, object], user["attributes"]).get(field) == stored
    assert user["custom_attributes"] == {}


def test_wrong_case_makes_a_custom_attribute_and_export_only_names_are_ignored(braze: BrazeSandbox) -> None:
    braze.track(attributes=[{"external_id": "u1", "First_Name": "Ann", "random_bucket": 5, "app_id": "x"}])
    braze.flush()
    user = braze.user("u1")
    assert user is not None
    assert user["custom_attributes"] == {"First_Name": "Ann"}
    assert braze.ignored()["by_reason"] == {"export_only_field": 1}


def test_states_belong_to_the_address(braze: BrazeSandbox) -> None:
    group = "11111111-2222-3333-4444-555555555555"
    braze.track(
        attributes=[{"external_id": "u1", "email": "a@b.de"}, {"external_id": "u2", "email": "a@b.de"}]
    )
    states = [{"subscription_group_id": group, "subscription_state": "unsubscribed"}]
    braze.track(
        attributes=[{"external_id": "u1", "email_subscribe": "unsubscribed", "subscription_groups": states}]
    )
    braze.track(attributes=[{"external_id": "u3", "email": "A@B.de"}])
    braze.track(attributes=[{"external_id": "u4", "email_subscribe": "opted_in", "email": "c@d.de"}])
    braze.track(attributes=[{"external_id": "u1", "email": "new@b.de"}])
    braze.flush()
    seen = {}
    for key in ("u1", "u2", "u3", "u4"):
        user = braze.user(key)
        assert user is not None
        seen[key] = (
            cast(dict[str, object], user["attributes"])["email_subscribe"],
            user["subscription_groups"],
            user["data_points"],
        )
    assert seen == {
        "u1": ("subscribed", {}, 2),
        "u2": ("unsubscribed", {group: "unsubscribed"}, 1),
        "u3": ("unsubscribed", {group: "unsubscribed"}, 1),
        "u4": ("opted_in", {}, 1),
    }
