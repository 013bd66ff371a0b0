"""/api/v1/mail: notices that were not sent, with why and what to do; and whether a mail arrives at all."""

from typing import Any

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.params import FromPath, JSONBody

from onefold.api.page import ID_MAX, ITEMS_DEFAULT, Cursor, Limit, Page, page_of, read_number
from onefold.api.problem import not_found
from onefold.api.right import ADMINISTER
from onefold.api.workspace import Here, Workspace
from onefold.clock import to_iso
from onefold.model.mail import TEST_KEY, Address, Mail, MailStanding, MailState, MailWish
from onefold.run.mail_remedies import REMEDIES

NOT_TRIED = "Nothing: it is sent within some seconds, once the tasks role runs."
GIVEN_UP = "Then have it sent again: onefold mail retry"


class MailTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """To whom."""

    address: Address


class MailTrialView(msgspec.Struct, frozen=True):
    """The mail server took it; whether it arrives, the one who gets it sees."""

    address: str
    message: str


class MailView(msgspec.Struct, frozen=True):
    """A notice that was not sent."""

    id: int
    about: str
    """The id of a run, or a state of a connection."""
    address: str
    subject: str
    state: MailState
    """`waiting`, or `failed`: given up."""
    created_at: str
    attempts: int
    next_attempt_at: str | None
    """Null when it is given up."""
    code: str
    """Why the last attempt failed; empty: it was not tried."""
    hint: str
    asked: MailWish | None
    """What somebody wants done about it, until the tasks role has done it."""


@get("/", opt=ADMINISTER, sync_to_thread=True)
def list_mails(workspace: Here, limit: Limit = ITEMS_DEFAULT, cursor: Cursor = "") -> Page[MailView]:
    """Notices that wait to be sent, or were given up, newest first."""
    found = workspace.mails.page(before=read_number(cursor) or ID_MAX, count_max=limit + 1)
    asked = _asked(workspace)
    return page_of(found, limit, lambda one: one.id, lambda one: _view(one, asked))


@post("/test", opt=ADMINISTER, status_code=200)
async def test_mail(workspace: Here, data: JSONBody[MailTrial]) -> MailTrialView:
    """Send a mail now, by the server of the settings, and tell what came of it."""
    body = f"Mails of the workspace {workspace.name} arrive here.\n"
    await workspace.send_mail(Mail(TEST_KEY, data.address, f"[{workspace.name}] A test", body))
    return MailTrialView(data.address, "The mail server took it.")


@post("/{mail_id:int}/retry", opt=ADMINISTER, sync_to_thread=True, status_code=202)
def retry_mail(workspace: Here, mail_id: FromPath[int], request: Request[Any, Any, Any]) -> MailView:
    """Try a notice again now, also one that was given up."""
    return _ask(workspace, mail_id, MailWish.RETRY, request.state.caller.name)


@delete("/{mail_id:int}", opt=ADMINISTER, sync_to_thread=True, status_code=202)
def drop_mail(workspace: Here, mail_id: FromPath[int], request: Request[Any, Any, Any]) -> MailView:
    """Do not send a notice; nobody is told of that again."""
    return _ask(workspace, mail_id, MailWish.DROP, request.state.caller.name)


def _ask(workspace: Workspace, mail_id: int, wish: MailWish, by: str) -> MailView:
    found = workspace.mails.find(min(mail_id, ID_MAX))
    if found is None:
        raise not_found("mail", str(mail_id), hint="`onefold mail list` shows those that were not sent.")
    workspace.mail_wishes.ask(found.id, wish, by=by, at=workspace.clock())
    workspace.wake("tasks")
    return _view(found, _asked(workspace))


def _asked(workspace: Workspace) -> dict[int, MailWish]:
    """Mail -> what is wanted and was not done yet."""
    wishes = workspace.mail_wishes.after(workspace.mails.wishes_followed())
    return {one.mail_id: one.wish for one in wishes}


def _view(mail: MailStanding, asked: dict[int, MailWish]) -> MailView:
    is_over = mail.state is MailState.FAILED
    hint = REMEDIES.get(mail.code, "") if mail.code else NOT_TRIED
    return MailView(
        id=mail.id,
        about=mail.about,
        address=mail.address,
        subject=mail.subject,
        state=mail.state,
        created_at=to_iso(mail.created_at),
        attempts=mail.attempts,
        next_attempt_at=None if is_over else to_iso(mail.due_at),
        code=mail.code,
        hint=f"{hint} {GIVEN_UP} {mail.id}".strip() if is_over else hint,
        asked=asked.get(mail.id),
    )


router = Router("/mail", route_handlers=[list_mails, test_mail, retry_mail, drop_mail], tags=["Mail"])
