"""Which addresses may be asked on behalf of whoever sets up a connection.

In: a host's name or address. Out: whether a socket may be opened to it: never to where clouds give out the
machine's own credentials, nor to one's own link; to private addresses where the caller says so.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

from onefold.errors import SetupError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA = frozenset(
    map(
        ipaddress.ip_address,
        # AWS, Google and Azure; AWS by IPv6; Alibaba; Oracle; Azure's host agent.
        ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    )
)
"""Where clouds give out the machine's own credentials."""
_CARRIERS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")))
"""They end in an IPv4 address: NAT64 (RFC 6052), a network's own NAT64 (RFC 8215), the old "compatible"."""
_LOCAL = tuple(map(ipaddress.IPv6Network, ("64:ff9b:1::/48", "fec0::/10")))
"""Of one's own network, though Python calls them global. Where in its NAT64 a network puts the IPv4 address
is its own affair, so none of these is taken for public."""


def is_allowed(address: str, *, allow_private: bool) -> bool:
    """Whether a socket may be opened to this address."""
    try:
        outer = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    found = _innermost(outer)
    if found in METADATA or found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    if isinstance(found, ipaddress.IPv4Address) and found.is_reserved:
        return False  # with the broadcast address
    return allow_private or (found.is_global and not any(outer in network for network in _LOCAL))


def _innermost(address: Address) -> Address:
    """An IPv4 address that travels within an IPv6 one is judged as itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if inner is None and any(address in network for network in _CARRIERS):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def is_address(host: str) -> bool:
    """Whether a host is an address already, so that no resolver is asked about it."""
    try:
        socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host.partition("%")[0])
    except OSError:
        return False
    return True


def check_host(url: str, *, allow_private: bool) -> None:
    """That no address of a URL's host is blocked, for clients that open sockets themselves; looks it up.

    Raises:
        SetupError: one is. A host that cannot be resolved is the client's to complain of.
    """
    try:
        found = socket.getaddrinfo(urlsplit(url).hostname, None, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError):
        return
    if not all(is_allowed(str(one[4][0]), allow_private=allow_private) for one in found):
        raise blocked_host()


def blocked_host() -> SetupError:
    """The error that says that a host of the settings is not asked."""
    return SetupError(
        "connection.address_blocked",
        "The host leads to an address that is never asked: one where machines get their credentials.",
        hint="Correct the address in the settings of the connection.",
    )
