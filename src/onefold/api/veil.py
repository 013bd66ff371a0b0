"""The middleware that hides values of people from callers without personal data.

What is hidden follows from the type that a route answers with (`mask.py`). Only answers that may hold such
values are looked at, and only for callers who may not see them: the others pay nothing.
"""

from typing import Any

import msgspec
from litestar import Response
from litestar.types import ASGIApp, Receive, Scope, Send

from onefold.api.answer import HeldAnswer
from onefold.api.mask import hide, plan_of


def veil(app: ASGIApp) -> ASGIApp:
    """Around every route."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        plan = plan_of_route(scope["route_handler"])
        if plan is None:
            await app(scope, receive, send)
            return
        held = HeldAnswer(send)  # type: ignore[arg-type]

        async def pass_on(message: Any) -> None:
            # Who calls is known once the guard has let them in, which is before the route answers.
            await (send if _sees_people(scope) else held.take)(message)

        await app(scope, receive, pass_on)
        if held.status:
            if held.body and held.status < 400:
                held.body = msgspec.json.encode(hide(held.json(), plan))
            await held.release()

    return answer


def _sees_people(scope: Scope) -> bool:
    caller = scope["state"].get("caller")
    return caller is not None and caller.sees_people


def plan_of_route(handler: Any) -> Any:
    """What to hide in the answers of a route; None for nothing.

    Plans are kept by type (`plan_of`), never by route: that would keep every application that was ever made.
    """
    answer = handler.parsed_return_field
    if answer.is_subclass_of(Response):
        return plan_of(answer.inner_types[0].raw) if answer.inner_types else None
    return plan_of(answer.raw)
