"""`onefold mail`: notices by e-mail."""

from typing import Annotated

import typer

from onefold.cli.reach import ITEMS_DEFAULT, Cursor, Limit, Reach, reaching
from onefold.cli.show import Column

group = typer.Typer(help="Notices by e-mail about runs of goals.", no_args_is_help=True)

PATH = "/api/v1/mail"
MailId = Annotated[int, typer.Argument(help="Its id, as `onefold mail list` shows it.", metavar="ID", min=1)]
COLUMNS: list[Column] = [
    ("Id", "id"),
    ("To", "address"),
    ("Subject", "subject"),
    ("About", "about"),
    ("State", lambda mail: f"{mail['state']}, {mail['asked']} asked" if mail["asked"] else mail["state"]),
    ("Tries", "attempts"),
    ("Next", "next_attempt_at"),
    ("Code", "code"),
    ("What to do", "hint"),
]


@group.command("list")
@reaching
def list_mails(reach: Reach, *, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> None:
    """Show the notices that were not sent yet, or were given up: why, and what to do."""
    reach.show_list(PATH, COLUMNS, limit=limit, cursor=cursor, empty="Every notice was sent.")


@group.command("retry")
@reaching
def retry_mail(reach: Reach, mail_id: MailId) -> None:
    """Try a notice again now, also one that was given up."""
    mail = reach.ask("POST", f"{PATH}/{mail_id}/retry")
    reach.show(mail, f"It is tried again. See what comes of it: onefold mail list{reach.flags()}")


@group.command("drop")
@reaching
def drop_mail(reach: Reach, mail_id: MailId) -> None:
    """Do not send a notice; nobody is told of that again."""
    mail = reach.ask("DELETE", f"{PATH}/{mail_id}")
    reach.show(mail, f"The notice to {mail['address']} is dropped.")


@group.command("test")
@reaching
def test_mail(
    reach: Reach, address: Annotated[str, typer.Argument(help="To whom.", metavar="ADDRESS")]
) -> None:
    """Send a mail now, and tell what the mail server says."""
    with reach.client(create=True) as client:
        answer = client.post(f"{PATH}/test", {"address": address})
    reach.show(answer, f"{answer['message']} Look whether it arrives at {answer['address']}.")
