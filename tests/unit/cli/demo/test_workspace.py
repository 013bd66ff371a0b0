from onefold.cli.demo.workspace import SEGMENTS
from onefold.segment.check import check_condition, parse_condition


def test_the_segments_of_the_demo_are_ones_that_the_api_takes() -> None:
    for name, description, tree in SEGMENTS:
        condition, problems = parse_condition(tree)
        assert problems == [], name
        assert condition is not None
        assert check_condition(condition, {}) == []
        assert description
