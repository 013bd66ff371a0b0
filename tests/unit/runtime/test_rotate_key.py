"""A new key for the secrets: whatever is killed, each secret can be read, and the next try ends it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from onefold.backends.embedded.control import ControlDatabase
from onefold.backends.embedded.control.cipher import HOLDERS
from onefold.backends.embedded.control.connections import ConnectionStore
from onefold.backends.embedded.control.second_factor import SecondFactorStore
from onefold.backends.embedded.control.tables import metadata
from onefold.errors import OnefoldError
from onefold.model.connection import Connection
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.rotate_key import rotate_key
from onefold.runtime.secret_key import check_key, load_cipher

AT = 1_790_000_000_000_000
DIE = """
import os, signal, sys
from pathlib import Path
from onefold.runtime import rotate_key as module
name, when = sys.argv[2:]
place = {"_encrypt": module, "create_key": module, "link": os, "replace": Path}[name]
real = getattr(place, name)
def dying(*given, **more):
    if when == "after":
        real(*given, **more)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(place, name, dying)
module.rotate_key(Path(sys.argv[1]), {})
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    DataDirectory(tmp_path).create()
    control = ControlDatabase.writer(tmp_path)
    cipher = load_cipher(tmp_path, {})
    ConnectionStore(control, cipher).create(Connection(0, "Braze", "braze", secrets={"api_key": "s3cret"}))
    assert SecondFactorStore(control, cipher).begin(7)
    control.close()
    return tmp_path


def secrets_of(data: Path, environ: dict[str, str] | None = None) -> list[dict[str, str]]:
    control = ControlDatabase.reader(data)
    try:
        store = ConnectionStore(control, load_cipher(data, environ or {}))
        return [dict(one.secrets) for one in store.page()]
    finally:
        control.close()


def test_all_secrets_are_read_by_the_new_key_alone(data: Path) -> None:
    before = (data / "secret.key").read_text()
    rotated = rotate_key(data, {})
    assert (rotated.secrets, rotated.old_key) == (2, str(data / "secret.key.old"))
    assert (data / "secret.key").read_text() != before
    assert (data / "secret.key.old").read_text() == before
    assert not (data / "secret.key.next").exists()
    assert {path.stat().st_mode & 0o777 for path in data.glob("secret.key*")} == {0o600}
    assert secrets_of(data) == [{"api_key": "s3cret"}]
    check_key(data, {})
    with pytest.raises(OnefoldError):
        secrets_of(data, {"ONEFOLD_SECRET_KEY": before})
    control = ControlDatabase.writer(data)
    assert SecondFactorStore(control, load_cipher(data, {})).confirm(7, "000000", AT) is None
    control.close()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["create_key", "_encrypt", "link", "replace"])
def test_a_kill_at_any_step_loses_nothing(data: Path, step: str, when: str) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE, str(data), step, when], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert secrets_of(data) == [{"api_key": "s3cret"}]
    check_key(data, {})
    rotate_key(data, {})
    assert secrets_of(data) == [{"api_key": "s3cret"}]
    assert sorted(path.name for path in data.glob("secret.key*")) == ["secret.key", "secret.key.old"]


def test_what_was_kept_between_the_steps_is_read_too(data: Path) -> None:
    subprocess.run([sys.executable, "-c", DIE, str(data), "link", "before"], check=False)
    control = ControlDatabase.writer(data)
    more = Connection(0, "Hook", "http", secrets={"token": "t0ken"})
    ConnectionStore(control, load_cipher(data, {})).create(more)
    control.close()
    rotate_key(data, {})
    assert secrets_of(data) == [{"api_key": "s3cret"}, {"token": "t0ken"}]


def test_a_key_of_the_environment_is_given_beside_the_old_one(data: Path) -> None:
    old, new = (data / "secret.key").read_text(), Fernet.generate_key().decode()
    with pytest.raises(OnefoldError) as raised:
        rotate_key(data, {"ONEFOLD_SECRET_KEY": old})
    assert raised.value.code == "runtime.no_new_key"
    both = {"ONEFOLD_SECRET_KEY": f"{new}, {old}"}
    assert secrets_of(data, both) == [{"api_key": "s3cret"}]
    assert rotate_key(data, both) == (2, "")
    assert secrets_of(data, {"ONEFOLD_SECRET_KEY": new}) == [{"api_key": "s3cret"}]


def test_it_waits_for_no_server_and_works_on_no_other_ones_secrets(data: Path, tmp_path: Path) -> None:
    lock = DataDirectory(data).lock()
    with pytest.raises(OnefoldError, match="in use"):
        rotate_key(data, {})
    lock.release()
    with pytest.raises(OnefoldError, match="no workspace"):
        rotate_key(tmp_path / "none", {})
    keys = ",".join(Fernet.generate_key().decode() for _ in range(2))
    with pytest.raises(OnefoldError, match="another key"):
        rotate_key(data, {"ONEFOLD_SECRET_KEY": keys})
    assert secrets_of(data) == [{"api_key": "s3cret"}]


def test_every_column_that_holds_a_secret_is_known() -> None:
    """Of what looks like one by its name; hashes and public keys are none."""
    known = {(holder.table.name, holder.secret.name) for holder in HOLDERS}
    named = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if "secret" in column.name
    }
    assert known == named
