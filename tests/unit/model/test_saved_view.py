"""What an address says, and what of it is a value of a person."""

import pytest

from onefold.model.saved_view import FILTERS_MAX, PLAIN, ListPage, part_filters, read_query


def test_filters_are_what_an_address_says_without_what_is_empty_and_which_view_it_was() -> None:
    assert read_query("?search=ada%40example.org&segment=&view=7") == {"search": "ada@example.org"}


@pytest.mark.parametrize(
    "query",
    [
        *("", "view=7", "search=", "=ada", "search=%ff", "segment=1&segment=2"),
        "&".join(f"f{number}=1" for number in range(FILTERS_MAX + 1)),
        "&".join(f"f{number}=1" for number in range(3 * FILTERS_MAX)),
    ],
)
def test_what_filters_nothing_or_says_it_twice_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r"^It .*\.$"):
        read_query(query)


def test_a_filter_that_is_not_known_is_taken_for_a_value_of_a_person() -> None:
    for page in ListPage:
        assert part_filters(page, {"something": "ada"}) == ({}, {"something": "ada"})
    assert part_filters(ListPage.EVENTS, {"identifier": "ada@example.org", "type": "track"}) == (
        {"type": "track"},
        {"identifier": "ada@example.org"},
    )
    assert set(PLAIN) == set(ListPage)
