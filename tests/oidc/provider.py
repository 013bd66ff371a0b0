"""A certified OpenID provider as a process (`provider.mjs`), and a person's way through its forms."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

FOLDER = Path(__file__).parent
CLIENT_ID = "onefold"
CLIENT_SECRET = "a secret: with %signs+ in it"


@contextmanager
def open_provider(redirect_uri: str, **wish: object) -> Iterator[str]:
    """Its issuer, for the length of a `with` block."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").is_dir():
        pytest.skip("no OpenID provider on this machine: make engines")
    told = {"redirect_uri": redirect_uri, "client_secret": CLIENT_SECRET, **wish}
    with subprocess.Popen(
        [node, "provider.mjs", json.dumps(told)],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def settings(issuer: str, **more: str) -> dict[str, str]:
    """As variables of the environment."""
    values = {"issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **more}
    return {f"ONEFOLD_OIDC__{name.upper()}": value for name, value in values.items()}


def consent(url: str, login: str, redirect_uri: str) -> dict[str, str]:
    """Sign in at the provider; with an empty name, let it be. What the browser comes back with."""
    with httpx.Client(timeout=20) as person:
        answer = person.get(url)
        while True:
            if answer.is_redirect:
                target = urljoin(str(answer.request.url), answer.headers["location"])
                if target.startswith(redirect_uri):
                    return dict(httpx.URL(target).params)
                answer = person.get(target)
                continue
            assert answer.status_code == 200, answer.text
            action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            abort = re.search(r'href="([^"]+/abort)"', answer.text)
            assert action, answer.text
            assert prompt
            assert abort
            if login:
                form = {"prompt": prompt[1], "login": login, "password": "any"}
                answer = person.post(urljoin(str(answer.request.url), action[1]), data=form)
            else:
                answer = person.get(urljoin(str(answer.request.url), abort[1]))
