"""POST /api/v1/mail/test: does a mail arrive?"""

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from onefold.api.caller import CALLERS
from onefold.api.workspace import Here
from onefold.model.mail import Address


class MailTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom."""

    address: Address


class MailTrialView(msgspec.Struct, frozen=True):
    """The mail server took it; whether it arrives, the one who gets it sees."""

    address: str
    message: str


@post("/test", opt=CALLERS, status_code=200)
async def test_mail(workspace: Here, data: JSONBody[MailTrial]) -> MailTrialView:
    """Send a mail now, by the server of the settings, and tell what came of it."""
    await workspace.send_test_mail(data.address)
    return MailTrialView(data.address, "The mail server took it.")


router = Router("/mail", route_handlers=[test_mail], tags=["Mail"])
