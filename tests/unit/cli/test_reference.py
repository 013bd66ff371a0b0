from pathlib import Path

from onefold.cli.reference import EXIT_CODES, cli_reference
from onefold.runtime.exit_code import ExitCode

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == cli_reference(), (
        "run: python -m onefold.cli.reference docs/reference/cli.md"
    )


def test_every_exit_code_is_explained() -> None:
    assert set(EXIT_CODES) == set(ExitCode)
