"""The start of the command stays quick: what --help needs not is not imported."""

import subprocess
import sys

HEAVY = ("httpx", "litestar", "sqlalchemy", "rich.table", "rich.markdown", "uvicorn", "pyarrow", "numpy")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['onefold', '--help']\n"
        "from onefold.cli import main\n"
        "assert main() == 0\n"
        f"print('loaded:', *[name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].split() == ["loaded:"]
