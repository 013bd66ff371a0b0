"""Answers of providers as they are kept: what they say of the fault, not of the person."""

import pytest

from onefold.activate.answer import ANSWER_CHARS_MAX, sample_answer

BODY = b'{"external_id":"ada-77","first_name":"Ada","age":36,"tags":["vip club"],"phone":"+33612345678"}'


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("", ""),
        ("'external_id' is required", "'external_id' is required"),
        ("ada-77 is blocked", "*** is blocked"),
        ("first_name 'Ada' is wrong", "first_name '***' is wrong"),
        ("Adam is not Ada", "Adam is not ***"),
        ("vip club: no such tag", "***: no such tag"),
        ('{"type":"bad email bob@example.org","index":3}', '{"type":"bad email ***","index":3}'),
        ("400 (request 5f2c1-1234567-99) no", "400 (request 5f2c1-1234567-99) no"),
        ("call +44 20 7946 0958 or 12", "call *** or 12"),
    ],
)
def test_values_of_people_are_masked(answer, kept):
    assert sample_answer(answer, BODY) == kept


def test_an_answer_is_cut_after_it_was_masked():
    found = sample_answer("no " * 10_000 + "ada-77", BODY)
    assert len(found) == ANSWER_CHARS_MAX
    assert found.endswith("…")


@pytest.mark.parametrize("body", [b"", b"\xff", b"[" * 100_000, b"7"])
def test_any_body_will_do(body):
    assert sample_answer("nothing to mask", body) == "nothing to mask"
