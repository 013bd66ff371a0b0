"""The number of known people is kept, not counted: it must equal a count after any events."""

from hypothesis import given
from hypothesis import strategies as st

from onefold.unify.graph import resolve
from onefold.unify.identify import EventIdentifier
from onefold.unify.link import Origin
from onefold.unify.people import People

KINDS = ("user_id", "email", "anonymous_id")
"""Strongest first, as events carry them."""

events = st.lists(
    st.dictionaries(st.sampled_from(KINDS), st.sampled_from("abc"), min_size=1), min_size=1, max_size=30
)


@given(events)
def test_known_people_are_counted_as_they_become_known_and_merge(sent: list[dict[str, str]]) -> None:
    people = People()
    for number, identifiers in enumerate(sent):
        carried = [
            EventIdentifier(f"{kind}:{identifiers[kind]}", kind, identifiers[kind])
            for kind in KINDS
            if kind in identifiers
        ]
        for one in carried:
            people.identifiers.setdefault(one.key, 0)
        resolve(people, carried, number, Origin(number, 0, number, "track"))
        known = [one for one in people.profiles.values() if set(one.identifiers) - {"anonymous_id"}]
        assert people.known == len(known)
