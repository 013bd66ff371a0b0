"""Saved views: whose they are, who may change which, and what of them is shown to whom."""

from typing import Any

import httpx
import pytest
from tests.unit.api.test_hidden import as_token
from tests.unit.api.test_team import join

from onefold.model.erasure import Removal
from onefold.runtime.assemble import Web

PATH = "/api/v1/views"
GOLD = {"page": "profiles", "name": "Gold", "query": "segment=1"}
ADA = {"page": "profiles", "name": "Ada", "query": "search=ada%40example.org&segment=1"}


async def save(client: httpx.AsyncClient, **view: Any) -> dict[str, Any]:
    made = await client.post(PATH, json={**GOLD, **view})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


async def names(client: httpx.AsyncClient, **query: str) -> list[str]:
    return [one["name"] for one in (await client.get(PATH, params=query)).json()["items"]]


def refused(answer: httpx.Response) -> tuple[int, str]:
    problem = answer.json()
    assert problem["hint"] or problem["problems"][0]["remedy"]
    return answer.status_code, problem["code"]


async def test_each_teammate_has_views_of_their_own_and_sees_the_shared_ones(
    web: Web, local: httpx.AsyncClient
) -> None:
    ada = await join(web, local, "ada@example.org", "marketer", name="Ada")
    vera = await join(web, local, "vera@example.org", "viewer")
    own = await save(ada)
    assert (own["filters"], own["personal_filters"], own["is_mine"]) == ({"segment": "1"}, {}, True)
    shared = await save(ada, name="Team", shared=True)
    await save(vera, page="runs", name="Files", query="kind=import")
    await save(local, name="Of the machine")
    assert await names(ada) == ["Gold", "Team"]
    assert await names(vera) == ["Team", "Files"]
    assert await names(vera, page="runs") == ["Files"]
    assert await names(local) == ["Team", "Of the machine"]
    seen = (await vera.get(f"{PATH}/{shared['id']}")).json()
    assert (seen["owner"], seen["is_mine"], seen["may_change"]) == ("Ada", False, False)
    hidden = await vera.get(f"{PATH}/{own['id']}")
    assert refused(hidden) == (404, "api.unknown_view")
    assert refused(await vera.delete(f"{PATH}/{own['id']}")) == (404, "api.unknown_view")
    assert refused(await ada.get(f"{PATH}/999")) == (404, "api.unknown_view")


async def test_a_view_is_renamed_filled_anew_shared_and_taken_back(
    web: Web, local: httpx.AsyncClient
) -> None:
    ada = await join(web, local, "ada@example.org", "marketer")
    path = f"{PATH}/{(await save(ada))['id']}"
    for change, expected in (
        ({"name": "Golden"}, {"name": "Golden", "shared": False}),
        ({"query": "segment=2"}, {"name": "Golden", "filters": {"segment": "2"}}),
        ({"shared": True}, {"shared": True}),
        ({"shared": False}, {"shared": False}),
    ):
        changed = (await ada.patch(path, json=change)).json()
        assert {name: changed[name] for name in expected} == expected
    assert (await ada.delete(path)).status_code == 204
    assert await names(ada) == []


async def test_a_change_decided_on_what_is_no_longer_so_is_refused(local: httpx.AsyncClient) -> None:
    made = await save(local)
    path = f"{PATH}/{made['id']}"
    tag = (await local.get(path)).headers["etag"]
    changed = await local.patch(path, json={"name": "Golden"}, headers={"if-match": tag})
    assert changed.headers["etag"] != tag
    late = await local.patch(path, json={"name": "Late"}, headers={"if-match": tag})
    assert refused(late) == (412, "api.changed_meanwhile")
    assert refused(await local.delete(path, headers={"if-match": tag})) == (412, "api.changed_meanwhile")


async def test_a_shared_view_is_changed_by_its_owner_and_by_an_admin(
    web: Web, local: httpx.AsyncClient
) -> None:
    ada = await join(web, local, "ada@example.org", "marketer")
    max_ = await join(web, local, "max@example.org", "analyst")
    boss = await join(web, local, "boss@example.org", "admin")
    path = f"{PATH}/{(await save(ada, shared=True))['id']}"
    for answer in (await max_.patch(path, json={"name": "Mine"}), await max_.delete(path)):
        assert refused(answer) == (403, "api.view_of_another")
    assert (await boss.patch(path, json={"name": "Golden"})).json()["is_mine"] is False
    taken_back = await boss.patch(path, json={"shared": False})
    assert refused(taken_back) == (403, "api.view_of_another"), "nobody would see it there any more"
    assert (await boss.delete(path)).status_code == 204


async def test_a_viewer_keeps_views_and_shares_none(web: Web, local: httpx.AsyncClient) -> None:
    vera = await join(web, local, "vera@example.org", "viewer")
    assert refused(await vera.post(PATH, json={**GOLD, "shared": True})) == (403, "api.missing_right")
    own = await save(vera)
    path = f"{PATH}/{own['id']}"
    assert refused(await vera.patch(path, json={"shared": True})) == (403, "api.missing_right")


async def test_what_somebody_shared_who_has_left_is_the_teams(web: Web, local: httpx.AsyncClient) -> None:
    await join(web, local, "boss@example.org", "owner")
    ada = await join(web, local, "ada@example.org", "marketer")
    max_ = await join(web, local, "max@example.org", "analyst")
    vera = await join(web, local, "vera@example.org", "viewer")
    await save(ada, name="Own")
    shared = await save(ada, shared=True)
    await local.delete("/api/v1/team/ada@example.org")
    path = f"{PATH}/{shared['id']}"
    assert (await max_.get(path)).json()["owner"] is None
    assert refused(await vera.delete(path)) == (403, "api.view_of_another")
    assert (await max_.patch(path, json={"name": "Golden"})).status_code == 200
    assert await names(local) == ["Golden"]


async def test_a_program_sees_and_makes_shared_ones_only(web: Web, local: httpx.AsyncClient) -> None:
    await save(local, name="Of the machine")
    async with await as_token(web, local, "see", "segment") as program:
        assert refused(await program.post(PATH, json=GOLD)) == (409, "api.no_own_views")
        made = await save(program, shared=True)
        assert await names(program) == ["Gold"]
        path = f"{PATH}/{made['id']}"
        assert (await program.patch(path, json={"name": "Golden"})).json()["may_change"] is True
        assert refused(await program.patch(path, json={"shared": False})) == (403, "api.view_of_another")
    async with await as_token(web, local, "see") as reader:
        assert await names(reader) == ["Golden"]
        assert refused(await reader.delete(path)) == (403, "api.view_of_another")


async def test_values_of_people_are_shown_to_who_may_see_them_and_kept_by_nobody_else(
    web: Web, local: httpx.AsyncClient
) -> None:
    ada = await join(web, local, "ada@example.org", "marketer")
    vera = await join(web, local, "vera@example.org", "analyst")
    made = await save(ada, **{**ADA, "shared": True})
    assert made["personal_filters"] == {"search": "ada@example.org"}
    path = f"{PATH}/{made['id']}"
    for answer in (await vera.get(path), await vera.get(PATH)):
        assert "ada@" not in answer.text
        assert '"personal_filters":{"search":"•••"}' in answer.text
        assert '"filters":{"segment":"1"}' in answer.text
    for asked in (
        await vera.post(PATH, json={**ADA, "name": "Hers"}),
        await vera.patch(f"{PATH}/{(await save(vera))['id']}", json={"query": "search=ada"}),
    ):
        assert refused(asked) == (403, "api.missing_right")


async def test_the_audit_trail_holds_no_value_of_a_person(web: Web, local: httpx.AsyncClient) -> None:
    ada = await join(web, local, "marta@example.org", "marketer")
    path = f"{PATH}/{(await save(ada, **ADA))['id']}"
    await ada.patch(path, json={"query": "search=bob%40example.org", "name": "Bob"})
    await ada.delete(path)
    listed = await local.get("/api/v1/audit", params={"path": PATH})
    assert "ada@" not in listed.text
    assert "bob@" not in listed.text
    gone, changed, made = listed.json()["items"]
    assert [one["action"] for one in (gone, changed, made)] == ["delete_view", "change_view", "create_view"]
    assert (made["by"], made["after"]["name"]) == ("marta@example.org", "Ada")
    assert changed["before"] == {"filters": {"segment": "1"}, "name": "Ada"}
    assert changed["after"] == {"filters": {}, "name": "Bob"}
    assert (gone["before"]["name"], gone["after"]) == ("Bob", None)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"query": ""}, "api.invalid_view"),
        ({"query": "segment=1&segment=2"}, "api.invalid_view"),
        ({"query": "search=%ff"}, "api.invalid_view"),
        ({"query": "segment=" + "1" * 2000}, "api.bad_request"),
        ({"name": ""}, "api.bad_request"),
        ({"name": "a" * 101}, "api.bad_request"),
        ({"page": "settings"}, "api.bad_request"),
        ({"more": 1}, "api.bad_request"),
    ],
)
async def test_what_is_no_view_is_refused(
    local: httpx.AsyncClient, change: dict[str, Any], code: str
) -> None:
    answer = await local.post(PATH, json={**GOLD, **change})
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code
    assert "%ff" not in answer.text


async def test_a_name_that_is_taken_is_refused_with_what_to_do(local: httpx.AsyncClient) -> None:
    await save(local)
    assert refused(await local.post(PATH, json=GOLD)) == (409, "api.name_taken")


async def test_who_is_erased_stands_in_no_view(web: Web, local: httpx.AsyncClient) -> None:
    await save(local, **ADA)
    await save(local, page="events", name="Short id", query="identifier=U-1")
    await save(local, name="Kept", query="search=adam")
    await web.erase(Removal(keys=["email:ada@example.org", "user_id:u-1"]))
    assert await names(local) == ["Kept"]


async def test_a_name_and_the_sharing_are_undone_and_filters_are_not(
    web: Web, local: httpx.AsyncClient
) -> None:
    ada = await join(web, local, "marta@example.org", "marketer")
    path = f"{PATH}/{(await save(ada, **ADA))['id']}"
    for change, before in (({"name": "Golden"}, {"name": "Ada"}), ({"shared": True}, {"shared": False})):
        undo = (await ada.patch(path, json=change)).headers["onefold-undo"]
        undone = await ada.post(undo)
        assert undone.status_code == 200, undone.text
        found = (await ada.get(path)).json()
        assert {name: found[name] for name in before} == before
    for answer in (await ada.patch(path, json={"query": "segment=2"}), await ada.delete(path)):
        assert answer.status_code < 300
        assert "onefold-undo" not in answer.headers
