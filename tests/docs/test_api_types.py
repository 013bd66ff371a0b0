"""The types that the pages know the API by are those of the API in this checkout."""

import asyncio
import hashlib
import runpy
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"


def test_they_were_made_of_this_document() -> None:
    read_document = runpy.run_path(str(WEB / "codegen" / "document.py"))["read_document"]
    digest = hashlib.sha256(asyncio.run(read_document())).hexdigest()
    kept = (WEB / "src" / "api" / "schema.sha256").read_text().strip()
    assert digest == kept, "the API has changed: run `make types`"
