"""What an operator may set about mails."""

from typing import Annotated

from msgspec import Meta, Struct

from onefold.model.secret_setting import SECRET


class MailSettings(Struct, frozen=True, kw_only=True):
    """Mails about runs of goals, by a mail server of yours; none are sent without a `host`."""

    host: Annotated[str, Meta(description="The mail server (SMTP); empty: no mails are sent.")] = ""
    port: Annotated[int, Meta(ge=1, le=65_535, description="Usual: 587 with starttls, 465 with tls.")] = 587
    tls: Annotated[
        str,
        Meta(
            pattern="^(starttls|tls|none)$",
            description="starttls turns to TLS before anything is said, tls begins with it, none leaves "
            "all in the clear: only for a server on this machine.",
        ),
    ] = "starttls"
    ca_file: Annotated[str, Meta(description="Certificates to trust (PEM); empty: those of the system.")] = ""
    user: Annotated[str, Meta(description="For servers that want to know who sends.")] = ""
    password: Annotated[
        str,
        Meta(
            description="Its password; better in ONEFOLD_MAIL__PASSWORD than in a file that others read. "
            "Never shown.",
            extra=SECRET,
        ),
    ] = ""
    password_file: Annotated[str, Meta(description="Or a file that holds it, read anew for each mail.")] = ""
    sender: Annotated[
        str,
        Meta(pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="From whom mails are."),
    ] = "onefold@localhost"
    timeout_s: Annotated[int, Meta(ge=1, le=300, description="The server has so long to answer.")] = 20
    retry_hours_max: Annotated[
        int, Meta(ge=1, le=168, description="A mail that could not be sent is tried for so long.")
    ] = 24
