"""The team: inviting, signing in, roles, and what each may do; the whole application in process."""

import asyncio
from collections import Counter
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import pytest

from onefold.backends.embedded.control.callers import Token
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings
from onefold.testing.mail_server import Inbox, mail_server

PASSWORD = "tin lamp over seven rivers"
OTHER = "nine kites under old bridges"


def browser(web: Web, address: str = "127.0.0.1") -> httpx.AsyncClient:
    transport = httpx.ASGITransport(web.application, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://onefold")


async def join(web: Web, local: httpx.AsyncClient, email: str, role: str, **more: Any) -> httpx.AsyncClient:
    """Somebody who was invited and has signed in."""
    made = (await local.post("/api/v1/team", json={"email": email, "role": role, **more})).json()
    client = browser(web)
    code = made["link"]["path"].removeprefix("/open/")
    answer = await client.post("/api/v1/welcome", json={"code": code, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return client


async def test_an_invited_sets_a_password_and_signs_in(web: Web, local: httpx.AsyncClient) -> None:
    body = {"email": "Ada@Example.org", "role": "owner", "name": "Ada"}
    made = (await local.post("/api/v1/team", json=body)).json()
    assert (made["teammate"]["email"], made["teammate"]["state"]) == ("ada@example.org", "invited")
    assert (made["mailed"], made["mail_problem"]) == (False, "No mail server is set.")
    async with browser(web) as client:
        opened = await client.get(made["link"]["path"])
        assert opened.headers["location"] == f"/welcome#{made['link']['path'].removeprefix('/open/')}"
        code = opened.headers["location"].removeprefix("/welcome#")
        shown = (await client.get(f"/api/v1/welcome/{code}")).json()
        assert shown == {"email": "ada@example.org", "name": "Ada", "is_new": True, "password": True}
        joined = await client.post("/api/v1/welcome", json={"code": code, "password": PASSWORD})
        assert joined.json()["role"] == "owner"
        cookie = joined.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        me = (await client.get("/api/v1/me")).json()
        assert (me["email"], me["name"]) == ("ada@example.org", "Ada")
        again = await client.post("/api/v1/welcome", json={"code": code, "password": OTHER})
        assert (again.status_code, again.json()["code"]) == (410, "api.link_used")
    async with browser(web) as client:
        body = {"email": " ADA@example.org ", "password": PASSWORD}
        assert (await client.post("/api/v1/sign-in", json=body)).status_code == 200
        assert (await client.get("/api/v1/team")).json()["items"][0]["state"] == "active"
        assert (await client.post("/api/v1/sign-out")).status_code == 204
        assert (await client.get("/api/v1/team")).status_code == 401


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
async def test_wrong_ones_are_told_alike_and_wait(web: Web, local: httpx.AsyncClient, email: str) -> None:
    await join(web, local, "ada@example.org", "owner")
    async with browser(web) as client:
        body = {"email": email, "password": "something else here"}
        answers = [await client.post("/api/v1/sign-in", json=body) for _ in range(6)]
        assert [one.status_code for one in answers] == [401] * 5 + [429]
        assert {one.json()["code"] for one in answers[:5]} == {"api.wrong_sign_in"}
        assert int(answers[-1].headers["retry-after"]) >= 1
        right = {"email": "ada@example.org", "password": PASSWORD}
        assert (await client.post("/api/v1/sign-in", json=right)).status_code == 429


async def test_many_tries_at_once_are_no_more_than_one_by_one(web: Web, local: httpx.AsyncClient) -> None:
    await join(web, local, "ada@example.org", "owner")
    async with browser(web) as client:
        body = {"email": "ada@example.org", "password": "something else here"}
        answers = await asyncio.gather(*(client.post("/api/v1/sign-in", json=body) for _ in range(20)))
        assert Counter(one.status_code for one in answers) == {401: 5, 429: 15}


async def test_strangers_lock_nobody_out(web: Web, local: httpx.AsyncClient) -> None:
    ada = await join(web, local, "ada@example.org", "owner")
    right = {"email": "ada@example.org", "password": PASSWORD}
    async with browser(web, "203.0.113.9") as stranger, browser(web) as second:
        for status in [401] * 5 + [429]:
            wrong = await stranger.post("/api/v1/sign-in", json={**right, "password": "something else here"})
            assert wrong.status_code == status
        assert (await stranger.post("/api/v1/sign-in", json=right)).status_code == 429
        assert (await second.post("/api/v1/sign-in", json=right)).status_code == 200
        change = await second.post("/api/v1/me/password", json={"old": PASSWORD, "new": OTHER})
        assert change.status_code == 204
    await ada.aclose()


async def test_an_address_cannot_be_made_up(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    directory.create()
    settings = load_settings(tmp_path, environ={"ONEFOLD_CAPTURE__FORWARDED_HOPS": "1"})
    web = Web(directory, settings, {}, public_url="http://onefold")
    async with browser(web, "10.0.0.1") as client:
        statuses = []
        for number in range(6):
            body = {"email": f"nobody{number}@example.org", "password": "something else here"}
            hops = [("x-forwarded-for", f"198.51.100.{number}"), ("x-forwarded-for", "203.0.113.9")]
            statuses.append((await client.post("/api/v1/sign-in", json=body, headers=hops)).status_code)
    await web.close()
    assert statuses == [401] * 5 + [429]


async def test_a_reset_is_mailed_and_its_answer_does_not_tell(tmp_path: Path) -> None:
    inbox = Inbox()
    with mail_server(inbox) as port:
        mail = {"HOST": "127.0.0.1", "PORT": str(port), "TLS": "none"}
        environ = {f"ONEFOLD_MAIL__{name}": value for name, value in mail.items()}
        directory = DataDirectory(tmp_path)
        directory.create()
        web = Web(directory, load_settings(tmp_path, environ=environ), {}, public_url="http://onefold")
        transport = httpx.ASGITransport(local_app(web.application))
        async with httpx.AsyncClient(transport=transport, base_url="http://onefold") as local:
            await join(web, local, "ada@example.org", "owner")
            bea = {"email": "bea@example.org", "role": "viewer"}
            invited = (await local.post("/api/v1/team", json=bea)).json()["link"]["path"]
        inbox.mails.clear()
        async with browser(web) as client:
            for email, refused in (("nobody@example.org", 0), ("ada@example.org", 1), ("ada@example.org", 0)):
                inbox.refusals += ["550 no such box"] * refused
                asked = await client.post("/api/v1/password-resets", json={"email": email})
                assert (asked.status_code, asked.text) == (204, ""), email
            (mailed,) = inbox.mails
            code = mailed.get_content().partition("/open/")[2].split()[0]
            body = {"code": code, "password": OTHER}
            assert (await client.post("/api/v1/welcome", json=body)).status_code == 200
            await client.post("/api/v1/password-resets", json={"email": "bea@example.org"})
            asked_for = inbox.mails[-1].get_content().partition("/open/")[2].split()[0]
            for code, status in ((invited.removeprefix("/open/"), 200), (asked_for, 410)):
                body = {"code": code, "password": OTHER}
                assert (await client.post("/api/v1/welcome", json=body)).status_code == status
        await web.close()


@pytest.mark.parametrize("password", ["short", "ada@example.org", "aaaaaaaaaaaaaaaa", "my ada@example.org!"])
async def test_a_password_that_is_guessed_is_refused(
    web: Web, local: httpx.AsyncClient, password: str
) -> None:
    made = (await local.post("/api/v1/team", json={"email": "ada@example.org", "role": "owner"})).json()
    code = made["link"]["path"].removeprefix("/open/")
    async with browser(web) as client:
        refused = await client.post("/api/v1/welcome", json={"code": code, "password": password})
        assert refused.status_code in (400, 422)
        taken = await client.post("/api/v1/welcome", json={"code": code, "password": PASSWORD})
        assert taken.status_code == 200, "the link is still good"


async def test_a_role_holds_at_once(web: Web, local: httpx.AsyncClient) -> None:
    await join(web, local, "owner@example.org", "owner")
    async with aclosing(await join(web, local, "vera@example.org", "viewer")) as vera:
        assert (await vera.get("/api/v1/sources")).status_code == 200
        refused = await vera.post("/api/v1/sources", json={"name": "web"})
        assert (refused.status_code, refused.json()["code"]) == (403, "api.missing_right")
        await local.patch("/api/v1/team/vera@example.org", json={"role": "engineer"})
        assert (await vera.post("/api/v1/sources", json={"name": "web"})).status_code == 201
        assert (await vera.get("/api/v1/team")).status_code == 403
        await local.patch("/api/v1/team/vera@example.org", json={"enabled": False})
        assert (await vera.get("/api/v1/sources")).status_code == 401


async def test_what_was_taken_apart_from_a_role_stays_taken(local: httpx.AsyncClient) -> None:
    for email, personal, role, kept in (
        ("a@example.org", False, "marketer", False),
        ("b@example.org", True, "analyst", False),
        ("c@example.org", None, "analyst", False),
    ):
        body = {"email": email, "role": "engineer", "personal": personal}
        await local.post("/api/v1/team", json=body)
        changed = await local.patch(f"/api/v1/team/{email}", json={"role": role})
        assert changed.json()["personal"] is kept, email
    given = {"email": "d@example.org", "role": "viewer", "personal": True}
    await local.post("/api/v1/team", json=given)
    changed = await local.patch("/api/v1/team/d@example.org", json={"role": "analyst"})
    assert changed.json()["personal"] is True


async def test_who_is_shut_out_while_being_looked_up_stays_out(
    web: Web, local: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = (await local.post("/api/v1/tokens", json={"name": "program"})).json()
    callers = web.workspace.callers
    find = callers.find_token

    def revoked_meanwhile(secret: str, at: int) -> Token | None:
        found = find(secret, at)
        callers.revoke_token(made["id"])
        web.api.state.guard.forget()
        return found

    monkeypatch.setattr(callers, "find_token", revoked_meanwhile)
    async with browser(web) as client:
        client.headers["authorization"] = f"Bearer {made['token']}"
        answers = [(await client.get("/api/v1/me")).status_code for _ in range(2)]
    assert answers == [200, 401]


async def test_somebody_owns_the_workspace_always(web: Web, local: httpx.AsyncClient) -> None:
    await join(web, local, "ada@example.org", "owner")
    for method, body in (("PATCH", {"role": "admin"}), ("PATCH", {"enabled": False}), ("DELETE", None)):
        refused = await local.request(method, "/api/v1/team/ada@example.org", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "api.last_owner")
    async with aclosing(await join(web, local, "adam@example.org", "admin")) as adam:
        await local.post("/api/v1/team", json={"email": "eve@example.org", "role": "owner"})
        for method, path, body in (
            ("DELETE", "/ada@example.org", None),
            ("PATCH", "/adam@example.org", {"role": "owner"}),
            ("POST", "/ada@example.org/invite", None),
            ("POST", "", {"email": "x@example.org", "role": "owner"}),
        ):
            refused = await adam.request(method, f"/api/v1/team{path}", json=body)
            assert (refused.status_code, refused.json()["code"]) == (403, "api.owners_only"), path


async def test_nobody_gives_a_right_that_they_lack(web: Web, local: httpx.AsyncClient) -> None:
    await join(web, local, "ada@example.org", "owner")
    async with aclosing(await join(web, local, "adam@example.org", "admin", personal=False)) as adam:
        body = {"email": "v@example.org", "role": "marketer"}
        assert (await adam.post("/api/v1/team", json=body)).status_code == 403
        masked = {**body, "personal": False}
        assert (await adam.post("/api/v1/team", json=masked)).status_code == 201
        change = await adam.patch("/api/v1/team/adam@example.org", json={"personal": True})
        assert change.status_code == 403
        token = await adam.post("/api/v1/tokens", json={"name": "t", "rights": ["personal"]})
        assert (token.status_code, token.json()["code"]) == (403, "api.missing_right")


async def test_a_link_makes_nobody_more_than_they_are(web: Web, local: httpx.AsyncClient) -> None:
    await join(web, local, "max@example.org", "marketer")
    async with aclosing(await join(web, local, "adam@example.org", "admin", personal=False)) as adam:
        machine = await adam.post("/api/v1/links")
        assert (machine.status_code, machine.json()["code"]) == (403, "api.local_only")
        theirs = await adam.post("/api/v1/team/max@example.org/invite")
        assert (theirs.status_code, theirs.json()["code"]) == (403, "api.missing_right")
    token = (await local.post("/api/v1/tokens", json={"name": "all"})).json()["token"]
    async with browser(web) as program:
        program.headers["authorization"] = f"Bearer {token}"
        assert (await program.post("/api/v1/links")).status_code == 403
    async with browser(web) as machine_browser:
        await machine_browser.get((await local.post("/api/v1/links")).json()["path"])
        assert (await machine_browser.post("/api/v1/links")).status_code == 201


async def test_a_token_may_what_it_was_given_until_it_ends(web: Web, local: httpx.AsyncClient) -> None:
    body = {"name": "reports", "rights": ["see"], "days": 30}
    made = (await local.post("/api/v1/tokens", json=body)).json()
    assert made["rights"] == ["see"]
    assert made["expires_at"]
    async with browser(web) as client:
        client.headers["authorization"] = f"Bearer {made['token']}"
        assert (await client.get("/api/v1/segments")).status_code == 200
        assert (await client.post("/api/v1/sources", json={"name": "web"})).status_code == 403
        assert (await client.get("/api/v1/me")).json()["rights"] == ["see"]
        for method, path in (("GET", ""), ("DELETE", "/others")):
            refused = await client.request(method, f"/api/v1/me/sessions{path}")
            assert (refused.status_code, refused.json()["code"]) == (409, "api.no_teammate")


async def test_who_signs_in_sees_and_ends_sessions(web: Web, local: httpx.AsyncClient) -> None:
    async with aclosing(await join(web, local, "ada@example.org", "owner")) as first, browser(web) as second:
        body = {"email": "ada@example.org", "password": PASSWORD}
        await second.post("/api/v1/sign-in", json=body, headers={"user-agent": "Second"})
        listed = (await first.get("/api/v1/me/sessions")).json()["items"]
        assert sorted((one["agent"], one["is_this"]) for one in listed if one["agent"] == "Second") == [
            ("Second", False)
        ]
        assert len(listed) == 2
        await first.delete("/api/v1/me/sessions/others")
        assert (await second.get("/api/v1/me")).status_code == 401
        assert (await first.get("/api/v1/me")).status_code == 200
        wrong = await first.post("/api/v1/me/password", json={"old": OTHER, "new": OTHER})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "api.wrong_password")
        assert (
            await first.post("/api/v1/me/password", json={"old": PASSWORD, "new": OTHER})
        ).status_code == 204
        assert (await first.get("/api/v1/me")).status_code == 401, "signed out everywhere"


async def test_another_site_cannot_use_the_cookie(web: Web, local: httpx.AsyncClient) -> None:
    async with aclosing(await join(web, local, "ada@example.org", "owner")) as ada:
        refused = await ada.post(
            "/api/v1/sources", json={"name": "web"}, headers={"origin": "https://evil.example"}
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "api.cross_site")


async def test_a_link_that_anyone_asks_for_tells_nothing_without_mail(web: Web) -> None:
    async with browser(web) as client:
        refused = await client.post("/api/v1/password-resets", json={"email": "ada@example.org"})
        assert (refused.status_code, refused.json()["code"]) == (409, "api.no_mail")
