"""Which of a person's aliases stand apart in Braze, by what is known of them."""

import msgspec

from onefold.connectors.braze.address import CREATED, IDENTIFIED, MERGED, find_address, match_of
from onefold.connectors.braze.apart import with_apart
from onefold.model.match import MatchKey
from onefold.model.profile import Seen

LABEL = "onefold_id"


def devices(*names):
    return {name: Seen(place, place) for place, name in enumerate(names)}


def apart(identifiers, known, match=None):
    """Alias -> (merged, kept), as Braze gets them."""
    match = match or match_of([], LABEL, as_alias=True, update_only=False)
    found = with_apart(find_address(identifiers, known, match), identifiers, known, match, hold_s=60)
    bodies = {one.name: msgspec.json.decode(one.draft.body) for one in found.apart}
    return {name: (body["identifier_to_merge"], body["identifier_to_keep"]) for name, body in bodies.items()}


def alias(name, label=LABEL):
    return {"user_alias": {"alias_name": name, "alias_label": label}}


KNOWN = {"user_id": {"u1": Seen(1, 1)}, "anonymous_id": devices("a1", "a2")}


def test_the_alias_that_cannot_be_identified_is_apart():
    both = {"a1": IDENTIFIED, "a2": CREATED}
    assert apart(KNOWN, both) == {"a2": (alias("a2"), {"external_id": "u1"})}


def test_the_one_that_is_about_to_be_identified_is_not():
    assert list(apart(KNOWN, {"a1": CREATED, "a2": CREATED})) == ["a2"]


def test_of_a_person_without_a_user_id_those_are_apart_by_whom_it_is_not_reached():
    anonymous = {"anonymous_id": devices("a1", "a2")}
    assert apart(anonymous, {"a1": CREATED, "a2": CREATED}) == {"a2": (alias("a2"), alias("a1"))}


def test_what_was_merged_left_or_never_created_is_not_apart():
    assert apart(KNOWN, {"a1": IDENTIFIED, "a2": MERGED}) == {}
    assert apart(KNOWN, {"a1": IDENTIFIED, "a3": CREATED}) == {}
    assert apart(KNOWN, {"a1": IDENTIFIED}) == {}
    assert apart(KNOWN, {"a1": IDENTIFIED, "a2": -MERGED}) == {}


def test_a_merged_alias_is_no_address_any_more():
    anonymous = {"anonymous_id": devices("a1", "a2")}
    match = match_of([], LABEL, as_alias=True, update_only=False)
    assert find_address(anonymous, {"a1": MERGED, "a2": CREATED}, match).key == "a:a2"


def test_a_goal_that_leaves_anonymous_people_out_joins_them_too():
    match = match_of([], LABEL, as_alias=False, update_only=False)
    assert list(apart(KNOWN, {"a1": IDENTIFIED, "a2": CREATED}, match)) == ["a2"]


def test_aliases_of_another_label_go_under_it():
    keys = [MatchKey("external_id", "user_id"), MatchKey("alias", "anonymous_id", "device")]
    match = match_of(keys, LABEL, as_alias=False, update_only=False)
    known = {"device\na1": IDENTIFIED, "device\na2": CREATED, "\nemail\na@example.org": CREATED}
    assert apart(KNOWN, known, match) == {"device\na2": (alias("a2", "device"), {"external_id": "u1"})}


def test_a_goal_that_creates_nobody_merges_nobody():
    match = match_of([], LABEL, as_alias=True, update_only=True)
    assert apart(KNOWN, {"a1": IDENTIFIED, "a2": CREATED}, match) == {}


def test_by_an_e_mail_nobody_is_kept():
    keys = [MatchKey("email", "email")]
    match = match_of(keys, LABEL, as_alias=False, update_only=False)
    person = {**KNOWN, "email": {"a@example.org": Seen(1, 1)}}
    assert apart(person, {"a1": CREATED, "a2": CREATED}, match) == {}
