"""Where calls may go: named hosts only."""

import pytest

from onefold.connectors.http.address import find_url, host_of, url_problem
from onefold.connectors.http.fault import TemplateFaultError


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
