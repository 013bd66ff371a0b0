"""Where calls may go: named hosts only, and no address that must not be reached."""

import pytest

from onefold.connectors.http.address import find_url, host_of, is_allowed, url_problem
from onefold.connectors.http.fault import TemplateFaultError

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


def test_hosts_are_compared_with_their_port():
    assert host_of("https://API.example.com:443/x") == host_of("api.example.com") == "api.example.com"
    assert host_of("http://api.example.com:8080") == "api.example.com:8080"
    assert host_of("http://[::1]:80/") == "[::1]"


ENDPOINT, HOSTS = "https://api.example.com", {"api.example.com", "hooks.example.com"}


def test_a_path_goes_to_the_endpoint_and_a_url_to_an_allowed_host():
    assert find_url("/users?x=1", ENDPOINT, HOSTS) == "https://api.example.com/users?x=1"
    assert find_url("/users/a%2Fb..c", ENDPOINT, HOSTS) == "https://api.example.com/users/a%2Fb..c"
    assert find_url("https://hooks.example.com/a", ENDPOINT, HOSTS) == "https://hooks.example.com/a"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://evil.example.com/",
            "https://api.example.com@evil.example.com/",
            "https://user@api.example.com/",
        ),
        *("/users/../admin", "/users/%2e%2E/admin", "/a#b", "ftp://api.example.com/"),
        *("/users/..%2F..%2Fadmin", "/users/a%2f..%5Cadmin", "/users/%2e%2f"),
        *(
            "https://api.example.com:8443/",
            "/a b",
            "/a\r\nHost: x",
            "/" + "x" * 9000,
            "https://api.example.com\\@evil/",
        ),
    ],
)
def test_everything_else_is_refused(url):
    with pytest.raises(TemplateFaultError):
        find_url(url, ENDPOINT, HOSTS)


@pytest.mark.parametrize(
    "source",
    ["users", "//x/y", "https://{{ profile.traits.host }}/", "{{ params.url }}", "https://", "gopher://x/"],
)
def test_no_placeholder_chooses_a_host(source):
    assert url_problem(source)


def test_a_good_template_of_a_url():
    assert (
        url_problem("/users/{{ profile.id }}")
        == url_problem("https://api.example.com/{{ profile.id }}")
        == ""
    )
