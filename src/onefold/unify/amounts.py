"""Exact amounts of an event's money, read from JSON text so that 12.50 stays 12.50.

In: an event's properties, undecoded. Out: the revenue as whole number or decimal, and its currency.
"""

from decimal import Decimal

import msgspec

from onefold.model.profile import Amount, storable

AMOUNT_MAX = 10**15
"""Larger amounts are noise; sums of smaller ones stay exact in the 28 digits of decimals."""
DECIMALS_MAX = 6
"""Amounts are rounded to so many decimals: a float's tail is no money, and sums must not depend on order."""
TEXT_BYTES_MAX = 40
"""A longer text is no amount."""
_QUANTUM = Decimal(1).scaleb(-DECIMALS_MAX)
_EMPTY = msgspec.Raw(b"")


class Money(msgspec.Struct, gc=False):
    """The money of an event's properties; whatever else they hold is skipped."""

    revenue: msgspec.Raw = _EMPTY
    total: msgspec.Raw = _EMPTY
    currency: msgspec.Raw = _EMPTY


_money = msgspec.json.Decoder(Money | None)  # `null` stands for nothing, as clients send it


def read_revenue(properties: msgspec.Raw, default_currency: str) -> tuple[Amount, str] | None:
    """`revenue`, else `total`, with its currency; None for an event without an amount.

    Raises:
        msgspec.DecodeError, RecursionError: the properties are no JSON object.
    """
    money = _money.decode(properties)
    if money is None:
        return None
    amount = parse_amount(bytes(money.revenue)) if money.revenue else None
    if amount is None and money.total:
        amount = parse_amount(bytes(money.total))
    if amount is None:
        return None
    return amount, _currency(bytes(money.currency), default_currency)


def parse_amount(raw: bytes) -> Amount | None:
    """The amount of a JSON number, or of a text that holds one; None when it is neither or out of range."""
    text = raw.strip(b'"')
    if not text or len(text) > TEXT_BYTES_MAX or b"_" in text or not text.isascii():
        return None
    if text.removeprefix(b"-").isdigit():
        number = int(text)
        return storable(number) if -AMOUNT_MAX < number < AMOUNT_MAX else None
    try:
        amount = Decimal(text.decode())
    except ArithmeticError:
        return None
    if not amount.is_finite() or not -AMOUNT_MAX < amount < AMOUNT_MAX:
        return None
    exponent = amount.as_tuple().exponent
    in_scale = isinstance(exponent, int) and -DECIMALS_MAX <= exponent <= 0
    return amount if in_scale else amount.quantize(_QUANTUM)


def _currency(raw: bytes, default: str) -> str:
    code = raw.strip(b'"').upper()
    return code.decode() if len(code) == 3 and code.isascii() and code.isalpha() else default
