"""What Braze exports of people, taken apart: values in our form, people by their addresses."""

import pytest

from onefold.connectors.braze.attributes import AttributesWriter
from onefold.connectors.braze.client import BrazeDestination
from onefold.connectors.braze.read_back import UsersReader, flat, is_same
from onefold.errors import ConnectorError, SetupError, ThrottledError, TransientError
from onefold.model.connection import Connection
from onefold.model.goal import Goal
from onefold.model.mapping import Mapping, TraitValue, ValueType
from onefold.plugin import Address, ReadsBack
from onefold.plugin.http import HttpClient


def goal(*fields, **settings):
    rows = [Mapping(TraitValue(field), field) for field in fields]
    return Goal(1, 1, "export", "Export", True, mappings=rows, settings=settings)


def reader(*fields, url="http://127.0.0.1:9", **settings):
    client = HttpClient(url, {"Authorization": "Bearer sandbox-key"}, connections_max=1)
    return UsersReader(client, AttributesWriter(), goal(*fields, **settings), "onefold_id")


def known(name):
    return Address(f"e:{name}", b"")


@pytest.mark.parametrize(
    ("field", "theirs", "ours", "as_type"),
    [
        ("dob", "1990-05-28T00:00:00.000Z", "1990-05-28", ValueType.DATE),
        ("dob", "1990-05-28", "1990-05-28", ValueType.DATE),
        ("joined", "2026-05-01T10:00:00.123Z", "2026-05-01T10:00:00.123Z", ValueType.TIME),
        ("joined", "2026-05-01 10:00:00.000 UTC", "2026-05-01T10:00:00.000Z", ValueType.TIME),
        ("joined", "2026-05-01T00:00:00.000Z", "2026-05-01", ValueType.AUTO),
        ("joined", "2026-05-01T08:00:00.000Z", "2026-05-01T10:00:00+02:00", ValueType.AUTO),
        ("score", 5.0, 5, ValueType.AUTO),
        ("score", 5, 5.0, ValueType.AUTO),
        ("home", {"a": 1.0, "b": ["x"]}, {"b": ["x"], "a": 1}, ValueType.AUTO),
        ("country", "FR", "FR", ValueType.AUTO),
        ("email", "ada@example.org", "ada@example.org", ValueType.AUTO),
        ("phone", "+33612345678", "0612345678", ValueType.AUTO),
        ("nick", None, "", ValueType.AUTO),
    ],
)
def test_what_is_one_value_for_braze_is_ours(field, theirs, ours, as_type):
    assert reader(field).fit(field, theirs, ours, as_type) is ours


@pytest.mark.parametrize(
    ("field", "theirs", "ours", "found"),
    [
        ("plan", "gold", "free", "gold"),
        ("vip", 1, True, 1),
        ("vip", "true", True, "true"),
        ("tags", ["b", "a"], ["a", "b"], ["b", "a"]),
        ("home", {"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": 2}),
        ("joined", "2026-05-02T00:00:00.000Z", "2026-05-01", "2026-05-02T00:00:00.000Z"),
        ("phone", "+33612345678", "+33612345679", "+33612345678"),
        ("email_subscribe", "subscribed", None, None),
        ("email_subscribe", "unsubscribed", None, "unsubscribed"),
        ("time_zone", "Paris", "Europe/Paris", "Paris"),
        ("plan", None, None, None),
    ],
)
def test_what_is_another_value_is_theirs(field, theirs, ours, found):
    fitted = reader(field).fit(field, theirs, ours, ValueType.AUTO)
    assert fitted == found
    assert type(fitted) is type(found)


def test_an_object_that_was_laid_over_another_is_ours_while_it_is_all_there():
    merging = reader("home", merge_objects=True)
    ours = {"city": "Rome", "geo": {"lat": 1}}
    theirs = {"city": "Rome", "zip": "00100", "geo": {"lat": 1, "lon": 2}}
    assert merging.fit("home", theirs, ours, ValueType.AUTO) is ours
    assert merging.fit("home", {"city": "Rome"}, ours, ValueType.AUTO) == {"city": "Rome"}


def test_true_is_not_one():
    assert not is_same(True, 1)
    assert is_same([1, {"a": True}], [1.0, {"a": True}])


def test_a_custom_attribute_never_hides_a_standard_field():
    user = {"email": "a@x.de", "custom_attributes": {"email": "b@x.de", "plan": "pro", "gone": None}}
    assert flat(user) == {"email": "a@x.de", "plan": "pro"}


def test_a_braze_connection_reads_back():
    settings = {"endpoint": "http://127.0.0.1:9"}
    made = BrazeDestination(Connection(1, "B", "braze", settings=settings, secrets={"api_key": "k"}))
    assert isinstance(made, ReadsBack)


async def test_what_the_local_braze_says_no_to_is_told_apart(sandbox):
    asks = reader("plan", url=sandbox.url)
    sandbox.add_fault("throttle", retry_after_s=7, next=1, path="/users/export/ids")
    with pytest.raises(ThrottledError) as slow:
        await asks.read([known("u1")])
    assert slow.value.retry_after_s >= 7
    sandbox.add_fault("status", status=500, next=1, path="/users/export/ids")
    with pytest.raises(TransientError):
        await asks.read([known("u1")])
    with pytest.raises(ConnectorError) as refused:
        await asks.read([known(f"u{number}") for number in range(51)])
    assert refused.value.code == "activate.braze.not_exported"
    await asks._http.close()
    stranger = UsersReader(
        HttpClient(sandbox.url, {"Authorization": "Bearer other"}, connections_max=1),
        AttributesWriter(),
        goal("plan"),
        "onefold_id",
    )
    with pytest.raises(SetupError):
        await stranger.read([known("u1")])
    await stranger._http.close()
