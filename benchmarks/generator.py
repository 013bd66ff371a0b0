"""An HTTP load generator for the benchmarks: events at a constant rate, timed from when they were due.

Comes in: address, write key, events a second, seconds. Goes out: one line of JSON with what was
acknowledged and the latency of the answers. Open loop, so a slow server shows as latency and is not
waited for (no coordinated omission). A process of its own: `python benchmarks/generator.py --help`.
"""

import argparse
import asyncio
import base64
import json
import random
import time
from collections import deque

import uvloop

EVENTS = ("Product Viewed", "Product Added", "Checkout Started", "Order Completed")
TICK_S = 0.002


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.due_at = 0.0
        self.count = 0
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.load.idle.append(self)

    def send(self, request: bytes, due_at: float, count: int) -> None:
        self.due_at, self.count = due_at, count
        self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
        if len(rest) < length:
            return
        self.buffer = b""
        self.load.answered(self, head[9:12])

    def connection_lost(self, exc: Exception | None) -> None:
        self.load.lost += self.count


class Load:
    """Sends `rate` events a second in requests of `batch` events for `seconds`."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.random = random.Random(options.seed)
        self.idle: deque[Connection] = deque()
        self.latencies: list[float] = []
        self.sent = self.acknowledged = self.refused = self.lost = 0
        key = base64.b64encode(f"{options.write_key}:".encode()).decode()
        path = "/v1/track" if options.batch == 1 else "/v1/batch"
        self.head = (
            f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {key}\r\n"
            "Content-Type: application/json\r\n"
        )
        self.number = 0

    def event(self) -> str:
        person = int(self.options.people * self.random.random() ** 3)
        self.number += 1
        draw = self.random.random()
        who = (
            f'"userId":"u{person}","anonymousId":"a{person}"' if draw < 0.5 else f'"anonymousId":"a{person}"'
        )
        common = (
            f'"messageId":"{self.options.run}-{self.number}",{who},"context":{{"library":{{"name":"bench","version":"1"}},'
            '"page":{"path":"/shop/shoes","title":"Shoes","url":"https://shop.example/shop/shoes","referrer":""},'
            '"locale":"en-GB","userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"}'
        )
        if draw < 0.1:
            traits = (
                f'"traits":{{"email":"p{person}@example.com","plan":"{"pro" if person % 3 else "free"}"}}'
            )
            return f'{{"type":"identify",{common},{traits}}}'
        name = EVENTS[self.number % 97 % 4]
        price = self.number % 900 / 10 + 1
        return (
            f'{{"type":"track","event":"{name}",{common},'
            f'"properties":{{"product_id":"sku-{self.number % 500}","price":{price},"quantity":1,'
            f'"revenue":{price},"currency":"EUR","category":"shoes"}}}}'
        )

    def request(self) -> bytes:
        if self.options.batch == 1:
            body = self.event()
            path_head = (
                self.head.replace("/v1/track", "/v1/identify") if '"type":"identify"' in body else self.head
            )
        else:
            body = '{"batch":[' + ",".join(self.event() for _ in range(self.options.batch)) + "]}"
            path_head = self.head
        payload = body.encode()
        return f"{path_head}Content-Length: {len(payload)}\r\n\r\n".encode() + payload

    def answered(self, connection: Connection, status: bytes) -> None:
        self.latencies.append(time.perf_counter() - connection.due_at)
        if status == b"200":
            self.acknowledged += connection.count
        else:
            self.refused += connection.count
        connection.count = 0
        self.idle.append(connection)

    async def run(self) -> dict[str, float]:
        loop = asyncio.get_running_loop()
        for _ in range(self.options.connections):
            await loop.create_connection(lambda: Connection(self), self.options.host, self.options.port)
        requests = int(self.options.rate * self.options.seconds / self.options.batch)
        interval = self.options.batch / self.options.rate
        start = time.perf_counter()
        done = 0
        while done < requests:
            due = min(requests, int((time.perf_counter() - start) / interval) + 1)
            while done < due and self.idle:
                self.idle.popleft().send(self.request(), start + done * interval, self.options.batch)
                self.sent += self.options.batch
                done += 1
            await asyncio.sleep(TICK_S)
        deadline = time.perf_counter() + 30
        while len(self.idle) < self.options.connections and time.perf_counter() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return self.result(time.perf_counter() - start)

    def result(self, seconds: float) -> dict[str, float]:
        ordered = sorted(self.latencies) or [0.0]
        return {
            "sent": self.sent,
            "acknowledged": self.acknowledged,
            "refused": self.refused,
            "lost": self.lost,
            "seconds": round(seconds, 3),
            "events_per_s": round(self.acknowledged / seconds, 1),
            "p50_ms": round(ordered[len(ordered) // 2] * 1000, 2),
            "p99_ms": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--write-key", required=True)
    parser.add_argument("--rate", type=float, default=1000, help="events a second")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--batch", type=int, default=1, help="events a request")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--people", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--run", default="g", help="prefix of the message ids")
    options = parser.parse_args()
    print(json.dumps(uvloop.run(Load(options).run())))


if __name__ == "__main__":
    main()
