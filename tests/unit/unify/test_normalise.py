"""What identifies a person, and what never does."""

import pytest

from onefold.unify.normalise import Normaliser, kind_of

NORMALISER = Normaliser(phone_region="DE", blocked_values=["Internal "])


@pytest.mark.parametrize(
    "value",
    [
        "",
        "  ",
        "null",
        "NULL",
        "None",
        "undefined",
        "NaN",
        "0",
        "-1",
        "00000000-0000-0000-0000-000000000000",
        '"null"',
        "'undefined'",
        "[object Object]",
        "anonymous",
        "guest",
        "true",
        "internal",
        "x" * 401,
        "a\0b",
        0,
    ],
)
def test_blocked_values_identify_nobody(value: str) -> None:
    assert NORMALISER.value("user_id", value) == ""


@pytest.mark.parametrize(
    ("given", "stored"), [(" 7 ", "7"), (7, "7"), (7.0, "7"), ("Ann", "Ann"), ("e\u0301", "é")]
)
def test_ids_keep_case_and_lose_space_and_number_form(given: str, stored: str) -> None:
    assert NORMALISER.value("user_id", given) == stored


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (" Ann.Lee@Example.COM ", "ann.lee@example.com"),
        ("a@b@c", ""),
        ("no at", ""),
        ("@example.com", ""),
        ("noreply@example.com", ""),
        ("test@shop.example", ""),
        ("an n@example.com", ""),
    ],
)
def test_emails_match_without_case_and_shared_mailboxes_do_not_count(given: str, stored: str) -> None:
    assert NORMALISER.value("email", given) == stored


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("+49 30 901820", "+4930901820"),
        ("030/901820", "+4930901820"),
        ("123", ""),
        ("call me", ""),
    ],
)
def test_phones_become_e164(given: str, stored: str) -> None:
    assert NORMALISER.value("phone", given) == stored


def test_without_a_region_only_international_numbers_count() -> None:
    assert Normaliser().value("phone", "030 901820") == ""
    assert Normaliser().value("phone", "+4930901820") == "+4930901820"


@pytest.mark.parametrize("kind", ["a:b", "", "x" * 51, None, 3, "with space"])
def test_kinds_that_cannot_be_one(kind: object) -> None:
    assert kind_of(kind) == ""
