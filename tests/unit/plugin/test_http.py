"""The HTTP client against a real server on this machine: what each answer means for whoever sends."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from onefold import __version__
from onefold.errors import ThrottledError, TransientError
from onefold.plugin.http import HttpClient


@asynccontextmanager
async def serving(answer, *, timeout_s=5.0):
    """A client of a server that answers so."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    client = HttpClient(f"http://127.0.0.1:{port}/", {"X-Own": "1"}, connections_max=2, timeout_s=timeout_s)
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


async def test_a_request_names_us_and_carries_json():
    seen = {}

    async def answer(request):
        seen.update(request.headers)
        seen["body"] = await request.text()
        return web.json_response({"message": "success"}, status=201, headers={"X-RateLimit-Remaining": "9"})

    async with serving(answer) as client:
        reply = await client.post("/users/track", b'{"a":1}')
    assert (reply.status, reply.json(), reply.rate.remaining) == (201, {"message": "success"}, 9)
    assert seen["User-Agent"] == f"partner-Onefold-CDP/{__version__}"
    assert (seen["Content-Type"], seen["X-Own"], seen["body"]) == ("application/json", "1", '{"a":1}')


async def test_a_client_error_is_for_the_connector_to_judge():
    async def answer(_):
        return web.Response(status=400, text="no json")

    async with serving(answer) as client:
        reply = await client.post("/", b"{}")
    assert (reply.status, reply.json()) == (400, None)


async def test_a_redirect_is_not_followed():
    methods = []

    async def answer(request):
        methods.append(request.method)
        return web.Response(status=302, headers={"Location": "/login"})

    async with serving(answer) as client:
        reply = await client.post("/users/track", b"{}")
    assert (reply.status, methods) == (302, ["POST"])


@pytest.mark.parametrize(("header", "wait"), [({"X-Ratelimit-Retry-After": "7"}, 7), ({}, 5)])
async def test_throttling_says_when_to_come_back(header, wait):
    async def answer(_):
        return web.Response(status=429, headers=header)

    async with serving(answer) as client:
        with pytest.raises(ThrottledError) as raised:
            await client.post("/", b"{}")
    assert raised.value.retry_after_s == wait


async def test_a_server_error_may_have_arrived():
    async def answer(_):
        return web.Response(status=502)

    async with serving(answer) as client:
        with pytest.raises(TransientError) as raised:
            await client.post("/", b"{}")
    assert raised.value.may_have_arrived


async def test_silence_may_have_arrived():
    ended = asyncio.Event()

    async def answer(_):
        await ended.wait()
        return web.Response()

    async with serving(answer, timeout_s=0.1) as client:
        with pytest.raises(TransientError) as raised:
            await client.post("/", b"{}")
        ended.set()
    assert raised.value.may_have_arrived


async def test_nobody_there_means_that_nothing_arrived():
    client = HttpClient("http://127.0.0.1:9", {}, connections_max=1)
    with pytest.raises(TransientError) as raised:
        await client.post("/", b"{}")
    await client.close()
    assert not raised.value.may_have_arrived
