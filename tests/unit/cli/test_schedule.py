"""A schedule as it is typed is the schedule that the API takes."""

import msgspec
import pytest

from onefold.cli.schedule import DAYS, read_rule, read_schedule
from onefold.errors import OnefoldError
from onefold.model.schedule import Schedule

RULES = {
    "continuous": {"kind": "continuous"},
    "by hand": {"kind": "by_hand"},
    "By-Hand": {"kind": "by_hand"},
    "4 times a day": {"kind": "times_a_day", "count": 4},
    "1 time a day from 6:30": {"kind": "times_a_day", "count": 1, "start": "06:30"},
    "every day at 8:00": {"kind": "weekdays", "days": DAYS, "at": ["08:00"]},
    "monday,thu at 08:00, 18:30": {
        "kind": "weekdays",
        "days": ["monday", "thursday"],
        "at": ["08:00", "18:30"],
    },
    "every Monday and Thursday at 08:00": {
        "kind": "weekdays",
        "days": ["monday", "thursday"],
        "at": ["08:00"],
    },
    "weekdays at 08:00": {"kind": "weekdays", "days": DAYS[:5], "at": ["08:00"]},
    "day 15 at 08:00": {"kind": "month_day", "day": 15, "at": ["08:00"]},
    "on the last day at 08:00": {"kind": "month_day", "day": 31, "at": ["08:00"]},
    "2nd tuesday at 08:00": {
        "kind": "month_weekday",
        "which": "second",
        "weekday": "tuesday",
        "at": ["08:00"],
    },
    "every last Friday of the month at 18:00": {
        "kind": "month_weekday",
        "which": "last",
        "weekday": "friday",
        "at": ["18:00"],
    },
    "cron 0 8 * * mon-fri": {"kind": "cron", "expression": "0 8 * * MON-FRI"},
}


@pytest.mark.parametrize("text", RULES)
def test_words_become_a_rule_that_the_api_takes(text):
    rule = read_rule(text)
    assert rule == RULES[text]
    msgspec.convert({"rule": rule}, Schedule)


@pytest.mark.parametrize("text", ["", "sometimes", "monday", "mo at 08:00", "5th friday at 08:00", "day at"])
def test_words_that_mean_no_time_are_refused_with_examples(text):
    with pytest.raises(OnefoldError) as raised:
        read_rule(text)
    assert "last friday at 18:00" in raised.value.hint


def test_what_stands_beside_goes_along():
    found = read_schedule("by hand", timezone="Europe/Paris", overlap="queue", missed="skip")
    assert found == {
        "rule": {"kind": "by_hand"},
        "timezone": "Europe/Paris",
        "overlap": "queue",
        "missed": "skip",
    }
    assert read_schedule("", timezone="", overlap="", missed="") == {}
    with pytest.raises(OnefoldError):
        read_schedule("", timezone="Europe/Paris", overlap="", missed="")
