"""Where a call may go: the hosts that its connection names; to which addresses, says `plugin/reach.py`.

In: a URL as a template made it. Out: the URL as it is sent, or why it is not. Pure.
"""

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from onefold.connectors.http.fault import TemplateFaultError

URL_CHARS_MAX = 8_000
"""Servers take about as much in a request's first line."""
PORTS = {"http": 80, "https": 443}


def host_of(text: str) -> str:
    """`api.example.com:8443` of a URL or of a host as written; without a port that goes without saying.

    Raises:
        ValueError: it is neither.
    """
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host, port = (parts.hostname or "").rstrip("."), parts.port
    if not host or parts.username is not None or any(character.isspace() for character in text):
        raise ValueError(text)
    if ":" in host:
        host = f"[{host}]"
    return host if port in (None, PORTS.get(parts.scheme)) else f"{host}:{port}"


def find_url(text: str, endpoint: str, hosts: Collection[str]) -> str:
    """The whole address of what a template made, if it may be sent there.

    Raises:
        TemplateFaultError: it may not.
    """
    url = endpoint.rstrip("/") + text if text.startswith("/") else text
    if len(url) > URL_CHARS_MAX:
        raise TemplateFaultError(f"The URL has more than {URL_CHARS_MAX} characters.", "url")
    if not url.isascii() or not url.isprintable() or any(one in url for one in ' "<>\\^`{|}'):
        raise TemplateFaultError("The URL holds a character that must be encoded.", "url")
    try:
        parts = urlsplit(url)
        host = host_of(url)
    except ValueError as error:
        raise TemplateFaultError("That is no URL.", "url") from error
    if parts.scheme not in PORTS or parts.fragment:
        raise TemplateFaultError("A URL begins with https:// or http://, and has no #.", "url")
    if host not in hosts:
        raise TemplateFaultError(f"The connection does not allow the host {host}.", "url")
    # A server may decode an encoded / before it resolves the path; some take \ for /.
    if any(part in (".", "..") for part in re.split(r"[/\\]", unquote(parts.path))):
        raise TemplateFaultError("A part of the path is . or .., which leads elsewhere.", "url")
    return url


def url_problem(source: str) -> str:
    """Why a template of a URL cannot be kept: its host must be written out, so that no value chooses it."""
    if source.startswith("/"):
        return "" if not source.startswith("//") else "A path begins with one /."
    scheme, is_whole, rest = source.partition("://")
    if not is_whole or scheme not in PORTS:
        return "A URL is a path that begins with /, or begins with https:// or http://."
    host = rest.partition("/")[0].partition("?")[0]
    if not host or "{" in host or "}" in host:
        return "The host of a URL must be written out: no placeholder may choose it."
    try:
        host_of(f"{scheme}://{host}")
    except ValueError:
        return f"{host!r} is no host."
    return ""
