"""Signing in by a provider: the whole application in process, a certified provider over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.oidc.provider import CLIENT_SECRET, consent, open_provider, settings

from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.front import local_app
from onefold.runtime.load_settings import load_settings

BACK = "http://onefold/sign-on"
PASSWORD = "tin lamp over seven rivers"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with open_provider(BACK) as found:
        yield found


class Place:
    """A workspace with a provider: browsers, and whoever holds the machine."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.local = self.client(local_app(web.application))

    def client(self, application: Any = None) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(application or self.web.application)
        return httpx.AsyncClient(transport=transport, base_url="http://onefold")

    async def invite(self, email: str, role: str = "marketer") -> dict[str, Any]:
        answer = await self.local.post("/api/v1/team", json={"email": email, "role": role})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def sign_on(self, client: httpx.AsyncClient, login: str, *, next_page: str = "/") -> httpx.Response:
        begun = await client.post("/api/v1/sign-on/begin", json={"next": next_page})
        assert begun.status_code == 200, begun.text
        back = consent(begun.json()["url"], login, BACK)
        return await client.post("/api/v1/sign-on", json=_known(back))

    async def audit(self) -> list[tuple[str, str]]:
        found = (await self.local.get("/api/v1/audit")).json()["items"]
        return [(one["action"], one["by"]) for one in found]


def _known(back: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in back.items() if name in ("state", "code", "error", "iss")}


Open = Callable[..., Any]


@pytest.fixture
def place(tmp_path: Path) -> Open:
    @asynccontextmanager
    async def opened(environ: dict[str, str]) -> AsyncIterator[Place]:
        directory = DataDirectory(tmp_path)
        directory.create()
        web = Web(directory, load_settings(tmp_path, environ=environ), {}, public_url="http://onefold")
        try:
            yield Place(web)
        finally:
            await web.close()

    return opened


async def test_an_invited_signs_on_and_is_known_from_then_on(place: Open, issuer: str) -> None:
    async with place(settings(issuer, label="Acme")) as at:
        invited = await at.invite("ada@example.org", "owner")
        async with at.client() as ada:
            assert (await ada.get("/api/v1/sign-on")).json() == {"label": "Acme", "password": True}
            answer = await at.sign_on(ada, "ada@example.org", next_page="/segments?sort=name")
            assert answer.status_code == 200, answer.text
            assert answer.json() == {"email": "ada@example.org", "next": "/segments?sort=name"}
            me = (await ada.get("/api/v1/me")).json()
            assert (me["role"], me["signs_in_by"]) == ("owner", ["provider"])
            assert (await ada.post("/api/v1/sign-out")).status_code == 204
            assert (await at.sign_on(ada, "ada@example.org")).status_code == 200
        shown = (await at.local.get(f"/api/v1/team/{invited['teammate']['id']}")).json()
        assert (shown["state"], shown["signs_in_by"]) == ("active", ["provider"])
        assert (await at.audit())[:4] == [
            ("finish_sign_on", "ada@example.org"),
            ("finish_sign_on", "ada@example.org"),
            ("bindTeammate", "ada@example.org"),
            ("invite_teammate", "local"),
        ]


async def test_the_subject_counts_not_the_address(place: Open, issuer: str) -> None:
    """Once bound, another address changes nothing; and an address that another was given lets nobody in."""
    async with place(settings(issuer)) as at, at.client() as browser:
        await at.invite("ada@example.org")
        assert (await at.sign_on(browser, "ada@example.org")).status_code == 200
        team = at.web.workspace.team
        ada = team.find("ada@example.org")
        # Known by the subject, although the address is verified no more.
        team.change(ada.id, {"subject": "unverified-ada@example.org"})
        assert (await at.sign_on(browser, "unverified-ada@example.org")).status_code == 200
        team.change(ada.id, {"subject": "somebody-before"})
        refused = await at.sign_on(browser, "ada@example.org")
        assert (refused.status_code, refused.json()["code"]) == (403, "oidc.other_person")
        assert (await at.local.post(f"/api/v1/team/{ada.id}/forget-sign-on")).json()["signs_in_by"] == []
        assert (await at.sign_on(browser, "ada@example.org")).status_code == 200
        # A provider that the workspace had before binds nobody.
        team.change(ada.id, {"issuer": "https://before.example.org", "subject": "1"})
        assert (await at.sign_on(browser, "ada@example.org")).status_code == 200


@pytest.mark.parametrize(
    ("login", "code"),
    [
        ("eve@example.org", "oidc.not_invited"),
        ("unverified-ada@example.org", "oidc.unverified"),
        ("ada", "oidc.no_address"),
        ("", "oidc.refused"),
    ],
)
async def test_who_is_not_let_in(place: Open, issuer: str, login: str, code: str) -> None:
    async with place(settings(issuer)) as at, at.client() as browser:
        await at.invite("ada@example.org")
        answer = await at.sign_on(browser, login)
        assert (answer.status_code in (401, 403), answer.json()["code"]) == (True, code)
        assert answer.json()["hint"]
        assert "onefold_session" not in browser.cookies
        assert (await at.audit())[0] == ("invite_teammate", "local")


async def test_who_is_kept_out_stays_out(place: Open, issuer: str) -> None:
    async with place(settings(issuer)) as at, at.client() as browser:
        made = await at.invite("ada@example.org")
        path = f"/api/v1/team/{made['teammate']['id']}"
        await at.local.patch(path, json={"enabled": False})
        assert (await at.sign_on(browser, "ada@example.org")).json()["code"] == "oidc.kept_out"
        await at.local.patch(path, json={"enabled": True})
        assert (await at.sign_on(browser, "ada@example.org")).status_code == 200
        await at.local.patch(path, json={"enabled": False})
        assert (await browser.get("/api/v1/me")).status_code == 401
        assert (await at.sign_on(browser, "ada@example.org")).json()["code"] == "oidc.kept_out"


async def test_an_allowed_domain_joins_with_the_default_role(place: Open, issuer: str) -> None:
    more = {"allowed_domains": "Example.org, example.net", "default_role": "analyst"}
    async with place(settings(issuer, **more)) as at, at.client() as browser:
        assert (await at.sign_on(browser, "grace@example.net")).status_code == 200
        me = (await browser.get("/api/v1/me")).json()
        assert (me["name"], me["role"], me["signs_in_by"]) == ("Ada Lovelace", "analyst", ["provider"])
        refused = await at.sign_on(browser, "eve@sub.example.org")
        assert refused.json()["code"] == "oidc.not_invited"
        actions = [action for action, _ in await at.audit()]
        assert actions == ["finish_sign_on", "bindTeammate", "joinTeam"]


async def test_an_answer_is_for_the_browser_that_began(place: Open, issuer: str) -> None:
    async with place(settings(issuer)) as at, at.client() as victim, at.client() as attacker:
        await at.invite("eve@example.org")
        begun = (await attacker.post("/api/v1/sign-on/begin", json={})).json()
        back = _known(consent(begun["url"], "eve@example.org", BACK))
        for _ in range(2):
            refused = await victim.post("/api/v1/sign-on", json=back)
            assert (refused.status_code, refused.json()["code"]) == (400, "oidc.unknown_sign_on")
            await victim.post("/api/v1/sign-on/begin", json={})
        other = await attacker.post("/api/v1/sign-on", json={**back, "iss": "https://evil.example.org"})
        assert other.json()["code"] == "oidc.refused"
        assert (await attacker.post("/api/v1/sign-on", json=back)).status_code == 200
        again = await attacker.post("/api/v1/sign-on", json=back)
        assert again.json()["code"] == "oidc.unknown_sign_on"


async def test_a_code_of_another_sign_on_is_no_good(place: Open, issuer: str) -> None:
    """The code was given for another verifier and another nonce."""
    async with place(settings(issuer)) as at, at.client() as browser, at.client() as other:
        await at.invite("ada@example.org")
        stolen = consent(
            (await other.post("/api/v1/sign-on/begin", json={})).json()["url"], "ada@example.org", BACK
        )
        begun = (await browser.post("/api/v1/sign-on/begin", json={})).json()["url"]
        mixed = {"state": httpx.URL(begun).params["state"], "code": stolen["code"]}
        refused = await browser.post("/api/v1/sign-on", json=mixed)
        assert (refused.status_code, refused.json()["code"]) == (401, "oidc.bad_code")


async def test_too_many_wrong_codes_wait(place: Open, issuer: str) -> None:
    async with place(settings(issuer)) as at, at.client() as browser:
        begun = (await browser.post("/api/v1/sign-on/begin", json={})).json()["url"]
        body = {"state": httpx.URL(begun).params["state"], "code": "made up"}
        answers = await asyncio.gather(*(browser.post("/api/v1/sign-on", json=body) for _ in range(6)))
        assert sorted(one.status_code for one in answers) == [401] * 5 + [429]


@pytest.mark.parametrize(
    "page", ["//evil.example.org", "https://evil.example.org", "/\\evil.example.org", ""]
)
async def test_no_other_site_is_led_to(place: Open, issuer: str, page: str) -> None:
    async with place(settings(issuer)) as at, at.client() as browser:
        await at.invite("ada@example.org")
        assert (await at.sign_on(browser, "ada@example.org", next_page=page)).json()["next"] == "/"


async def test_the_cookie_of_a_sign_on_is_only_for_it(place: Open, issuer: str) -> None:
    async with place(settings(issuer)) as at, at.client() as browser:
        begun = await browser.post("/api/v1/sign-on/begin", json={})
        cookie = begun.headers["set-cookie"].lower()
        assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/api/v1/sign-on"))
        asked = httpx.URL(begun.json()["url"]).params
        assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
        assert asked["nonce"] not in ("", asked["state"])


async def test_passwords_may_be_off_but_an_owner_gets_in_by_a_link(place: Open, issuer: str) -> None:
    async with place(settings(issuer, password_sign_in="false")) as at, at.client() as browser:
        owner = await at.invite("ada@example.org", "owner")
        other = await at.invite("max@example.org")
        assert (await browser.get("/api/v1/sign-on")).json()["password"] is False
        code = other["link"]["path"].removeprefix("/open/")
        assert (await browser.get(f"/api/v1/welcome/{code}")).json()["password"] is False
        for path, body in (
            ("/api/v1/welcome", {"code": code, "password": PASSWORD}),
            ("/api/v1/sign-in", {"email": "ada@example.org", "password": PASSWORD}),
            ("/api/v1/password-resets", {"email": "ada@example.org"}),
        ):
            refused = await browser.post(path, json=body)
            assert (refused.status_code, refused.json()["code"]) == (403, "api.password_off"), path
        code = owner["link"]["path"].removeprefix("/open/")
        body = {"code": code, "password": PASSWORD}
        assert (await browser.post("/api/v1/welcome", json=body)).status_code == 200
        assert (await browser.get("/api/v1/me")).json()["role"] == "owner"


async def test_claims_in_the_token_do_as_well(place: Open) -> None:
    with open_provider(BACK, claims_apart=False, auth_method="client_secret_post") as issuer:
        async with place(settings(issuer)) as at, at.client() as browser:
            await at.invite("ada@example.org")
            assert (await at.sign_on(browser, "ada@example.org")).status_code == 200


async def test_a_check_tells_what_is_wrong(place: Open, issuer: str, tmp_path: Path) -> None:
    path = "/api/v1/sign-on/check"
    async with place({}) as at:
        assert (await at.local.post(path)).json()["code"] == "oidc.not_set_up"
        assert (await at.local.get("/api/v1/sign-on")).json() == {"label": None, "password": True}
    secret = tmp_path / "client.secret"
    secret.write_text(CLIENT_SECRET + "\n")
    by_file = settings(issuer, client_secret="", client_secret_file=str(secret))
    async with place(by_file) as at:
        found = (await at.local.post(path)).json()
        assert (found["issuer"], found["redirect_uri"]) == (issuer, BACK)
        assert CLIENT_SECRET not in str(found)
    for environ, code in (
        (settings(issuer, client_secret="another"), "oidc.wrong_client"),
        (settings(issuer, client_id="another"), "oidc.wrong_client"),
        (settings(issuer, client_id=""), "oidc.wrong_client"),
        (settings(issuer, client_secret_file=str(tmp_path / "none")), "oidc.wrong_client"),
        (settings(issuer + "/"), "oidc.other_issuer"),
        (settings(issuer + "/elsewhere"), "oidc.no_provider"),
        (settings("http://127.0.0.1:1"), "oidc.unreachable"),
        (settings(issuer, ca_file=str(tmp_path / "none")), "oidc.no_certificates"),
    ):
        async with place(environ) as at:
            answer = await at.local.post(path)
            assert (answer.status_code, answer.json()["code"]) == (502, code), environ
            assert answer.json()["hint"]
