"""The page of names is what the table says."""

import re
from pathlib import Path

from onefold.connectors.braze.currents_names import BY_BOT, MACHINE_OPEN, NAMES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "currents.md").read_text(encoding="utf-8")


def test_every_type_stands_on_the_page_by_its_name() -> None:
    assert dict(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", PAGE, re.MULTILINE)) == NAMES
    assert MACHINE_OPEN in PAGE
    assert BY_BOT in PAGE
