"""A second factor: turned on by a code, asked for at every sign-in, each code good once."""

import httpx
import pytest
from tests.unit.api.test_team import PASSWORD, browser, join

from onefold.clock import SECOND
from onefold.model.second_factor import STEP_S, code_at
from onefold.runtime.assemble import Web

SIGN_IN = {"email": "ada@example.org", "password": PASSWORD}
ME = "/api/v1/me/second-factor"


@pytest.fixture
async def ada(web: Web, local: httpx.AsyncClient) -> httpx.AsyncClient:
    return await join(web, local, "ada@example.org", "owner")


def next_code(web: Web, secret: str) -> str:
    """That of the next half minute: good already, and not used before."""
    return code_at(secret, web.workspace.clock() + STEP_S * SECOND)


async def turn_on(web: Web, ada: httpx.AsyncClient) -> tuple[str, list[str]]:
    made = (await ada.post(ME)).json()
    assert made["address"].startswith("otpauth://totp/")
    assert (await ada.get(ME)).json() == {"is_on": False, "recovery_codes_left": 0}
    wrong = await ada.post(f"{ME}/confirm", json={"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "api.wrong_code")
    code = code_at(made["secret"], web.workspace.clock())
    confirmed = await ada.post(f"{ME}/confirm", json={"code": code})
    assert (await ada.get(ME)).json() == {"is_on": True, "recovery_codes_left": 10}
    assert (await ada.post(ME)).json()["code"] == "api.second_factor_on"
    return made["secret"], confirmed.json()["codes"]


async def test_a_sign_in_needs_a_code_and_each_is_good_once(web: Web, ada: httpx.AsyncClient) -> None:
    secret, recovery = await turn_on(web, ada)
    async with browser(web) as client:
        asked = await client.post("/api/v1/sign-in", json=SIGN_IN)
        assert (asked.status_code, asked.json()["code"]) == (401, "api.code_needed")
        code = next_code(web, secret)
        for body, status in (
            (SIGN_IN | {"code": code, "password": "another one here"}, 401),
            (SIGN_IN | {"code": code}, 200),
            (SIGN_IN | {"code": code}, 401),
            (SIGN_IN | {"code": recovery[0]}, 200),
            (SIGN_IN | {"code": recovery[0]}, 401),
            (SIGN_IN | {"code": recovery[1].upper()}, 200),
        ):
            assert (await client.post("/api/v1/sign-in", json=body)).status_code == status, body
        assert (await client.get(ME)).json()["recovery_codes_left"] == 8


async def test_a_code_cannot_be_guessed(web: Web, ada: httpx.AsyncClient) -> None:
    await turn_on(web, ada)
    async with browser(web) as client:
        tries = [
            await client.post("/api/v1/sign-in", json=SIGN_IN | {"code": f"{number:06}"})
            for number in range(6)
        ]
        assert [one.status_code for one in tries] == [401] * 5 + [429]


async def test_the_password_turns_it_off_and_a_link_does_not(
    web: Web, ada: httpx.AsyncClient, local: httpx.AsyncClient
) -> None:
    secret, _ = await turn_on(web, ada)
    invited = (await local.post("/api/v1/team/ada@example.org/invite")).json()
    body = {"code": invited["link"]["path"].removeprefix("/open/"), "password": PASSWORD}
    async with browser(web) as client:
        assert (await client.post("/api/v1/welcome", json=body)).json()["code"] == "api.code_needed"
        code = next_code(web, secret)
        taken = await client.post("/api/v1/welcome", json=body | {"second_code": code})
        assert taken.status_code == 200
        wrong = await client.post(f"{ME}/remove", json={"password": "another one here"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "api.wrong_password")
        assert (await client.post(f"{ME}/remove", json={"password": PASSWORD})).status_code == 204
        assert (await client.post("/api/v1/sign-in", json=SIGN_IN)).status_code == 200


async def test_who_has_lost_it_is_helped(web: Web, ada: httpx.AsyncClient, local: httpx.AsyncClient) -> None:
    await turn_on(web, ada)
    helped = await local.post("/api/v1/team/ada@example.org/forget-second-factor")
    assert helped.status_code == 200
    async with browser(web) as client:
        assert (await client.post("/api/v1/sign-in", json=SIGN_IN)).status_code == 200


async def test_the_secret_is_stored_encrypted(web: Web, ada: httpx.AsyncClient) -> None:
    secret, recovery = await turn_on(web, ada)
    stored = (web.workspace.data_dir / "control.db").read_bytes()
    stored += (web.workspace.data_dir / "control.db-wal").read_bytes()
    for hidden in (secret, *recovery, PASSWORD):
        assert hidden.encode() not in stored
