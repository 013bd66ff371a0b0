"""A customer who gets another number stays one user in Braze, from the event to the rename."""

from collections.abc import Callable
from typing import Any

from onefold.testing.sandbox import DEFAULT_KEY, braze_sandbox

CONNECT = ("connections", "create", "Braze", "--connector", "braze", "--secret", f"api_key={DEFAULT_KEY}")
ADD = ("connections", "goals", "add", "Braze", "export", "--match", "external_id=customer", "--on")


def test_a_new_number_renames_the_user_and_costs_nothing(server: Any, waiting: Callable[..., Any]) -> None:
    write_key = server.write_key()

    def identify(number: str, plan: str) -> None:
        known = {"externalIds": [{"id": number, "type": "customer", "collection": "users"}]}
        event = {"userId": "ada", "traits": {"plan": plan}, "context": known}
        assert server.send(write_key, "/v1/identify", event) == 200

    with braze_sandbox(delay_ms=0, jitter_ms=0) as braze:

        def everyone() -> list[tuple[object, object]]:
            return [
                (user["external_id"], user["custom_attributes"])
                for user in (braze.user(str(one["external_id"])) for one in braze.users())
                if user is not None
            ]

        renaming = ("--set", "changed_external_id=rename")
        server.run(*CONNECT, "--set", f"endpoint={braze.url}", *renaming)
        assert "changed_external_id: rename" in server.run("connections", "export", "Braze").stdout
        server.run(*ADD, "--map", "plan=trait:plan", "--map", "color=text:red")
        identify("c1", "gold")
        waiting(lambda: everyone() == [("c1", {"plan": "gold", "color": "red"})], "she is in Braze")
        identify("c2", "gold")
        waiting(lambda: everyone() == [("c2", {"plan": "gold", "color": "red"})], "she was renamed")
        identify("c2", "silver")
        waiting(lambda: everyone() == [("c2", {"plan": "silver", "color": "red"})], "she is the same user")
        assert braze.sent_attributes()[1:] == [{"external_id": "c2", "plan": "silver"}]
