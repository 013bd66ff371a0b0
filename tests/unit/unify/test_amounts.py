"""Money is exact, and whatever is no money is none."""

from decimal import Decimal

import msgspec
import pytest

from onefold.unify.amounts import parse_amount, read_revenue


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        (b"12.50", Decimal("12.50")),
        (b'"12.50"', Decimal("12.50")),
        (b"7", 7),
        (b"-3", -3),
        (b"1e2", Decimal("100.000000")),
        (b"0.1234567", Decimal("0.123457")),
        (b"true", None),
        (b"null", None),
        (b'"abc"', None),
        (b"[1]", None),
        (b'"NaN"', None),
        (b'"Infinity"', None),
        (b"1" * 30, None),
        (b"1" * 400, None),
        (b'"1_000"', None),
        (b'""', None),
        ('"١٢"'.encode(), None),
        (b'"--5"', None),
        (b'"-"', None),
    ],
)
def test_an_amount_is_exact_or_none(raw: bytes, amount: object) -> None:
    assert parse_amount(raw) == amount


@pytest.mark.parametrize(
    ("properties", "revenue"),
    [
        (b'{"revenue": 5, "currency": "eur"}', (5, "EUR")),
        (b'{"total": 5}', (5, "USD")),
        (b'{"revenue": "x", "total": 6, "currency": "euros"}', (6, "USD")),
        (b'{"revenue": 0}', (0, "USD")),
        (b"{}", None),
        (b"null", None),
    ],
)
def test_revenue_falls_back_to_total_and_to_the_default_currency(properties: bytes, revenue: object) -> None:
    assert read_revenue(msgspec.Raw(properties), "USD") == revenue
