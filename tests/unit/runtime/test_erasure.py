"""An erasure that is killed anywhere goes on, and ends as one that was not."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onefold.backends.embedded.log import EmbeddedLog
from onefold.backends.embedded.tasks import EmbeddedRuns
from onefold.clock import now
from onefold.errors import StorageError
from onefold.model.erasure import Removal, Removed
from onefold.model.run import Run, RunKind, RunState
from onefold.run.execute import execute
from onefold.runtime import erasure
from onefold.runtime.client import open_client
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.erasure import erase_deliveries
from onefold.runtime.intake_preview import Change, Report, Sample, clear_report
from onefold.runtime.settings import Settings
from onefold.runtime.work import make_work
from onefold.runtime.work_tools import Tools
from onefold.runtime.worker import WorkerParts
from onefold.testing.fold import make_event
from onefold.unify.mention import Mentions
from onefold.unify.normalise import Normaliser

SECRETS = (b"ada@example.org", b"cookie-of-ada")
RUN = Run("run-1", RunKind.ERASURE, "profile 1", RunState.QUEUED, 1, arguments={"profile_id": 1})
STEPS_MAX = 40
"""More than an erasure of so little has."""


class Killed(BaseException):
    """As kill -9: nobody gets to handle it."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with Ada (profile 1) and Bob."""
    root = tmp_path_factory.mktemp("filled") / "data"
    with open_client(root, create=True) as client:
        key = client.post("/api/v1/sources", json={"name": "web"}).json()["write_key"]
        ada = {"anonymous_id": "cookie-of-ada"}
        batch = [make_event("a1", **ada), make_event("b1", user_id="bob"), make_event("a2", **ada)]
        batch.append(make_event("a3", "identify", traits={"email": "ada@example.org"}, **ada))
        assert client.post("/v1/batch", json={"batch": batch}, auth=(key, "")).status_code == 200
        bad = make_event("a4", event=7, **ada)
        assert client.post("/v1/track", json=bad, auth=(key, "")).status_code == 400
        client.post("/api/v1/segments", json={"name": "All", "condition": {"kind": "all", "conditions": []}})
    erase_deliveries(root)
    return root


class Death:
    """Kills at the n-th step, before or after it was done."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left = at
        self.after = after

    def __call__(self, step: Callable[..., Any], *given: Any) -> Any:
        self.left -= 1
        if not self.left and not self.after:
            raise Killed
        done = step(*given)
        if not self.left:
            raise Killed
        return done


class Failure(Death):
    """Fails at the n-th step, as a step does that meets a fault."""

    def __call__(self, step: Callable[..., Any], *given: Any) -> Any:
        try:
            return super().__call__(step, *given)
        except Killed as killed:
            raise RuntimeError("a fault") from killed


@contextmanager
def tools_of(root: Path, death: Death) -> Iterator[Tools]:
    directory, settings = DataDirectory(root), Settings()
    log, runs = EmbeddedLog(root), EmbeddedRuns(root)

    def erase(removal: Removal) -> Removed:
        letters = log.erase_letters(Mentions(removal.keys, Normaliser())) if removal.keys else []
        return Removed(log.erase_events(removal.places), len(letters))

    try:
        with WorkerParts(directory, settings) as worker:
            yield Tools(
                directory,
                settings,
                runs,
                lambda records, *_: int(death(log.append, records)),
                trim=log.trim,
                erase=partial(death, erase),
                deliver=partial(death, partial(erase_deliveries, root)),
                fold=partial(death, worker.drain),
            )
    finally:
        runs.close()
        log.close()


def attempt(root: Path, death: Death, monkeypatch: pytest.MonkeyPatch, run: Run = RUN) -> Run:
    with monkeypatch.context() as patched, tools_of(root, death) as tools:
        make_base = erasure.make_base
        patched.setattr(erasure, "make_base", lambda root: death(make_base, root))
        work = make_work(run, tools)
        execute(run, work, tools.runs, now, is_cancelled=lambda: False, is_stopping=lambda: False)
        ended = tools.runs.find(run.id)
        assert ended is not None
        return ended


def assert_erased(root: Path) -> None:
    for path in (path for path in root.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert not [one for one in SECRETS if one in content], path
    with open_client(root) as client:
        people = client.get("/api/v1/profiles").json()["items"]
        assert [(one["id"], one["events"]) for one in people] == [(2, {"Product Viewed": 1})]
        assert client.get("/api/v1/dead-letters").json()["items"] == []
        assert client.get("/api/v1/segments/All").json()["people"] == 1
        run = client.post("/api/v1/replays").json()
        ended = client.get(f"/api/v1/runs/{run['id']}").json()
        assert ended["state"] == "succeeded", ended["message"]


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_step_it_goes_on_and_ends_the_same(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    for step in range(1, STEPS_MAX):
        root = tmp_path / f"{step}"
        shutil.copytree(filled, root)
        try:
            ended = attempt(root, Death(step, after=after), monkeypatch)
        except Killed:
            ended = attempt(root, Death(0, after=False), monkeypatch)
            assert ended.state is RunState.SUCCEEDED, ended.message
            assert "1 profiles, 2 identifiers, 3 events" in ended.message
            assert_erased(root)
        else:
            break
    assert 5 <= step < STEPS_MAX
    assert ended.state is RunState.SUCCEEDED


@pytest.mark.parametrize("step", range(1, 6))
def test_one_that_failed_anywhere_goes_on_when_it_is_asked_for_again(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    root = tmp_path / "data"
    shutil.copytree(filled, root)
    failed = attempt(root, Failure(step, after=False), monkeypatch)
    assert failed.state is RunState.FAILED
    again = msgspec.structs.replace(RUN, id="run-2", arguments={"profile_id": 1, "again": RUN.id})
    twice = attempt(root, Failure(1, after=True), monkeypatch, again)
    assert twice.state is RunState.FAILED
    once_more = msgspec.structs.replace(again, id="run-3")
    ended = attempt(root, Death(0, after=False), monkeypatch, once_more)
    assert ended.state is RunState.SUCCEEDED, ended.message
    assert "1 profiles, 2 identifiers, 3 events" in ended.message
    assert_erased(root)


def test_an_erasure_can_be_cancelled_until_its_record_is_there(filled: Path, tmp_path: Path) -> None:
    root = tmp_path / "data"
    shutil.copytree(filled, root)
    with tools_of(root, Death(0, after=False)) as tools:
        work = make_work(RUN, tools)
        execute(RUN, work, tools.runs, now, is_cancelled=lambda: True, is_stopping=lambda: False)
        found = tools.runs.find(RUN.id)
        assert found is not None
        assert found.state is RunState.CANCELLED
        assert found.arguments["keys"] == "[]", "whom it would have erased is not kept"
    with open_client(root) as client:
        assert len(client.get("/api/v1/profiles").json()["items"]) == 2


def test_a_disk_that_refuses_a_step_only_delays_it(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "data"
    shutil.copytree(filled, root)
    refusals = iter([StorageError("storage.cannot_snapshot", "The disk is full.")])
    make_base = erasure.make_base

    def refuse_once(root: Path) -> object:
        for refusal in refusals:
            raise refusal
        return make_base(root)

    monkeypatch.setattr(erasure, "RETRY_S", 0)
    with tools_of(root, Death(0, after=False)) as tools, monkeypatch.context() as patched:
        patched.setattr(erasure, "make_base", refuse_once)
        work = make_work(RUN, tools)
        execute(RUN, work, tools.runs, now, is_cancelled=lambda: False, is_stopping=lambda: False)
        found = tools.runs.find(RUN.id)
    assert found is not None
    assert found.state is RunState.SUCCEEDED, found.message
    assert_erased(root)


def test_reports_of_previews_lose_the_samples_that_show_the_person(tmp_path: Path) -> None:
    def sample(profile_id: int, email: str) -> Sample:
        return Sample({"email": email}, profile_id, [Change("plan", None, "pro")])

    samples = [sample(1, "old@example.org"), sample(0, "Ada@Example.org"), sample(2, "bob@example.org")]
    report = msgspec.json.encode(Report(rows=3, matched=2, new=1, samples=samples)).decode()
    mentions = Mentions(["email:ada@example.org"], Normaliser())
    run = Run("run-2", RunKind.INTAKE_PREVIEW, "goal", RunState.SUCCEEDED, 1, arguments={"preview": report})
    DataDirectory(tmp_path).root.mkdir(exist_ok=True)
    runs = EmbeddedRuns(tmp_path)
    try:
        runs.save(run, 0)
        runs.clear_previews(lambda one: clear_report(one, [1], mentions))
        found = runs.find("run-2")
    finally:
        runs.close()
    assert found is not None
    kept = msgspec.json.decode(str(found.arguments["preview"]), type=Report)
    assert (kept.rows, kept.samples) == (3, samples[2:])
