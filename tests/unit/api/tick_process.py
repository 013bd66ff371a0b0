"""The minutes of a web role on a test's data directory, as a process that a test can kill.

python tick_process.py DATA_DIR FIRST LAST     full minutes since the epoch; prints each once it was looked at
"""

import asyncio
import sys
from pathlib import Path

from onefold.api.inward_runs import ask_due
from onefold.clock import MINUTE
from onefold.runtime.assemble import Web
from onefold.runtime.data_directory import DataDirectory
from onefold.runtime.load_settings import load_settings
from onefold.runtime.steady_clock import SteadyClock


async def main(root: Path, first: int, last: int) -> None:
    """Look at each minute."""
    minute = first
    clock = SteadyClock(lambda: minute * MINUTE, lambda: minute * MINUTE)
    settings = load_settings(root, environ={})
    web = Web(DataDirectory(root), settings, {}, public_url="http://onefold", clock=clock)
    for minute in range(first, last + 1):
        ask_due(web.workspace)
        print(minute, flush=True)
    await web.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
