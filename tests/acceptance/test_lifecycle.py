"""Starting, stopping, and what is refused: one server a directory, settings checked before anything runs."""

import itertools
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def onefold(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in an environment of its own."""
    import os

    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ONEFOLD_")}
    command = [sys.executable, "-m", "onefold", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, env={**inherited, **environment}, check=False
    )


def test_a_second_server_on_the_directory_is_refused(server: Any) -> None:
    second = onefold("serve", "--data-dir", str(server.data_dir), "--port", "0")
    assert second.returncode == 7
    assert f"process {server.process.pid}" in second.stderr
    assert server.api("GET", "/status")["workspace"] == "Onefold"


def test_a_port_that_is_taken_is_told(server: Any, tmp_path: Path) -> None:
    second = onefold("serve", "--data-dir", str(tmp_path / "other"), "--port", str(server.port))
    assert second.returncode == 1
    assert "runtime.cannot_listen" in second.stderr


def test_every_wrong_setting_is_shown_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "onefold.toml").write_text('[server]\nport = "many"\n[nonsense]\nx = 1\n')
    refused = onefold("serve", "--data-dir", str(tmp_path), ONEFOLD_UNIFY__DEDUPE_HOURS="1", ONEFOLD_TYPO="x")
    assert refused.returncode == 2
    for part in ("server.port", "nonsense", "ONEFOLD_UNIFY__DEDUPE_HOURS", "ONEFOLD_TYPO", "4 problem"):
        assert part in refused.stderr
    assert not (tmp_path / "control.db").exists()


def test_a_secret_key_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    key = tmp_path / "secret.key"
    key.write_text("x")
    key.chmod(0o644)
    refused = onefold("serve", "--data-dir", str(tmp_path), "--port", "0")
    assert refused.returncode == 2
    assert f"chmod 600 {key}" in refused.stderr


def test_a_key_of_another_workspace_stops_the_start(tmp_path: Path) -> None:
    made = {
        "name": "Braze",
        "connector": "braze",
        "settings": {"endpoint": "http://127.0.0.1:9"},
        "secrets": {"api_key": "k"},
    }
    (tmp_path / "braze.json").write_text(json.dumps(made))
    data = str(tmp_path / "data")
    assert onefold("init", "--data-dir", data).returncode == 0
    created = onefold("connections", "create", "--file", str(tmp_path / "braze.json"), "--data-dir", data)
    assert created.returncode == 0, created.stderr
    (tmp_path / "data" / "secret.key").unlink()
    refused = onefold("serve", "--data-dir", data, "--port", "0")
    assert refused.returncode != 0
    assert "runtime.secret_key_wrong" in refused.stderr


def test_without_a_token_the_api_is_closed_and_health_is_open(server: Any) -> None:
    assert server.call("GET", "/api/v1/profiles", None, {})[0] == 401
    assert server.call("GET", "/api/v1/profiles", None, {"authorization": "Bearer wrong"})[0] == 401
    assert server.call("POST", "/internal/append", "", {})[0] == 403
    for path in ("/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"):
        assert server.call("GET", path, None, {})[0] == 200, path


def test_a_one_time_link_opens_a_session_once(server: Any) -> None:
    import http.client

    path = "/open/" + server.run("open").stdout.strip().rpartition("/")[2]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    cookie = answer.headers["set-cookie"]
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    session = {"cookie": cookie.partition(";")[0]}
    assert server.call("GET", "/api/v1/sources", None, session)[0] == 200
    crossing = {**session, "origin": "https://elsewhere.example"}
    assert server.call("POST", "/api/v1/tokens", '{"name":"x"}', crossing)[0] == 403
    assert server.call("GET", path, None, {})[0] == 410
    connection.close()


def test_sigterm_answers_folds_and_goes(server: Any, waiting: Callable[..., Any]) -> None:
    write_key = server.write_key()
    taken: list[int] = []

    def send() -> None:
        for number in itertools.count():
            event = {"event": "Seen", "userId": f"u{number % 20}", "messageId": f"m{number}"}
            try:
                if server.send(write_key, "/v1/track", event) == 200:
                    taken.append(number)
            except OSError:
                return  # the server is gone

    sender = threading.Thread(target=send)
    sender.start()
    waiting(lambda: len(taken) >= 200, "events are taken")
    assert server.stop() == 0
    sender.join()
    status = json.loads(server.run("status", "--json", code=1).stdout)  # 1: no role runs
    assert status["folded_to"] == status["log_end"]
    people = server.cli("profiles", "list")["items"]
    assert sum(person["events"]["Seen"] for person in people) >= len(taken)


def test_a_stop_waits_for_no_sender_that_hangs_in_the_middle_of_a_request(server: Any) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as hanging:
        hanging.sendall(b"POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
        assert server.stop() == 0
        assert hanging.recv(100) == b""


@pytest.mark.parametrize("role", ["web", "worker", "deliver", "tasks"])
def test_a_stop_while_a_role_starts_ends_all(tmp_path: Path, waiting: Callable[..., Any], role: str) -> None:
    command = [sys.executable, "-m", "onefold", "serve", "--data-dir", str(tmp_path), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    waiting((tmp_path / "run" / f"{role}.role").exists, f"{role} starts")
    process.terminate()
    assert process.wait(60) == 0
    assert onefold("status", "--data-dir", str(tmp_path)).returncode in (1, 4), "the directory is free again"
