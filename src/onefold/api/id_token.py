"""What a provider's ID token says, once it is proved to be meant for us (OpenID Connect Core 1.0, 3.1.3.7).

In: the token, the provider's keys, what the sign-on began with. Out: its claims. Pure.
"""

from typing import TYPE_CHECKING, Any

from onefold.errors import RequestError

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that only the provider holds: with a shared secret, or none, anybody's would do."""
LEEWAY_S = 60
"""So far may its clock be off."""


class UnknownKeyError(Exception):
    """The keys do not have the one that signed: fetch them anew."""


def read_id_token(
    token: str,
    keys: "KeySet",
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str,
    now_s: int,
) -> dict[str, Any]:
    """Its claims.

    Raises:
        UnknownKeyError: signed by a key that is not among these.
        RequestError: it proves nothing: not signed by the provider, not for us or this sign-on, too old.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError
    from joserfc.jws import JWSRegistry

    try:
        found = jwt.decode(
            token, keys, registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        )
        claims = CodeIDToken(
            found.claims,
            found.header,
            {
                "iss": {"essential": True, "value": issuer},
                "aud": {"essential": True, "value": client_id},
                "sub": {"essential": True},
            },
            {"nonce": nonce, "client_id": client_id, "access_token": access_token},
        )
        claims.validate(now=now_s, leeway=LEEWAY_S)
    except InvalidKeyIdError as error:
        raise UnknownKeyError from error
    except (JoseError, ValueError, TypeError) as error:
        raise RequestError(
            "oidc.bad_token",
            "What the provider says of you proves nothing.",
            status=502,
            hint="Begin again. If it stays so, its clock or keys are wrong: `onefold team sign-on` looks.",
        ) from error
    return dict(claims)
