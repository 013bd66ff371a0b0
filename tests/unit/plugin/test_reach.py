"""Which addresses are asked for whoever sets up a connection, by each client that asks for them."""

import pytest

from onefold.connectors.braze.origin import open_file
from onefold.errors import SetupError
from onefold.plugin.http import HttpClient
from onefold.plugin.object_store import ObjectStore, S3Account
from onefold.plugin.reach import check_host, is_allowed

PUBLIC = ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"]
PRIVATE = [
    "10.0.0.1",
    "127.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "::1",
    "fd12::1",
    "100.64.0.1",
    "::ffff:10.0.0.1",
    *("fec0::1", "::127.0.0.1", "64:ff9b:1::7f00:1", "64:ff9b:1::5db8:d822"),
]
NEVER = [
    *("169.254.169.254", "169.254.1.1", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "0.0.0.0", "::"),
    *(
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ),
    *("100.100.100.200", "nonsense", "::169.254.169.254", "64:ff9b:1::a9fe:a9fe"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_reached(address):
    assert is_allowed(address, allow_private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_only_where_they_are_allowed(address):
    assert not is_allowed(address, allow_private=False)
    assert is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_reached(address):
    assert not is_allowed(address, allow_private=True)


METADATA = ["http://169.254.169.254", "http://[fd00:ec2::254]:80", "http://[::ffff:169.254.169.254]"]


@pytest.mark.parametrize("url", METADATA)
async def test_no_client_asks_where_a_machine_gets_its_credentials(url):
    client = HttpClient(url, {}, connections_max=1, timeout_s=2)
    with pytest.raises(SetupError) as raised:
        await client.post("/users/track", b"{}")
    assert raised.value.code == "connection.address_blocked"
    store = ObjectStore(S3Account("id", "key", "bucket", endpoint=url))
    with pytest.raises(SetupError) as raised:
        list(store.list(""))
    assert raised.value.code == "connection.address_blocked"
    with open_file() as file, pytest.raises(SetupError) as raised:
        file.get(url + "/latest/meta-data/")
    assert raised.value.code == "connection.address_blocked"


def test_a_name_is_judged_by_where_it_leads():
    check_host("http://localhost:9000", allow_private=True)
    with pytest.raises(SetupError):
        check_host("http://localhost:9000", allow_private=False)
    # What leads nowhere is the client's to complain of.
    check_host("http://no-such-host.invalid", allow_private=False)
