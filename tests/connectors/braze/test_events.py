"""Events reach the local Braze as custom events and purchases."""

import msgspec

from onefold.model.event_mapping import EventMapping
from onefold.model.outcome import Kind


def track(name, message_id, **properties):
    return {"type": "track", "event": name, "messageId": message_id, "properties": properties}


async def test_every_event_arrives_with_its_id(world, sandbox):
    world.person(1, user_id="u1")
    world.commit(1, events=[(1, track("Viewed", "m1", color="red")), (1, track("Viewed", "m2", time=5))])
    world.events()
    await world.deliver_all()
    sandbox.flush()
    user = sandbox.user("u1")
    assert user["custom_events"][0]["count"] == 2
    sent = sandbox.journal()[-1]["body"]["events"]
    assert [one["properties"] for one in sent] == [
        {"color": "red", "onefold_id": "m1"},
        {"time_": 5, "onefold_id": "m2"},
    ]


async def test_only_named_events_go(world, sandbox):
    world.person(1, user_id="u1")
    world.commit(
        1,
        events=[
            (1, track("Viewed", "m1")),
            (1, track("Liked", "m2")),
            (1, {"type": "page", "name": "Home", "messageId": "m3"}),
            (1, {"type": "identify", "messageId": "m4"}),
        ],
    )
    world.events(events=["Liked", "page"])
    await world.deliver_all()
    sandbox.flush()
    assert {one["name"] for one in sandbox.user("u1")["custom_events"]} == {"Liked", "Page Viewed"}
    assert world.counts(2) == {(0, ""): 2, (1, "activate.not_chosen"): 2}


async def test_a_track_event_may_be_called_like_any_type(world, sandbox):
    world.person(1, user_id="u1")
    types = ("identify", "page")
    others = [{"type": one, "messageId": f"m-{one}"} for one in types]
    tracks = [track(one, f"t-{one}") for one in types]
    world.commit(1, events=[(1, one) for one in (*others, *tracks, *others, *tracks)])
    world.events(events=list(types))
    await world.deliver_all()
    sandbox.flush()
    assert world.counts(2) == {(0, ""): 6, (1, "activate.not_chosen"): 2}


async def test_of_events_that_no_goal_wants_the_first_few_are_kept_to_look_at(world):
    world.person(1, user_id="u1")
    world.commit(1, events=[(1, track("Viewed" if n % 2 else "Liked", f"m{n}")) for n in range(30)])
    world.events(events=["Liked"])
    await world.deliver_all()
    (run,) = world.runs(2)
    assert run.total(Kind.FILTERED) == 15
    left_out = [one.key for one in world.samples(run) if one.kind is Kind.FILTERED]
    assert sorted(left_out) == sorted(f"m{n}" for n in range(1, 21, 2))


async def test_what_braze_told_never_goes_back(world, sandbox):
    world.person(1, user_id="u1")
    told = msgspec.json.encode({"source_kind": "braze-currents", "run_id": "run-1"})
    world.commit(1, events=[(1, track("Email Opened", "b1"))], meta=told)
    world.commit(1, events=[(1, track("Email Opened", "m1"))])
    # Also where the goal names the event: Braze would tell of that one, too, and so on for ever.
    world.events(events=["Email Opened"])
    await world.deliver_all()
    sandbox.flush()
    sent = sandbox.journal()[-1]["body"]["events"]
    assert [one["properties"]["onefold_id"] for one in sent] == ["m1"]
    assert world.counts(2) == {(0, ""): 1, (1, "activate.own_event"): 1}


async def test_an_order_becomes_a_purchase_a_product(world, sandbox):
    world.person(1, user_id="u1")
    products = [
        {"product_id": "p1", "price": 9.99, "quantity": 2, "name": "Pen"},
        {"sku": "p2", "price": "0.42", "quantity": 1000},
    ]
    order = track("Order Completed", "m1", order_id="o1", currency="eur", products=products)
    world.commit(1, events=[(1, order)])
    world.events()
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["revenue"] == {"EUR": 439.98}
    sent = sandbox.journal()[-1]["body"]["purchases"]
    assert (sent[1]["price"], sent[1]["quantity"]) == (420.0, 1)
    assert sent[1]["properties"] == {"order_id": "o1", "sku": "p2", "quantity_": 1000, "onefold_id": "m1/2"}


async def test_an_order_without_products_is_one_purchase(world, sandbox):
    world.person(1, user_id="u1")
    world.commit(1, events=[(1, track("Order Completed", "m1", revenue=12.5, order_id="o1"))])
    world.events(currency="GBP")
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["revenue"] == {"GBP": 12.5}


async def test_a_bad_line_of_an_order_is_refused_by_itself(world):
    world.person(1, user_id="u1")
    products = [{"product_id": "p1", "price": 1}, {"product_id": "p2"}]
    world.commit(1, events=[(1, track("Order Completed", "m1", products=products))])
    world.events()
    await world.deliver_all()
    assert world.counts(2) == {(0, ""): 1, (2, "activate.braze.purchase"): 1}
    assert world.rows("select field from letter") == [("properties.products.1.price",)]


async def test_anonymous_people_are_left_out(world, sandbox):
    world.person(1, anonymous_id="a1")
    world.commit(1, events=[(1, track("Viewed", "m1"))])
    world.events()
    await world.deliver_all()
    assert world.counts(2) == {(1, "activate.anonymous"): 1}
    assert sandbox.stats()["requests"] == 0


async def test_a_segment_filters_by_who_is_in_it_now(world):
    world.person(1, user_id="u1", segments=[5])
    world.person(2, user_id="u2")
    world.commit(1, 2, events=[(1, track("Viewed", "m1")), (2, track("Viewed", "m2"))])
    world.events(segment_id=5)
    await world.deliver_all()
    assert world.counts(2) == {(0, ""): 1, (1, "activate.not_a_member"): 1}


async def test_old_events_are_left_out_if_wished(world):
    world.person(1, user_id="u1")
    old = {**track("Viewed", "m1"), "timestamp": "2020-01-01T00:00:00Z"}
    world.commit(1, events=[(1, old), (1, track("Viewed", "m2"))])
    world.events(age_days_max=30_000)
    await world.deliver_all()
    assert world.counts(2) == {(0, ""): 2}
    world.events(goal_id=3, age_days_max=30)
    await world.deliver_all()
    assert world.counts(3)[1, "activate.too_old"] >= 1


async def test_a_goal_from_now_on_sends_nothing_older(world):
    world.person(1, user_id="u1")
    world.commit(1, events=[(1, track("Viewed", "m1"))])
    world.events(start="now")
    await world.deliver_all()
    world.commit(1, events=[(1, track("Viewed", "m2"))])
    await world.deliver_all()
    assert world.counts(2) == {(0, ""): 1}


async def test_events_of_a_merged_profile_go_to_the_survivor(world, sandbox):
    world.person(1, user_id="u1")
    world.person(2, anonymous_id="a2")
    world.commit(2, events=[(2, track("Viewed", "m1"))])
    world.commit(1, merged=[(2, 1)])
    world.events()
    await world.deliver_all()
    sandbox.flush()
    assert sandbox.user("u1")["custom_events"][0]["count"] == 1


async def test_a_goal_follows_from_when_it_was_turned_on_however_late_this_is_noticed(world, sandbox):
    world.person(1, user_id="u1")
    world.commit(1, events=[(1, track("Before", "m1"))])
    (at,) = world.state.execute("select max(at) from change").fetchone()
    world.state.execute("update change set at = at - 2")
    world.commit(1, events=[(1, track("After", "m2"))])
    world.events(start="now")
    goal = world.directory.wanted[0]
    world.set_goal(msgspec.structs.replace(goal, enabled_at=at - 1))
    await world.deliver_all()
    sandbox.flush()
    assert [event["name"] for event in sandbox.user("u1")["custom_events"]] == ["After"]


PRODUCT = {"product_id": "p1", "title": "Mug", "price": 12.5}
ORDER = {
    "order_id": "o1",
    "total": 25,
    "currency": "EUR",
    "products": [{"product_id": "p1", "sku": "p1-red", "name": "Mug", "price": 12.5, "quantity": 2}],
}


async def test_an_event_goes_under_the_name_and_with_the_properties_of_its_row(world, sandbox):
    world.person(1, user_id="u1")
    signed_up = track("Signed Up", "m1", plan="gold", ip="10.0.0.1")
    world.commit(1, events=[(1, signed_up), (1, track("Viewed", "m2", ip="10.0.0.1", color="red"))])
    world.events(
        event_mappings=[
            EventMapping("Signed Up", "signed_up", {"plan": "tier"}),
            EventMapping("*", properties={"ip": None}),
        ]
    )
    await world.deliver_all()
    sandbox.flush()
    sent = sandbox.journal()[-1]["body"]["events"]
    assert [(one["name"], one["properties"]) for one in sent] == [
        ("signed_up", {"tier": "gold", "ip": "10.0.0.1", "onefold_id": "m1"}),
        ("Viewed", {"color": "red", "onefold_id": "m2"}),
    ]


async def test_orders_become_recommended_events_that_cost_nothing(world, sandbox):
    world.person(1, user_id="u1")
    added = track("Product Added", "m1", cart_id="c1", currency="EUR", **PRODUCT)
    refunded = track("Order Refunded", "m3", order_id="o1", total=5, currency="EUR")
    world.commit(1, events=[(1, added), (1, track("Order Completed", "m2", **ORDER)), (1, refunded)])
    world.events(orders="ecommerce")
    await world.deliver_all()
    sandbox.flush()
    user = sandbox.user("u1")
    assert user["revenue"] == {"EUR": 20.0}
    assert [event["name"] for event in user["custom_events"]] == [
        "ecommerce.cart_updated",
        "ecommerce.order_placed",
        "ecommerce.order_refunded",
    ]
    assert world.counts(2) == {(0, ""): 3}
    assert sandbox.stats()["data_points"]["total"] == 0


async def test_both_ways_at_a_time(world, sandbox):
    world.person(1, user_id="u1")
    world.commit(1, events=[(1, track("Order Completed", "m1", **ORDER))])
    world.events(orders="both")
    await world.deliver_all()
    sandbox.flush()
    body = sandbox.journal()[-1]["body"]
    assert [one["product_id"] for one in body["purchases"]] == ["p1"]
    assert [one["name"] for one in body["events"]] == ["ecommerce.order_placed"]


async def test_an_order_that_braze_would_drop_becomes_a_dead_letter_with_field_and_remedy(world, sandbox):
    world.person(1, user_id="u1")
    products = [{"product_id": "p1", "price": 12.5}]
    world.commit(1, events=[(1, track("Order Completed", "m1", order_id="o1", products=products))])
    world.events(orders="ecommerce")
    await world.deliver_all()
    assert world.counts(2) == {(2, "activate.braze.ecommerce"): 1}
    ((field, hint),) = world.rows("select field, hint from letter")
    assert field == "properties.products.0.product_name"
    assert "event mappings" in str(hint)
    assert sandbox.stats()["requests"] == 0


async def test_an_event_that_has_braze_s_own_name_is_held_to_its_schema(world, sandbox):
    world.person(1, user_id="u1")
    event = track("ecommerce.order_refunded", "m1", order_id="o1", total_value=5, currency="EUR", why="size")
    world.commit(1, events=[(1, event)])
    world.events()
    await world.deliver_all()
    sandbox.flush()
    assert world.counts(2) == {(0, ""): 1}
    (sent,) = sandbox.journal()[-1]["body"]["events"]
    assert sent["properties"]["metadata"] == {"why": "size", "onefold_id": "m1"}


async def test_no_session_is_ever_sent(world, sandbox):
    world.person(1, user_id="u1")
    opened = {**track("Application Opened", "m1"), "context": {"sessionId": 7, "sessionStart": True}}
    world.commit(1, events=[(1, opened)])
    world.events()
    await world.deliver_all()
    sandbox.flush()
    assert [list(entry["body"]) for entry in sandbox.journal()] == [["events"]]
    assert [event["name"] for event in sandbox.user("u1")["custom_events"]] == ["Application Opened"]
