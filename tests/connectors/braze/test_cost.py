"""The data points that deliver counts are those that Braze's own meter shows."""

import pytest

from onefold.connectors.braze.cost import cost_of_event, costs_of_fields


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({"plan": "pro", "age": None}, 2),
        ({"tags": ["a", "b"]}, 1),
        ({"car": {"make": "Volvo", "engine": {"fuel": "petrol", "power": 110}}}, 3),
        ({"cars": [{"make": "Volvo", "age": 3}, {"make": "Saab"}]}, 3),
        ({"email_subscribe": "opted_in", "email": "a@b.example"}, 1),
    ],
)
def test_fields_cost_a_point_each_and_objects_one_a_key(fields, points):
    assert sum(costs_of_fields(fields).values()) == points


def test_recommended_events_are_free():
    assert (cost_of_event("ecommerce.order_placed"), cost_of_event("Song Played")) == (0, 1)


async def test_our_meter_agrees_with_brazes(world, sandbox):
    world.person(1, user_id="u1", email="ann@example.com", plan="pro", car={"make": "Volvo", "age": 3})
    world.person(2, user_id="u2", plan="free", tags=["a", "b"])
    world.export("email", "plan", "car", "tags")
    world.events()
    products = [{"sku": "hat", "price": 5, "quantity": 3}, {"sku": "sock", "price": 2, "quantity": 400}]
    order = {
        "type": "track",
        "event": "Order Completed",
        "messageId": "m1",
        "properties": {"products": products},
    }
    song = {"type": "track", "event": "Song Played", "messageId": "m2", "properties": {}}
    world.commit(1, events=[(1, order), (1, song)])
    await world.deliver_all()
    sandbox.flush()
    rows = world.rows("select sum(count) from counter where stage = 'data_points'")
    assert rows == [(sandbox.stats()["data_points"]["total"],)]
