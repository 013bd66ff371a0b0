"""A server that speaks the flow contract from a script: what a browser test needs to reach every state.

In: a `Scene` that a test changes while the page looks on. Out: the pages as Onefold serves them, and
`/api/v1/flow`, its stream and its history. Run as a script it shows a busy shop for work on the pages:
`python tests/browser/stand_in.py --port 8420`.
"""

import argparse
import asyncio
import json
import math
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import uvicorn

from onefold.ui import ui_app
from onefold.ui.app import ASGIApplication, Receive, Scope, Send

Json = dict[str, Any]
MARKS = ("config", "events", "people", "segments", "deliveries", "runs", "letters", "history")


@dataclass
class Scene:
    """What the server says; a test changes it while the page is open."""

    signed_in: bool = True
    silent: bool = False
    per_second: float = 1204.0
    tick_s: float = 1.0
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=2))
    captured: float = 2_412_870.0
    rejected: int = 14
    attention: list[Json] = field(default_factory=list)
    segments: list[Json] = field(default_factory=list)
    connections: list[Json] = field(default_factory=list)
    people: Json = field(default_factory=lambda: {"total": 214_880, "known": 131_000})
    seen_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def flow(self) -> Json:
        """One snapshot; time that passed since the one before has brought its events."""
        now = datetime.now(UTC)
        wave = 1 + 0.12 * math.sin(now.timestamp() / 9) + random.uniform(-0.04, 0.04)
        self.captured += self.per_second * wave * (now - self.seen_at).total_seconds()
        self.seen_at = now
        captured = int(self.captured)
        return {
            "at": now.isoformat().replace("+00:00", "Z"),
            "status": "degraded" if self.attention else "ok",
            "roles": [
                {"role": name, "status": "running", "since": self.started_at.isoformat()}
                for name in ("web", "worker", "deliver", "tasks")
            ],
            "stages": self.stages(captured),
            "latency_ms": {"p50": 180.0, "p99": 640.0, "count": 51_204} if captured else None,
            "people": self.people,
            "segments": self.segments,
            "connections": self.connections,
            "attention": self.attention,
            "marks": {**dict.fromkeys(MARKS, 1), "events": captured, "history": now.minute},
        }

    def stages(self, captured: int) -> list[Json]:
        """The four stages of the way, each with its sum right."""
        filtered = min(20, captured)
        rejected = min(self.rejected, captured - filtered)
        accepted = captured - filtered - rejected
        reasons = [
            reason("rejected", "capture.invalid_json", rejected - rejected // 3),
            reason("rejected", "capture.event_too_large", rejected // 3),
            reason("filtered", "capture.bot", filtered),
        ]
        delivered = int(accepted * 0.62)
        waiting = min(340, delivered)
        return [
            stage("capture", accepted, filtered=filtered, rejected=rejected, reasons=reasons),
            stage("unify", accepted, filtered=0, reasons=[]),
            stage("segment", int(accepted * 0.81), reasons=[]),
            stage(
                "activate",
                delivered,
                filtered=int(delivered * 0.4),
                deferred=waiting,
                reasons=[
                    reason("filtered", "activate.no_delta", int(delivered * 0.4)),
                    reason("deferred", "activate.braze.throttled", waiting),
                ],
            ),
        ]

    def history(self, minutes: int) -> Json:
        """A quiet wave over the minutes before now."""
        this_minute = datetime.now(UTC).replace(second=0, microsecond=0)
        rows = []
        for back in range(minutes, 0, -1):
            minute = this_minute - timedelta(minutes=back)
            count = int(self.per_second * 60 * (1 + 0.2 * math.sin(minute.timestamp() / 500)))
            counts = {stage["stage"]: stage for stage in self.stages(count)}
            rows.append({"minute": minute.isoformat().replace("+00:00", "Z"), "stages": counts})
        return {"minutes": rows if self.captured else []}


def stage(name: str, passed: int, **rest: Any) -> Json:
    """One stage of a snapshot; received is the sum of its outcomes."""
    counts: Json = {"filtered": 0, "rejected": 0, "deferred": 0, "reasons": [], **rest}
    held = counts["filtered"] + counts["rejected"] + counts["deferred"]
    counts["reasons"] = [row for row in counts["reasons"] if row["count"] > 0]
    return {"stage": name, "received": passed + held, "passed": passed, **counts}


def reason(outcome: str, code: str, count: int) -> Json:
    """Why a stage did not pass records on."""
    return {"outcome": outcome, "code": code, "count": count}


def busy_shop() -> Scene:
    """A workspace in which most things happen."""
    return Scene(
        attention=[
            {
                "level": "warning",
                "message": "Source ios has sent no event for 40 min.",
                "hint": "See whether the last release of the app still carries the write key.",
            },
            {
                "level": "error",
                "message": "Braze US: the key lacks users.identify.",
                "hint": "Give the key this permission in Braze, then turn the connection on again.",
            },
        ],
        segments=[
            {"id": 1, "name": "VIP shoppers", "state": "live", "people": 312},
            {"id": 2, "name": "Ordered in the last 30 days", "state": "live", "people": 18_442},
            {"id": 3, "name": "Left a basket yesterday", "state": "live", "people": 2_071},
            {"id": 4, "name": "Newsletter, never ordered", "state": "filling", "people": 48_110},
        ],
        connections=[
            {
                "id": 1, "name": "Braze EU", "connector": "braze", "enabled": True, "status": "ok",
                "message": None, "delivered": 1_284_870, "data_points": 48_000,
            },
            {
                "id": 2, "name": "Braze US", "connector": "braze", "enabled": True, "status": "failing",
                "message": "Paused: the key lacks users.identify", "delivered": 2_870, "data_points": 9_120,
            },
            {
                "id": 3, "name": "Braze staging", "connector": "braze", "enabled": False, "status": "paused",
                "message": None, "delivered": 0, "data_points": 0,
            },
        ],
    )  # fmt: skip


def first_day() -> Scene:
    """A workspace that nobody has sent anything to."""
    return Scene(per_second=0, captured=0, rejected=0, people={"total": 0, "known": 0})


ME: Json = {
    "kind": "session",
    "name": "Fern",
    "email": "fern@example.org",
    "role": "owner",
    "rights": ["see", "personal", "administer"],
    "has_team": True,
}


def stand_in_app(scene: Scene) -> ASGIApplication:
    """The pages, and the few routes of the API that they ask."""
    pages = ui_app()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await pages(scope, receive, send)
        elif not scene.signed_in:
            await send_json(send, 401, {"title": "Not signed in", "status": 401, "code": "api.unauthorised"})
        elif scope["path"] == "/api/v1/flow":
            await send_json(send, 200, scene.flow())
        elif scope["path"] == "/api/v1/flow/stream":
            await send_stream(scene, send)
        elif scope["path"] == "/api/v1/flow/history":
            await send_json(send, 200, scene.history(60))
        elif scope["path"] == "/api/v1/me":
            await send_json(send, 200, ME)
        else:
            await send_json(send, 200, {"version": "0.1.0", "workspace": "Fern & Fable"})

    return answer


async def send_json(send: Send, status: int, body: Json) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


async def send_stream(scene: Scene, send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while scene.signed_in:
        if not scene.silent:
            line = b"data: " + json.dumps(scene.flow()).encode() + b"\n\n"
            await send({"type": "http.response.body", "body": line, "more_body": True})
        await asyncio.sleep(scene.tick_s)
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8420)
    parser.add_argument("--empty", action="store_true")
    arguments = parser.parse_args()
    shown = first_day() if arguments.empty else busy_shop()
    uvicorn.run(
        stand_in_app(shown),
        host="127.0.0.1",
        port=arguments.port,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
