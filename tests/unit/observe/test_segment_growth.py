"""A segment's size by day, told backwards from now."""

from onefold.observe.segment_growth import GrowthDay, SegmentDays, SegmentMoves, tell_growth

COUNTED = SegmentDays(7, 10, [SegmentMoves(10, 5, 0), SegmentMoves(12, 4, 1), SegmentMoves(15, 0, 1)])


def test_quiet_days_have_the_size_of_the_day_before() -> None:
    assert tell_growth(COUNTED, 10, 16) == [
        GrowthDay(10, 5, 0, 5),
        GrowthDay(11, 0, 0, 5),
        GrowthDay(12, 4, 1, 8),
        GrowthDay(13, 0, 0, 8),
        GrowthDay(14, 0, 0, 8),
        GrowthDay(15, 0, 1, 7),
        GrowthDay(16, 0, 0, 7),
    ]


def test_it_begins_with_the_first_day_asked_for_or_counted() -> None:
    assert [one.day for one in tell_growth(COUNTED, 14, 16)] == [14, 15, 16]
    assert tell_growth(COUNTED, 1, 16)[0].day == 10
    assert tell_growth(SegmentDays(3, 20, []), 11, 20) == [GrowthDay(20, 0, 0, 3)]


def test_what_was_there_before_it_was_counted_is_part_of_the_size() -> None:
    counted = SegmentDays(100, 20, [SegmentMoves(20, 0, 0), SegmentMoves(21, 2, 1)])
    assert [one.people for one in tell_growth(counted, 0, 21)] == [99, 100]


def test_a_fold_ahead_of_the_clock_is_not_cut_off() -> None:
    assert tell_growth(COUNTED, 14, 14)[-1] == GrowthDay(15, 0, 1, 7)
