"""What every Python client is told, one command a line; `sender.mjs` does the same for JavaScript."""

import sys


def obey(client, finish) -> None:
    """Calls `client` as the lines on the input say; `finish` delivers what is left."""
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "five":
            client.identify("u1", {"plan": "pro"})
            client.track("u1", "Order Completed", {"price": 12.5})
            client.page("u1", name="Home")
            client.group("u1", "g1", {"name": "Acme"})
            client.alias("a1", "u1")
        elif command == "many":
            count, start = map(int, rest)
            for number in range(start, start + count):
                client.track("u1", f"Order {number}", {"price": 12.5})
        else:
            finish()
        print("ok", flush=True)
        if command == "finish":
            return
