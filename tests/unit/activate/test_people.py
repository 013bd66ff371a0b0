"""Test mode: whom a goal names."""

import pytest

from onefold.activate.people import is_named, read_people
from onefold.activate.person import decode_person
from onefold.model.profile import Profile, Seen, encode_profile

ANN = decode_person(
    encode_profile(Profile(1, 0, 0, {"email": {"ann@x.org": Seen(0, 0)}, "user_id": {"A:1": Seen(0, 0)}}))
)


@pytest.mark.parametrize(
    "named", [[], ["email:ann@x.org"], ["email: Ann@X.org "], ["user_id:A:1", "email:b@x"]]
)
def test_one_of_those_named(named):
    assert is_named(ANN, read_people(named))


@pytest.mark.parametrize("named", [["email:bob@x.org"], ["phone:ann@x.org"], ["user_id:a:1"]])
def test_somebody_else(named):
    assert not is_named(ANN, read_people(named))


def test_what_is_no_list_names_nobody():
    assert read_people(None) == read_people("email:ann@x.org") == ()
