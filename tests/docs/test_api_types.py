"""The types that the pages know the API by are those of the API in this checkout."""

import hashlib
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"


def test_they_were_made_of_this_document() -> None:
    command = [sys.executable, WEB / "codegen" / "document.py"]
    digest = hashlib.sha256(subprocess.run(command, capture_output=True, check=True).stdout).hexdigest()
    kept = (WEB / "src" / "api" / "schema.sha256").read_text().strip()
    assert digest == kept, "the API has changed: run `make types`"
