"""The provider of identities: who somebody is, by OpenID Connect with an authorization code and PKCE.

In: the settings. Out: where to send a browser, and, for the code that it comes back with, an `Identity`. What
the provider says of itself, and its keys, are kept for an hour.
Standards: OpenID Connect Core and Discovery 1.0, RFC 6749, RFC 7636.
"""

import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import msgspec

from onefold import __version__
from onefold.api.id_token import UnknownKeyError, read_id_token
from onefold.clock import HOUR, SECOND, Clock
from onefold.errors import OnefoldError, RequestError, SetupError, TransientError
from onefold.model.identity import Identity
from onefold.model.oidc_settings import SAFE, OidcSettings

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

DISCOVERY = "/.well-known/openid-configuration"
SCOPES = "openid email profile"
KEPT = HOUR
ANSWER_BYTES_MAX = 1 << 20
"""Far more than any provider says."""


class Described(msgspec.Struct, frozen=True):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Tokens(msgspec.Struct, frozen=True):
    """What a code is traded for."""

    id_token: str
    access_token: str = ""


class Refused(msgspec.Struct, frozen=True):
    """Why a code is not traded."""

    error: str = ""


class Provider:
    """One provider, where this server is one of its clients."""

    def __init__(self, settings: OidcSettings, redirect_uri: str, clock: Clock) -> None:
        self.issuer = settings.issuer
        self.redirect_uri = redirect_uri
        self._settings = settings
        self._clock = clock
        self._described: tuple[Described, int] | None = None
        self._keys: tuple[KeySet, int] | None = None

    async def describe(self) -> Described:
        """What it says of itself.

        Raises:
            TransientError: it cannot be reached.
            SetupError: that is no provider, or another one.
        """
        if self._described and self._described[1] > self._clock():
            return self._described[0]
        status, body = await self._ask("GET", self.issuer.rstrip("/") + DISCOVERY)
        try:
            found = msgspec.json.decode(body if status == 200 else b"", type=Described)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _no_provider(f"{self.issuer}{DISCOVERY} answers {status}, and describes none.") from error
        if found.issuer != self.issuer:
            raise SetupError(
                "oidc.other_issuer",
                f"The provider calls itself {found.issuer}, the settings call it {self.issuer}.",
                hint="Write oidc.issuer exactly as the provider writes it, down to the last slash.",
            )
        for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            if not _is_safe(url):
                raise _no_provider(f"{url} is not https.")
        self._described = found, self._clock() + KEPT
        return found

    async def begin(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where to send the browser.

        Raises:
            ConnectorError: see `describe`.
        """
        from authlib.oauth2.client import OAuth2Client

        found = await self.describe()
        client = OAuth2Client(
            None,
            client_id=self._client_id(),
            redirect_uri=self.redirect_uri,
            scope=SCOPES,
            code_challenge_method="S256",
        )
        url, _ = client.create_authorization_url(
            found.authorization_endpoint, state=state, code_verifier=verifier, nonce=nonce
        )
        return str(url)

    async def identify(self, code: str, *, nonce: str, verifier: str) -> Identity:
        """Who came back with this code.

        Raises:
            RequestError: the code, or what it was traded for, is no good.
            ConnectorError: the provider is away, or does not know this server.
        """
        tokens = await self._trade(code, verifier)
        claims = await self._read(tokens, nonce)
        if "email" not in claims:
            claims |= await self._ask_more(tokens, str(claims["sub"]))
        verified = claims.get("email_verified", self._settings.trust_addresses)
        return Identity(
            self.issuer,
            str(claims["sub"]),
            _text(claims.get("email")),
            # Some write it as a text.
            verified is True or verified == "true",
            _text(claims.get("name")),
        )

    async def check_client(self) -> None:
        """That the provider knows this server: by a code that is none.

        Raises:
            ConnectorError: it does not, or is away.
        """
        try:
            await self._trade("none", "none" * 16)
        except RequestError:
            return  # it knows us, and refuses the code

    async def _trade(self, code: str, verifier: str) -> Tokens:
        found = await self.describe()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        client_id, secret, auth = self._client_id(), _secret(self._settings), None
        if secret and "client_secret_basic" in found.token_endpoint_auth_methods_supported:
            # RFC 6749, 2.3.1: each is encoded first.
            auth = httpx.BasicAuth(quote(client_id, safe=""), quote(secret, safe=""))
        else:
            form |= {"client_id": client_id} | ({"client_secret": secret} if secret else {})
        status, body = await self._ask("POST", found.token_endpoint, form=form, auth=auth)
        if status == 200:
            try:
                return msgspec.json.decode(body, type=Tokens)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise _no_provider("It gives no ID token.") from error
        raise _not_traded(status, body)

    async def _read(self, tokens: Tokens, nonce: str) -> dict[str, Any]:
        for is_last in (False, True):
            try:
                return read_id_token(
                    tokens.id_token,
                    await self._find_keys(anew=is_last),
                    issuer=self.issuer,
                    client_id=self._client_id(),
                    nonce=nonce,
                    access_token=tokens.access_token,
                    now_s=self._clock() // SECOND,
                )
            except UnknownKeyError:
                continue
        raise _no_provider("Its ID token is signed by a key that it does not publish.")

    async def _find_keys(self, *, anew: bool) -> "KeySet":
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        if self._keys and not anew and self._keys[1] > self._clock():
            return self._keys[0]
        status, body = await self._ask("GET", (await self.describe()).jwks_uri)
        try:
            keys = KeySet.import_key_set(msgspec.json.decode(body if status == 200 else b""))
        except (JoseError, msgspec.DecodeError, ValueError, TypeError, KeyError) as error:
            raise _no_provider(f"Its keys cannot be read ({status}).") from error
        self._keys = keys, self._clock() + KEPT
        return keys

    async def _ask_more(self, tokens: Tokens, subject: str) -> dict[str, Any]:
        """What it tells of the same person apart from the ID token."""
        found = await self.describe()
        if not _is_safe(found.userinfo_endpoint) or not tokens.access_token:
            return {}
        headers = {"authorization": f"Bearer {tokens.access_token}"}
        status, body = await self._ask("GET", found.userinfo_endpoint, headers=headers)
        try:
            told = msgspec.json.decode(body if status == 200 else b"{}", type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}
        # Core, 5.3.2: of another subject it must not be used.
        return told if told.get("sub") == subject else {}

    async def _ask(
        self,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
    ) -> tuple[int, bytes]:
        """One request: status, body. No redirects: what it says of itself names every address."""
        sent = {"accept": "application/json", "user-agent": f"Onefold/{__version__}", **(headers or {})}
        client = httpx.AsyncClient(
            verify=_trusted(self._settings), timeout=self._settings.timeout_s, trust_env=False
        )
        try:
            async with client, client.stream(method, url, data=form, headers=sent, auth=auth) as answer:
                return answer.status_code, await _read_body(answer)
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise TransientError(
                "oidc.unreachable",
                f"The provider cannot be reached: {type(error).__name__}.",
                hint="Is oidc.issuer right, and does its certificate hold (oidc.ca_file)? "
                "`onefold team sign-on` looks; on the server's machine `onefold open` lets you in.",
            ) from error

    def _client_id(self) -> str:
        if not self._settings.client_id:
            raise _wrong_client("oidc.client_id is not set.")
        return self._settings.client_id


async def _read_body(answer: httpx.Response) -> bytes:
    body = b""
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > ANSWER_BYTES_MAX:
            raise _no_provider("It says far too much.")
    return body


def _is_safe(url: str) -> bool:
    return bool(url) and re.match(SAFE, url) is not None


def _not_traded(status: int, body: bytes) -> OnefoldError:
    try:
        reason = msgspec.json.decode(body, type=Refused).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        reason = ""
    if reason in ("invalid_client", "unauthorized_client") or (status == 401 and not reason):
        return _wrong_client("The provider does not know this server.")
    if status >= 500:
        return TransientError("oidc.failed", f"The provider failed with status {status}.")
    return RequestError(
        "oidc.bad_code",
        "The provider does not know this sign-on any more.",
        status=401,
        hint="Begin again: each is good once, for some minutes.",
    )


def _wrong_client(message: str) -> SetupError:
    return SetupError(
        "oidc.wrong_client",
        message,
        hint="oidc.client_id and oidc.client_secret are those of a web client that the provider made for "
        "this server; `onefold team sign-on` tells the address that it must allow.",
    )


def _no_provider(message: str) -> SetupError:
    return SetupError(
        "oidc.no_provider",
        f"That is no provider to sign in by. {message}",
        hint="oidc.issuer is the address under which the provider has /.well-known/openid-configuration.",
    )


def _secret(settings: OidcSettings) -> str:
    if not settings.client_secret_file:
        return settings.client_secret
    try:
        return Path(settings.client_secret_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong_client(f"The secret in {settings.client_secret_file} cannot be read.") from error


def _trusted(settings: OidcSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:
        raise SetupError(
            "oidc.no_certificates",
            f"The certificates in {settings.ca_file} cannot be read.",
            hint="oidc.ca_file is a file of certificates (PEM) that the server's user may read.",
        ) from error


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
