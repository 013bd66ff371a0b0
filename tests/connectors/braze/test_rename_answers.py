"""By which id a person is reached, and what Braze answers of a rename, in whatever form."""

from typing import NamedTuple

import msgspec
import pytest
from aiohttp import web
from tests.connectors.braze.renaming import NOT_RENAMED, RENAME, TAKEN

from onefold.connectors.braze.client import BrazeDestination
from onefold.connectors.braze.deletions import DeletionsWriter
from onefold.connectors.braze.renames import Renames, name_person
from onefold.errors import SetupError, TransientError
from onefold.model.connection import Connection
from onefold.model.outcome import Kind

EXPORT = "/users/export/ids"
PASSED = (Kind.PASSED, "")
UNKNOWN = 201, {"message": "success", "external_ids": [], "rename_errors": [[0, "unknown"]]}


def test_whoever_was_renamed_is_deleted_by_each_id_that_may_lead_there():
    known = {'\nexternal_id\n["c2","c1"]': -10, '\nexternal_id\n["c3","c2"]': 11}
    drafts = DeletionsWriter("l").write({}, known)
    assert {draft.body for draft in drafts} == {b'"c1"', b'"c2"', b'"c3"'}


def test_an_id_may_hold_anything_that_an_identifier_may():
    old, new = "a\nb", 'c"\n\\d'
    named = name_person([old, new], new, {}, Renames.ASK)
    (draft,) = named.before
    assert msgspec.json.decode(draft.body) == {"current_external_id": old, "new_external_id": new}
    assert (named.current, named.origin) == (new, old)
    assert name_person([old, new], new, draft.known, Renames.ASK) == (new, old, ())
    refused = {mark: -state for mark, state in draft.known.items()}
    assert name_person([old, new], new, refused, Renames.ASK) == (new, new, ())
    assert name_person([old, new], new, {}, Renames.WAIT) == (old, old, ())
    doubtful = dict.fromkeys(draft.known, 0)
    assert name_person([old, new], new, doubtful, Renames.ASK) == named


class Parcel(NamedTuple):
    part: str
    body: bytes


def wish(old, new):
    body = msgspec.json.encode({"current_external_id": old, "new_external_id": new})
    return Parcel("external_id_renames", body)


@pytest.fixture
async def send():
    """Sends renames to a server that gives these answers, as status and body."""
    answers = {}

    async def answer(request):
        status, content = answers[request.path]
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        return web.Response(status=status, body=body, content_type="application/json")

    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    settings = {"endpoint": f"http://127.0.0.1:{runner.addresses[0][1]}"}
    destination = BrazeDestination(Connection(1, "B", "braze", settings=settings, secrets={"api_key": "k"}))

    async def ask(*pairs, renamed, exported):
        answers.update({RENAME: renamed, EXPORT: exported})
        outcomes = await destination.send("rename", [wish(*pair) for pair in pairs])
        return [(one.kind, one.code) for one in outcomes]

    yield ask
    await destination.close()
    await runner.cleanup()


@pytest.mark.parametrize(
    "errors",
    [
        [[1, "new_external_id is already in use"]],
        [{"index": 1, "message": "new_external_id is already in use"}],
        [["new_external_id is already in use"]],
        ["new_external_id is already in use"],
    ],
)
async def test_an_error_is_found_in_whatever_form_it_comes(send, errors):
    content = {"message": "success", "external_ids": ["n1", "n3"], "rename_errors": errors}
    pairs = ("o1", "n1"), ("o2", "n2"), ("o3", "n3")
    found = await send(*pairs, renamed=(201, content), exported=(201, {"message": "success", "users": []}))
    assert found == [PASSED, TAKEN, PASSED]


async def test_what_was_done_before_is_told_by_whom_the_old_id_leads_to(send):
    users = {"message": "success", "users": [{"external_id": "n1"}]}
    assert await send(("o1", "n1"), renamed=UNKNOWN, exported=(201, users)) == [PASSED]


@pytest.mark.parametrize("status", [400, 403])
async def test_where_braze_does_not_tell_whom_an_id_leads_to_nobody_waits_for_it(send, status):
    refusal = status, {"message": "no"}
    assert await send(("o1", "n1"), renamed=UNKNOWN, exported=refusal) == [NOT_RENAMED]


@pytest.mark.parametrize("exported", [(201, b"<html>Sign in</html>"), (500, b"")])
async def test_no_answer_is_not_taken_for_a_rename_that_was_not_done(send, exported):
    with pytest.raises(TransientError):
        await send(("o1", "n1"), renamed=UNKNOWN, exported=exported)


async def test_a_key_that_is_gone_in_between_is_no_rename_that_was_not_done(send):
    with pytest.raises(SetupError):
        await send(("o1", "n1"), renamed=UNKNOWN, exported=(401, {"message": "Invalid API Key"}))
