from collections import Counter
from itertools import islice, takewhile

from onefold.clock import DAY, from_iso
from onefold.testing.shop.shop import Shop, liveliness
from onefold.testing.shop.visit import Call

START = from_iso("2026-09-01")


def days(count: int, seed: int = 1) -> list[Call]:
    calls = Shop(seed=seed, start=START, visits_per_day=50).calls()
    return list(takewhile(lambda call: call.at < START + count * DAY, calls))


def test_the_same_seed_gives_the_same_shop() -> None:
    assert days(3) == days(3)
    assert days(3) != days(3, seed=2)


def test_calls_come_in_order_of_time_and_are_numbered() -> None:
    calls = days(5)
    assert [call.at for call in calls] == sorted(call.at for call in calls)
    assert [call.number for call in calls] == list(range(1, len(calls) + 1))


def test_there_are_browsers_buyers_and_people_with_several_devices() -> None:
    calls = days(30)
    names = Counter(call.name for call in calls)
    assert (
        names["Product Viewed"]
        > names["Product Added"]
        > names["Order Completed"]
        > names["Order Cancelled"]
        > 0
    )
    devices: dict[str, set[str]] = {}
    for call in calls:
        if call.type == "identify":
            devices.setdefault(call.identity["user_id"], set()).add(call.identity["anonymous_id"])
    assert any(len(one) > 1 for one in devices.values())


def test_a_device_names_its_person_only_after_an_identify() -> None:
    named: set[str] = set()
    for call in days(30):
        device = call.identity.get("anonymous_id")
        if call.type == "identify" and device:
            named.add(device)
        elif device:
            assert ("user_id" in call.identity) == (device in named)


def test_an_order_is_worth_what_is_in_it() -> None:
    orders = [call.body for call in days(30) if call.name == "Order Completed"]
    for order in orders:
        total = sum(round(one["price"] * 100) * one["quantity"] for one in order["products"])
        assert round(order["revenue"] * 100) == total
    assert len({order["order_id"] for order in orders}) == len(orders)


def test_evenings_and_decembers_are_busier() -> None:
    assert liveliness(from_iso("2026-09-01T20:00")) > 5 * liveliness(from_iso("2026-09-01T03:00"))
    assert liveliness(from_iso("2026-12-01T20:00")) > liveliness(from_iso("2026-06-02T20:00"))


def test_a_stream_never_ends() -> None:
    assert len(list(islice(Shop(seed=1, start=START).calls(), 20_000))) == 20_000
