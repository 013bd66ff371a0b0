"""`onefold mail`: notices by e-mail."""

from typing import Annotated

import typer

from onefold.cli.reach import Reach, reaching

group = typer.Typer(help="Notices by e-mail about runs of goals.", no_args_is_help=True)


@group.command("test")
@reaching
def test_mail(
    reach: Reach, address: Annotated[str, typer.Argument(help="To whom.", metavar="ADDRESS")]
) -> None:
    """Send a mail now, and tell what the mail server says."""
    with reach.client(create=True) as client:
        answer = client.post("/api/v1/mail/test", {"address": address})
    reach.show(answer, f"{answer['message']} Look whether it arrives at {answer['address']}.")
