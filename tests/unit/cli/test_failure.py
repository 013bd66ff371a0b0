import pytest

from onefold.cli.failure import exit_code_of, tell, unexpected
from onefold.errors import ConfigError, ConfigProblem, OnefoldError, RequestError, StorageError
from onefold.runtime.exit_code import ExitCode


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OnefoldError("runtime.locked", "."), ExitCode.LOCKED),
        (OnefoldError("cli.unreachable", "."), ExitCode.UNAVAILABLE),
        (OnefoldError("runtime.no_workspace", "."), ExitCode.UNAVAILABLE),
        (OnefoldError("cli.bad_file", "."), ExitCode.USAGE),
        (ConfigError([ConfigProblem("onefold.toml", "server.port", "x", "a number")]), ExitCode.CONFIG),
        (RequestError("api.unknown_source", ".", status=404), ExitCode.NOT_FOUND),
        (RequestError("api.unauthorised", ".", status=401), ExitCode.NOT_ALLOWED),
        (RequestError("api.local_only", ".", status=403), ExitCode.NOT_ALLOWED),
        (RequestError("segment.bad_condition", ".", status=422), ExitCode.REFUSED),
        (RequestError("api.too_many_requests", ".", status=429), ExitCode.FAILED),
        (RequestError("api.internal", ".", status=500), ExitCode.FAILED),
        (StorageError("log.full", "."), ExitCode.FAILED),
    ],
)
def test_the_exit_code_tells_a_script_what_kind_of_failure_it_was(error: OnefoldError, code: int) -> None:
    assert exit_code_of(error) == code


def test_an_error_is_told_as_message_hint_and_code(capsys: pytest.CaptureFixture[str]) -> None:
    tell(OnefoldError("a.b", "It broke.", hint="Mend it."))
    captured = capsys.readouterr()
    assert captured.err == "Error: It broke.\n  Mend it.\n  [a.b]\n"
    assert captured.out == ""


def test_a_fault_of_ours_is_named_without_its_text() -> None:
    error = unexpected(ValueError("ada@example.org"))
    assert "ValueError" in error.message
    assert "ada" not in str(error)
