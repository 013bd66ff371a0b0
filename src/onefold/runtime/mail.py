"""Sending one mail by SMTP.

In: the settings, a mail. Out: it was taken by the server. Every mail names what it is about in its
Message-ID, so that one that had to be sent twice (no answer came) is recognised by the reader's program.
"""

import hashlib
import ssl
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path

import aiosmtplib

from onefold.errors import ConnectorError, RequestError, SetupError, TransientError
from onefold.model.mail import TEST_KEY, Mail
from onefold.run.mail_remedies import REMEDIES
from onefold.run.mail_settings import MailSettings

NOT_SUPPORTED = (aiosmtplib.SMTPNotSupported, aiosmtplib.SMTPException)
"""The second, bare, is what comes of a server without STARTTLS."""


async def send_mail(settings: MailSettings, mail: Mail) -> None:
    """Hand a mail to the server.

    Raises:
        RequestError: no server is set.
        SetupError: the server refuses us, or proves not to be itself.
        TransientError: it cannot be reached, or asks to come back.
        ConnectorError: it will never take this mail.
    """
    if not settings.host:
        raise RequestError(
            "mail.not_set_up",
            "No mail server is set.",
            status=409,
            hint=REMEDIES["mail.not_set_up"],
        )
    message, context = make_message(settings.sender, mail), _trusted(settings)
    try:
        await aiosmtplib.send(
            message,
            sender=settings.sender,
            recipients=[mail.address],
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=_password(settings) if settings.user else None,
            timeout=settings.timeout_s,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=context if settings.tls != "none" else None,
        )
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _explain(error, settings) from error


def make_message(sender: str, mail: Mail) -> EmailMessage:
    """As it travels."""
    message = EmailMessage()
    message["From"] = f"Onefold <{sender}>"
    message["To"] = mail.address
    message["Subject"] = "".join(one if one.isprintable() else " " for one in mail.subject)
    message["Date"] = formatdate()
    name = hashlib.sha256(f"{mail.key} {mail.address}".encode()).hexdigest()[:32]
    if mail.key != TEST_KEY:
        message["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    # Answers of absence to a program help nobody (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _trusted(settings: MailSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:
        raise SetupError(
            "mail.no_certificates",
            f"The certificates in {settings.ca_file} cannot be read.",
            hint=REMEDIES["mail.no_certificates"],
        ) from error


def _password(settings: MailSettings) -> str:
    if not settings.password_file:
        return settings.password
    try:
        return Path(settings.password_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            "mail.no_password",
            f"The password in {settings.password_file} cannot be read.",
            hint=REMEDIES["mail.no_password"],
        ) from error


def _explain(error: Exception, settings: MailSettings) -> ConnectorError:
    """In our words; what a server says may repeat addresses."""
    where = f"{settings.host}:{settings.port}"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            told = f"No trusted connection to {where}: {_reason(cause)}."
            return SetupError("mail.tls", told, hint=REMEDIES["mail.tls"])
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return SetupError(
            "mail.credentials",
            f"{where} refuses user and password ({error.code}).",
            hint=REMEDIES["mail.credentials"],
        )
    if type(error) in NOT_SUPPORTED:
        told = f"{where} does not offer what the settings ask for."
        return SetupError("mail.not_supported", told, hint=REMEDIES["mail.not_supported"])
    code = _code(error)
    if code >= 500:
        told = f"{where} will not take the mail ({code})."
        return ConnectorError("mail.refused", told, hint=REMEDIES["mail.refused"])
    if code:
        return TransientError("mail.put_off", f"{where} asks to come back later ({code}).")
    return TransientError(
        "mail.unreachable", f"{where} cannot be reached.", hint=REMEDIES["mail.unreachable"]
    )


def _code(error: Exception) -> int:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return max((refused.code for refused in error.recipients), default=550)
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return (error.reason or "no TLS").replace("_", " ").lower()
