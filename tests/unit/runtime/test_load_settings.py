"""Settings from a file, the environment and flags; every problem at once."""

from pathlib import Path

import pytest

from onefold.errors import ConfigError
from onefold.runtime.load_settings import declared_settings, load_settings
from onefold.runtime.settings_reference import settings_reference

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"


def test_later_sources_win(tmp_path: Path) -> None:
    (tmp_path / "onefold.toml").write_text('[server]\nport = 1\nhost = "0.0.0.0"\nworkspace = "Shop"\n')
    settings = load_settings(
        tmp_path,
        environ={"ONEFOLD_SERVER__PORT": "2", "ONEFOLD_SERVER__HOST": "::1"},
        overrides={"server.port": 3},
    )
    assert (settings.server.port, settings.server.host, settings.server.workspace) == (3, "::1", "Shop")


def test_lists_and_tables_come_from_the_environment(tmp_path: Path) -> None:
    settings = load_settings(
        tmp_path,
        environ={
            "ONEFOLD_UNIFY__BLOCKED_VALUES": "test, demo",
            "ONEFOLD_UNIFY__TRAIT_IDENTIFIERS": '{"card": "loyalty"}',
            "ONEFOLD_SECURITY__METRICS_PUBLIC": "false",
            "ONEFOLD_CAPTURE__BODY_TIMEOUT_S": "1.5",
        },
    )
    assert settings.unify.blocked_values == ("test", "demo")
    assert settings.unify.trait_identifiers == {"card": "loyalty"}
    assert settings.security.metrics_public is False
    assert settings.capture.body_timeout_s == 1.5


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "onefold.toml").write_text('title = 1\n[server]\nprot = 1\nport = "x"\n')
    with pytest.raises(ConfigError) as raised:
        load_settings(
            tmp_path, environ={"ONEFOLD_SERVER__DRAIN_S_MAX": "0", "ONEFOLD_UNIFY__TRAIT_IDENTIFIERS": "{"}
        )
    paths = [problem.path for problem in raised.value.problems]
    assert sorted(paths) == [
        "ONEFOLD_SERVER__DRAIN_S_MAX",
        "ONEFOLD_UNIFY__TRAIT_IDENTIFIERS",
        "[title]",
        "server.port",
        "server.prot",
    ]
    assert "server.port" in next(one.expected for one in raised.value.problems if one.path == "server.prot")


def test_names_that_are_no_settings_are_left_alone(tmp_path: Path) -> None:
    load_settings(
        tmp_path, environ={"ONEFOLD_URL": "x", "ONEFOLD_TOKEN": "x", "ONEFOLD_DATA": "x", "PATH": "x"}
    )


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_settings(tmp_path, config=tmp_path / "other.toml", environ={})


def test_every_setting_says_what_it_means() -> None:
    assert [one.path for one in declared_settings() if not one.description] == []


def test_the_reference_is_current() -> None:
    command = "python -m onefold.runtime.settings_reference docs/reference/settings.md"
    assert REFERENCE.read_text(encoding="utf-8") == settings_reference(), f"run: {command}"
