"""Mails to a real server on a socket: with TLS of both kinds, with a password, and when it says no."""

from pathlib import Path

import pytest

from onefold.errors import OnefoldError
from onefold.model.mail import Mail
from onefold.run.mail_settings import MailSettings
from onefold.runtime.mail import send_mail
from onefold.testing.mail_server import PASSWORD, USER, Inbox, certificate, mail_server

MAIL = Mail("run-1", "ops@example.org", "[Café] Braze, Käufer: failed", "10 planned.\n\nSee it.\n")


def settings(port, **given):
    usual = {"host": "127.0.0.1", "port": port, "sender": "cdp@example.org", "tls": "none"}
    return MailSettings(**{**usual, **given})


async def code_of(settings, mail=MAIL):
    with pytest.raises(OnefoldError) as raised:
        await send_mail(settings, mail)
    assert "ops@example.org" not in str(raised.value)
    return raised.value.code


async def test_a_mail_arrives_as_it_was_written():
    inbox = Inbox()
    with mail_server(inbox) as port:
        await send_mail(settings(port), MAIL)
        await send_mail(settings(port), MAIL)
    first, second = inbox.mails
    assert (first["subject"], first["to"], first["from"]) == (
        "[Café] Braze, Käufer: failed",
        "ops@example.org",
        "Onefold <cdp@example.org>",
    )
    assert first.get_content().replace("\r\n", "\n") == MAIL.body
    assert first["auto-submitted"] == "auto-generated"
    assert first["message-id"] == second["message-id"]
    assert inbox.envelopes[0].mail_from == "cdp@example.org"


async def test_starttls_with_a_password(tmp_path: Path):
    trusted, context = certificate(tmp_path)
    inbox = Inbox()
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    with mail_server(inbox, authenticator=inbox.authenticate, **options) as port:
        safe = {"tls": "starttls", "ca_file": str(trusted), "user": USER}
        await send_mail(settings(port, **safe, password=PASSWORD), MAIL)
        await send_mail(settings(port, **safe, password_file=str(tmp_path / "password")), MAIL)
        assert await code_of(settings(port, **safe, password="wrong")) == "mail.credentials"
        assert await code_of(settings(port, **safe, password_file="/nowhere")) == "mail.no_password"
        assert await code_of(settings(port, tls="starttls", user=USER, password=PASSWORD)) == "mail.tls"
    assert inbox.users == [USER, USER]


async def test_tls_from_the_first_byte(tmp_path: Path):
    trusted, context = certificate(tmp_path)
    inbox = Inbox()
    with mail_server(inbox, ssl_context=context) as port:
        await send_mail(settings(port, tls="tls", ca_file=str(trusted)), MAIL)
        assert await code_of(settings(port, tls="tls")) == "mail.tls"
        assert await code_of(settings(port, tls="tls", ca_file="/nowhere")) == "mail.no_certificates"
    assert len(inbox.mails) == 1


async def test_a_server_without_tls_gets_no_mail_that_wants_it():
    inbox = Inbox()
    with mail_server(inbox) as port:
        assert await code_of(settings(port, tls="starttls")) == "mail.not_supported"
    assert inbox.mails == []


@pytest.mark.parametrize(("answer", "code"), [("550 no", "mail.refused"), ("451 later", "mail.put_off")])
async def test_what_the_server_says_is_told_apart(answer, code):
    inbox = Inbox()
    inbox.refusals = [answer]
    with mail_server(inbox) as port:
        assert await code_of(settings(port)) == code


async def test_a_server_that_is_away():
    with mail_server(Inbox()) as port:
        pass
    assert await code_of(settings(port)) == "mail.unreachable"


async def test_without_a_server_the_remedy_is_said():
    assert await code_of(MailSettings()) == "mail.not_set_up"
