"""Whatever an event holds: Braze takes what is written, and no property comes from nowhere."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from onefold.connectors.braze.ecommerce import ACTIONS, OURS, RECOMMENDED, EcommerceWriter
from onefold.connectors.braze.shape import Shape
from onefold.model.event_mapping import EventMapping, OtherProperties
from onefold.plugin import Refusal
from onefold.sandbox.braze.ecommerce import find_failure

NAMES = st.sampled_from(
    [
        *("product_id", "sku", "name", "product_name", "variant_id", "price", "quantity", "currency", "url"),
        *("order_id", "cart_id", "checkout_id", "total", "total_value", "revenue", "tax", "shipping", "type"),
        *("discount", "discounts", "metadata", "action", "source", "cancel_reason", "time", "$odd", ""),
    ]
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 200),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "EUR", "p1", "19.90", "add", "1e400", "x" * 300]),
)
VALUES = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner))
WORDS = st.sampled_from(["a", "b", "c", "d"])
PROPERTIES = st.dictionaries(NAMES, VALUES).flatmap(
    lambda held: st.lists(st.dictionaries(NAMES, PLAIN), max_size=3).map(
        lambda products: {**held, "products": products}
    )
)


@given(st.sampled_from(sorted(RECOMMENDED)), PROPERTIES, st.sampled_from(["", *ACTIONS.values()]))
@settings(max_examples=400, deadline=None)
def test_what_is_written_keeps_to_the_schema_of_braze(name, properties, action):
    # As the log holds them: numbers beyond floats are no JSON of ours.
    properties = msgspec.json.decode(msgspec.json.encode(properties))
    written = EcommerceWriter("EUR", "shop").write(
        name, properties, "m1", action=action if name == OURS["Product Added"] else ""
    )
    if isinstance(written, Refusal):
        assert written.field.startswith("properties")
        assert written.hint
    else:
        assert find_failure(name, msgspec.json.decode(written)) is None


@given(
    st.dictionaries(WORDS, st.integers()),
    st.dictionaries(WORDS, st.none() | st.sampled_from(["a", "b", "x", "y"])),
    st.sampled_from(OtherProperties),
)
@settings(deadline=None)
def test_every_property_comes_from_one_of_ours(properties, names, others):
    shaped = Shape(EventMapping("Viewed", properties=names, others=others)).apply(dict(properties))
    for name, value in shaped.items():
        sources = [ours for ours, theirs in names.items() if theirs == name] or [name]
        assert value in [properties[one] for one in (*sources, name) if one in properties]
    if others is OtherProperties.LEAVE_OUT:
        assert shaped.keys() <= {theirs for theirs in names.values() if theirs}
