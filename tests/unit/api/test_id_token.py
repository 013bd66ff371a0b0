"""What an ID token has to prove, each rule broken once."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from onefold.api.id_token import LEEWAY_S, UnknownKeyError, read_id_token
from onefold.errors import RequestError

KEY = RSAKey.generate_key(2048, {"kid": "1"})
KEYS = KeySet([KEY])
NOW = 1_800_000_000
CLAIMS = {
    "iss": "https://id.example.org",
    "aud": "onefold",
    "sub": "1",
    "exp": NOW + 300,
    "iat": NOW,
    "nonce": "n",
}


def read(token: str, **more: Any) -> dict[str, Any]:
    given = {"issuer": "https://id.example.org", "client_id": "onefold", "nonce": "n", "access_token": ""}
    return read_id_token(token, KEYS, **{**given, **more}, now_s=NOW)


def signed(key: RSAKey = KEY, header: dict[str, Any] | None = None, **changed: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    return jwt.encode(header or {"alg": "RS256", "kid": "1"}, claims, key)


def test_a_good_one_is_read() -> None:
    assert read(signed())["sub"] == "1"
    assert read(signed(aud=["onefold", "other"], azp="onefold"))["sub"] == "1"
    assert read(signed(exp=NOW - LEEWAY_S + 1))["sub"] == "1"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example.org"},
        {"aud": "other"},
        {"aud": ["onefold", "other"]},
        {"azp": "other"},
        {"exp": NOW - LEEWAY_S - 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"nonce": "m"},
        {"nonce": None},
        {"nbf": NOW + LEEWAY_S + 1},
    ],
)
def test_one_that_is_not_for_this_sign_on_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="proves nothing"):
        read(signed(**changed))


def test_one_that_another_signed_is_refused() -> None:
    with pytest.raises(RequestError):
        read(signed(RSAKey.generate_key(2048, {"kid": "1"})))
    with pytest.raises(UnknownKeyError):
        read(signed(RSAKey.generate_key(2048, {"kid": "2"}), {"alg": "RS256", "kid": "2"}))


def test_no_key_that_others_hold_will_do() -> None:
    """Neither no signature at all, nor one by a shared secret."""
    body = signed().split(".")[1]
    none = "eyJhbGciOiJub25lIn0." + body + "."
    with pytest.raises(RequestError):
        read(none)
    shared = OctKey.import_key("a secret that the client shares with the provider")
    token = jwt.encode({"alg": "HS256", "kid": "1"}, CLAIMS, shared)
    with pytest.raises(RequestError):
        read(token)
    for rubbish in ("", "a", "a.b.c", "..", signed() + "x"):
        with pytest.raises(RequestError):
            read(rubbish)


def test_an_access_token_that_does_not_belong_to_it_is_refused() -> None:
    with pytest.raises(RequestError):
        read(signed(at_hash="x" * 22), access_token="another")
