"""The sandbox's own API under /__sandbox/ and its page at /: look inside, flush, break, reset.

On a loopback address it needs no key; on any other the bearer key of the Braze API. A wrong key is
always refused. JSON bodies only, so that no foreign web page can post here by a simple request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import parse_qs, unquote

import msgspec

from onefold.sandbox.braze import texts
from onefold.sandbox.braze.answers import Answer, refuse
from onefold.sandbox.braze.definitions import DEFINITIONS
from onefold.sandbox.braze.exchange import Receive, Scope, Send, header, read_body, send_bytes, send_json
from onefold.sandbox.braze.faults import Fault
from onefold.sandbox.braze.identifiers import JsonObject
from onefold.sandbox.braze.page import CONTENT_POLICY, render
from onefold.sandbox.braze.settings import ApiKey, public_view, with_changes
from onefold.sandbox.braze.times import format_iso, parse_time
from onefold.sandbox.braze.views import entry_view, find_profiles, profile_view, stats_view, user_row
from onefold.sandbox.braze.workspace import Workspace

# Room for a segment of a hundred thousand external ids.
CONTROL_BODY_BYTES_MAX = 8 * 1024 * 1024
LIMIT_MAX = 500
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
Query = Mapping[str, str]
Action = Callable[[Query, JsonObject], Answer]


class Control:
    """Answers for one workspace."""

    def __init__(self, workspace: Workspace, keys: Mapping[str, ApiKey]) -> None:
        self._workspace = workspace
        self._keys = keys
        self.actions: dict[tuple[str, str], Action] = {
            ("GET", "stats"): self._stats,
            ("GET", "users"): self._users,
            ("GET", "journal"): self._journal,
            ("GET", "ignored"): self._ignored,
            ("POST", "flush"): self._flush,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "reset"): self._reset,
            ("GET", "settings"): self._settings,
            ("PUT", "settings"): self._change_settings,
            ("GET", "clock"): self._clock,
            ("PUT", "clock"): self._set_clock,
        }
        for name, action in DEFINITIONS.items():
            self.actions[name] = partial(action, workspace)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        query = {
            name: values[-1] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()
        }
        if not self._is_allowed(scope):
            await send_json(send, 401, {"message": texts.INVALID_KEY})
        elif scope["path"] == "/":
            body = render(self._workspace, query).encode()
            headers = [
                (b"content-type", b"text/html; charset=utf-8"),
                (b"content-security-policy", CONTENT_POLICY),
                (b"cache-control", b"no-store"),
            ]
            await send_bytes(send, 200, body, headers)
        else:
            answer = await self._answer(scope, receive, query)
            await send_json(send, answer.status, answer.payload)

    def _is_allowed(self, scope: Scope) -> bool:
        value = header(scope, b"authorization")
        if value is None:
            return self._workspace.settings.host in LOOPBACK
        return value.removeprefix("Bearer ") in self._keys

    async def _answer(self, scope: Scope, receive: Receive, query: Query) -> Answer:
        method, name = scope["method"], scope["path"].removeprefix("/__sandbox").strip("/")
        if method == "GET" and name.startswith("users/"):
            return self._user(scope)
        action = self.actions.get((method, name))
        if action is None:
            return refuse(404, texts.INVALID_URL)
        body: JsonObject = {}
        if method != "GET":
            raw = await read_body(receive, CONTROL_BODY_BYTES_MAX)
            if raw is None:
                return refuse(413, texts.TOO_LARGE)
            if not (header(scope, b"content-type") or "").startswith("application/json"):
                return refuse(415, texts.WRONG_CONTENT_TYPE)
            try:
                body = msgspec.json.decode(raw or b"{}", type=dict[str, object])
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                return refuse(400, texts.BAD_JSON)
        try:
            return action(query, body)
        except (ValueError, TypeError) as error:
            return refuse(400, str(error))

    def _user(self, scope: Scope) -> Answer:
        raw = scope.get("raw_path") or scope["path"].encode()
        external_id = unquote(raw.decode("latin-1").split("/__sandbox/users/", 1)[1])
        profile = self._workspace.store.by_external_id(external_id)
        if profile is None:
            profile = self._workspace.store.by_braze_id(external_id)
        if profile is None:
            return refuse(404, "no such user")
        return Answer(200, profile_view(profile, self._workspace.settings))

    def _stats(self, _query: Query, _body: JsonObject) -> Answer:
        return Answer(200, stats_view(self._workspace))

    def _users(self, query: Query, _body: JsonObject) -> Answer:
        limit = _number(query, "limit", 100)
        profiles, cursor = find_profiles(
            self._workspace, query.get("search", ""), _number(query, "cursor", 0), limit
        )
        return Answer(200, {"users": [user_row(profile) for profile in profiles], "next_cursor": cursor})

    def _journal(self, query: Query, _body: JsonObject) -> Answer:
        after = _number(query, "after", 0)
        entries = self._workspace.journal.after(after, _number(query, "limit", 100))
        return Answer(200, {"entries": [entry_view(entry) for entry in entries]})

    def _ignored(self, _query: Query, _body: JsonObject) -> Answer:
        ignored = self._workspace.ignored
        return Answer(200, {"by_reason": ignored.by_reason, "samples": list(ignored.samples)})

    def _flush(self, _query: Query, _body: JsonObject) -> Answer:
        return Answer(200, {"applied_requests": self._workspace.pending.flush()})

    def _faults(self, _query: Query, _body: JsonObject) -> Answer:
        faults = self._workspace.faults
        return Answer(200, {"faults": msgspec.to_builtins(faults.rules), "struck": faults.struck_total})

    def _add_faults(self, query: Query, body: JsonObject) -> Answer:
        """Add one rule, or several under `faults`; `clear` removes the old ones first."""
        rules = body.pop("faults", None)
        is_clearing = body.pop("clear", False)
        added = msgspec.convert(rules if rules is not None else [body] if body else [], list[Fault])
        if is_clearing:
            self._workspace.faults.clear()
        for rule in added:
            self._workspace.faults.add(rule)
        return self._faults(query, body)

    def _clear_faults(self, query: Query, body: JsonObject) -> Answer:
        self._workspace.faults.clear()
        return self._faults(query, body)

    def _reset(self, _query: Query, _body: JsonObject) -> Answer:
        self._workspace.reset()
        return Answer(200, {"message": texts.SUCCESS})

    def _settings(self, _query: Query, _body: JsonObject) -> Answer:
        return Answer(200, public_view(self._workspace.settings))

    def _change_settings(self, query: Query, body: JsonObject) -> Answer:
        self._workspace.change_settings(with_changes(self._workspace.settings, body))
        return self._settings(query, body)

    def _clock(self, _query: Query, _body: JsonObject) -> Answer:
        clock = self._workspace.clock
        return Answer(200, {"now": format_iso(clock.now()), "is_frozen": clock.is_frozen})

    def _set_clock(self, query: Query, body: JsonObject) -> Answer:
        """Freeze at `at`, move by `advance_s`, or `release`; what is due then is applied."""
        clock = self._workspace.clock
        if body.get("release") is True:
            clock.release()
        if "at" in body:
            at = parse_time(body["at"])
            if at is None:
                raise ValueError("'at' is not a time")
            clock.freeze(at)
        if "advance_s" in body:
            clock.advance(msgspec.convert(body["advance_s"], float))
        self._workspace.pending.apply_due(clock.now())
        return self._clock(query, body)


def _number(query: Query, name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isdigit():
        raise ValueError(f"'{name}' is not a number")
    return min(int(text), LIMIT_MAX) if name == "limit" else int(text)
