"""The callback of a finished export: one POST, without a signature and without a second try."""

from __future__ import annotations

import httpx

CALLBACK_TIMEOUT_S = 10.0


async def send_callback(callback_url: str, file_url: str | None) -> int | str:
    """Tell the customer's server; returns the status it answered, or what went wrong."""
    body: dict[str, object] = {"success": True}
    if file_url is not None:
        body["url"] = file_url
    try:
        async with httpx.AsyncClient(timeout=CALLBACK_TIMEOUT_S, trust_env=False) as client:
            answer = await client.post(callback_url, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__
    return answer.status_code
