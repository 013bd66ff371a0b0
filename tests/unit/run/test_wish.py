"""What asks for a comparison is read as it was written."""

import pytest

from onefold.model.comparison import Wish
from onefold.run.wish import read_wish, write_wish


@pytest.mark.parametrize("wish", [Wish(), Wish(sample=30), Wish(sample=5, repairs=True)])
def test_a_wish_is_read_as_it_was_written(wish: Wish) -> None:
    assert read_wish({"connection_id": 1, "goal_id": 2, **write_wish(wish)}) == wish


def test_the_goal_itself_is_no_comparison() -> None:
    assert read_wish({"connection_id": 1, "goal_id": 2}) is None
