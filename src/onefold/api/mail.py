"""POST /api/v1/mail/test: does a mail arrive?"""

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from onefold.api.right import ADMINISTER
from onefold.api.workspace import Here
from onefold.model.mail import TEST_KEY, Address, Mail


class MailTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom."""

    address: Address


class MailTrialView(msgspec.Struct, frozen=True):
    """The mail server took it; whether it arrives, the one who gets it sees."""

    address: str
    message: str


@post("/test", opt=ADMINISTER, status_code=200)
async def test_mail(workspace: Here, data: JSONBody[MailTrial]) -> MailTrialView:
    """Send a mail now, by the server of the settings, and tell what came of it."""
    body = f"Mails of the workspace {workspace.name} arrive here.\n"
    await workspace.send_mail(Mail(TEST_KEY, data.address, f"[{workspace.name}] A test", body))
    return MailTrialView(data.address, "The mail server took it.")


router = Router("/mail", route_handlers=[test_mail], tags=["Mail"])
