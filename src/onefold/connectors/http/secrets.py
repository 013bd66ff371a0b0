"""Secrets put into a request when it leaves, and taken out of whatever is shown.

In: a written request, a connection's secrets. Out: texts for the wire, or the same with every secret masked.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import parse_qsl, quote, quote_plus

import msgspec

from onefold.connectors.http.call import Parts, SecretPart, Written, read_rules
from onefold.connectors.http.declare import FORM, JSON

MASK = "***"
BASIC = "Basic "
VALUES_MAX = 200
SHORT = 4
"""A shorter secret is masked only where it is put in: it would mask half of every text."""

Encode = Callable[[str], str]


def _plain(text: str) -> str:
    return text


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()[1:-1]


def _url(text: str) -> str:
    return quote(text, safe="")


BODY_ENCODERS: Mapping[str, Encode] = {JSON: _json, FORM: quote_plus}


class Filled(msgspec.Struct, frozen=True):
    """A request's texts, whole."""

    url: str
    headers: dict[str, str]
    body: str


def fill(written: Written, secrets: Mapping[str, str] | None) -> Filled:
    """The request with its secrets; masked without.

    Raises:
        KeyError: there is no secret of that name.
    """
    encode_body = BODY_ENCODERS.get(read_rules(written.rules).format, _plain)
    return Filled(
        _join(written.url, secrets, _url),
        {name: _join(parts, secrets, _plain) for name, parts in written.headers.items()},
        _join(written.body, secrets, encode_body),
    )


def missing(written: Written, secrets: Mapping[str, str]) -> list[str]:
    """Names of secrets that the request needs and the connection does not have."""
    names = {
        name
        for part in _secret_parts(written)
        for kind, name in part.names
        if kind == "secret" and not secrets.get(name)
    }
    return sorted(names)


def mask(text: str, secrets: Mapping[str, str]) -> str:
    """A text that came back, without secrets that it repeats."""
    for value in sorted(secrets.values(), key=len, reverse=True):
        if len(value) >= SHORT:
            text = _mask_value(text, value)
    return text


def mask_filled(text: str, written: Written, secrets: Mapping[str, str]) -> str:
    """Likewise, with what was made of several secrets of this request."""
    if missing(written, secrets):
        return mask(text, secrets)  # it was not sent
    for part in _secret_parts(written):
        if part.kind == "basic":
            whole = _value(part, secrets)
            for value in (whole, whole.removeprefix(BASIC)):  # an answer may repeat it without its scheme
                text = _mask_value(text, value)
    return mask(text, secrets)


def mask_values(text: str, written: Written) -> str:
    """A text that came back, without the values of the body that it answers."""
    form, body = read_rules(written.rules).format, fill(written, None).body
    try:
        held = parse_qsl(body) if form == FORM else msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError):
        return text
    for value in sorted(set(_texts(held)), key=len, reverse=True)[:VALUES_MAX]:
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", MASK, text)
    return text


def _secret_parts(written: Written) -> Iterator[SecretPart]:
    for parts in (written.url, written.body, *written.headers.values()):
        yield from (part for part in parts if isinstance(part, SecretPart))


def _mask_value(text: str, value: str) -> str:
    for form in {value, _json(value), _url(value), quote_plus(value)}:
        text = text.replace(form, MASK)
    return text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) and len(value) >= SHORT and value != MASK:
        yield value


def _join(parts: Parts, secrets: Mapping[str, str] | None, encode: Encode) -> str:
    return "".join(
        part if isinstance(part, str) else MASK if secrets is None else encode(_value(part, secrets))
        for part in parts
    )


def _value(part: SecretPart, secrets: Mapping[str, str]) -> str:
    sides = [secrets[name] if kind == "secret" else name for kind, name in part.names]
    if part.kind == "secret":
        return sides[0]
    return BASIC + b64encode(":".join(sides).encode()).decode()
