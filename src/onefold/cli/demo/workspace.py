"""What the demo puts into its workspace: a source, segments a shop would have, and the local Braze.

In: a client of the API. Out: the source's write key. What is there already stays as it is, save for the
connection: the local Braze forgets everything when it ends, so each start connects anew.
"""

from onefold.cli.client import Client
from onefold.cli.path import piece
from onefold.errors import RequestError
from onefold.model.json import JsonObject

SEGMENT_FIELDS = {"VIP": "is_vip", "Cart left behind": "left_a_cart", "Slipping away": "slips_away"}
SOURCE = "Shop"
CONNECTION = "Local Braze"
ORDER = "Order Completed"


def prepare(client: Client) -> str:
    """Make the source and the segments if they are missing; the write key."""
    for name, description, condition in SEGMENTS:
        if _find(client, "segments", name) is None:
            body = {"name": name, "description": description, "condition": condition}
            client.post("/api/v1/segments", body)
    source = _find(client, "sources", SOURCE) or client.post("/api/v1/sources", {"name": SOURCE})
    return str(source["write_key"])


def connect_braze(client: Client, endpoint: str, key: str) -> None:
    """Connect the local Braze that runs now."""
    old = _find(client, "connections", CONNECTION)
    if old is not None:
        client.delete(f"/api/v1/connections/{old['id']}")
    body: JsonObject = {
        "name": CONNECTION,
        "connector": "braze",
        "description": "The demo's own, as strict as the real one.",
        "settings": {"endpoint": endpoint},
        "secrets": {"api_key": key},
        "goals": [_profiles_goal(client), _events_goal()],
    }
    client.post("/api/v1/connections", body)


def _profiles_goal(client: Client) -> JsonObject:
    traits = {
        "first_name": "firstName",
        "last_name": "lastName",
        "home_city": "city",
        "country": "country",
        "newsletter": "newsletter",
    }
    rows: list[JsonObject] = [_row("email", {"kind": "identifier", "identifier": "email"})]
    rows += [_row(field, {"kind": "trait", "trait": trait}) for field, trait in traits.items()]
    for name, field in SEGMENT_FIELDS.items():
        segment = _find(client, "segments", name)
        if segment is not None:
            rows.append(_row(field, {"kind": "segment", "segment_id": segment["id"]}))
    rows.append(_row("orders_30_days", {"kind": "counter", "event": ORDER, "days": 30}))
    spent = {"kind": "counter", "event": ORDER, "measure": "revenue", "currency": "EUR"}
    rows.append({**_row("spent_eur", spent), "type": "number"})
    return {"kind": "export", "name": "Profiles", "enabled": True, "mappings": rows}


def _events_goal() -> JsonObject:
    events = ["Signed Up", "Product Added", "Checkout Started", ORDER, "Order Cancelled"]
    settings = {"events": events, "purchase_events": [ORDER], "currency": "EUR", "start": "now"}
    return {"kind": "events", "name": "Events and orders", "enabled": True, "settings": settings}


def _row(field: str, source: JsonObject) -> JsonObject:
    return {"field": field, "source": source}


def _find(client: Client, noun: str, name: str) -> JsonObject | None:
    try:
        found: JsonObject = client.get(f"/api/v1/{noun}/{piece(name)}")
    except RequestError as error:
        if error.status != 404:
            raise
        return None
    return found


def _event(event: str, **more: object) -> JsonObject:
    return {"kind": "event", "event": event, **more}


def _last(amount: int, unit: str) -> JsonObject:
    return {"kind": "last", "amount": amount, "unit": unit}


def _all(*conditions: JsonObject) -> JsonObject:
    return {"kind": "all", "conditions": list(conditions)}


def _not(condition: JsonObject) -> JsonObject:
    return {"kind": "not", "condition": condition}


SEGMENTS: tuple[tuple[str, str, JsonObject], ...] = (
    ("Customers", "Everyone who ever ordered.", _event(ORDER)),
    (
        "VIP",
        "Spent at least 500 within 90 days.",
        _event(
            ORDER, measure="sum", property="revenue", test="at_least", value=500, window=_last(90, "days")
        ),
    ),
    (
        "Cart left behind",
        "Put something into the cart today or yesterday, and ordered nothing since.",
        _all(
            _event("Product Added", window=_last(24, "hours")), _not(_event(ORDER, window=_last(24, "hours")))
        ),
    ),
    (
        "Slipping away",
        "Ordered before, but not in the last 30 days.",
        _all(_event(ORDER), _not(_event(ORDER, window=_last(30, "days")))),
    ),
    (
        "Newsletter readers",
        "Asked for the newsletter and can be reached.",
        _all(
            {"kind": "trait", "trait": "newsletter", "test": "equals", "value": True},
            {"kind": "identifier", "identifier": "email"},
        ),
    ),
)
