"""What an operator may set about signing in by a provider."""

from typing import Annotated

from msgspec import Meta, Struct

from onefold.model.secret_setting import SECRET

SAFE = r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/])"
"""How an address begins that secrets may travel to: by TLS, or within this machine."""


class OidcSettings(Struct, frozen=True, kw_only=True):
    """Signing in by a provider of yours that speaks OpenID Connect; off without an `issuer`."""

    issuer: Annotated[
        str,
        Meta(
            pattern=f"^$|{SAFE}",
            description="The provider's address, as it names itself; its /.well-known/openid-configuration "
            "tells the rest. Empty: nobody signs in by a provider.",
        ),
    ] = ""
    client_id: Annotated[str, Meta(description="The name under which the provider knows this server.")] = ""
    client_secret: Annotated[
        str,
        Meta(
            description="Its secret; better in ONEFOLD_OIDC__CLIENT_SECRET than in a file that others read. "
            "Never shown.",
            extra=SECRET,
        ),
    ] = ""
    client_secret_file: Annotated[
        str, Meta(description="Or a file that holds it, read anew for each sign-on.")
    ] = ""
    ca_file: Annotated[str, Meta(description="Certificates to trust (PEM); empty: those of the system.")] = ""
    label: Annotated[
        str,
        Meta(min_length=1, max_length=40, description="What the button says: Sign in with …"),
    ] = "single sign-on"
    allowed_domains: Annotated[
        tuple[str, ...],
        Meta(
            description="Who has a verified address of these domains joins at the first sign-on without an "
            "invitation. Empty: only who was invited gets in."
        ),
    ] = ()
    default_role: Annotated[
        str,
        Meta(
            pattern="^(admin|engineer|marketer|analyst|viewer)$",
            description="What they are then.",
        ),
    ] = "viewer"
    trust_addresses: Annotated[
        bool,
        Meta(
            description="Take addresses for verified of which the provider does not say whether they are; "
            "only where people cannot choose theirs."
        ),
    ] = False
    password_sign_in: Annotated[
        bool,
        Meta(
            description="Whether people may still sign in by password. If not, an owner gets in by "
            "`onefold team invite` on the server's machine, whatever the provider does."
        ),
    ] = True
    timeout_s: Annotated[int, Meta(ge=1, le=60, description="The provider has so long to answer.")] = 10

    @property
    def is_on(self) -> bool:
        """Whether there is a provider."""
        return bool(self.issuer)

    @property
    def is_password_off(self) -> bool:
        """Whether the provider is the only way in."""
        return self.is_on and not self.password_sign_in
