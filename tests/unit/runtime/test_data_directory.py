"""The lock, the secret key, and the files that roles hold."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from onefold.errors import OnefoldError
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.role_file import RoleFile, read_role
from onefold.runtime.secret_key import load_cipher


def test_one_process_holds_a_directory(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / "data")
    lock = directory.lock()
    with pytest.raises(OnefoldError, match="in use"):
        directory.lock()
    lock.release()
    directory.lock().release()


def test_single_roles_share_it_and_keep_a_server_out(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path)
    first, second = directory.lock(shared=True), directory.lock(shared=True)
    with pytest.raises(OnefoldError):
        directory.lock()
    first.release()
    second.release()


def test_a_role_is_running_as_long_as_it_holds_its_file(tmp_path: Path) -> None:
    assert read_role(tmp_path, "web").status == "down"
    file = RoleFile(tmp_path, "web")
    assert read_role(tmp_path, "web").status == "starting"
    file.write("running")
    assert read_role(tmp_path, "web").status == "running"
    file.release()
    assert read_role(tmp_path, "web").status == "down"
    assert read_role(tmp_path, "web").since > 0


def test_a_long_path_still_gives_an_address(tmp_path: Path) -> None:
    directory = DataDirectory(tmp_path / ("long" * 20) / ("path" * 10))
    directory.create()
    assert len(directory.api_address()) < 108


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    sealed = load_cipher(tmp_path, {}).encrypt(b"secret")
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    assert load_cipher(tmp_path, {}).decrypt(sealed) == b"secret"


def test_the_secret_key_may_come_from_the_environment(tmp_path: Path) -> None:
    load_cipher(tmp_path, {"ONEFOLD_SECRET_KEY": Fernet.generate_key().decode()})
    assert not (tmp_path / "secret.key").exists()
    with pytest.raises(OnefoldError) as raised:
        load_cipher(tmp_path, {"ONEFOLD_SECRET_KEY": "short"})
    assert raised.value.code == "runtime.secret_key_malformed"


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    load_cipher(tmp_path, {})
    (tmp_path / "secret.key").chmod(0o640)
    with pytest.raises(OnefoldError) as raised:
        load_cipher(tmp_path, {})
    assert raised.value.code == "runtime.secret_key_readable"
