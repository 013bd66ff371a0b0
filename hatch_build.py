"""Put the built pages into the wheel: from `web/dist` to `onefold/ui/static`.

In: the folder `web/`. Out: files in the wheel, built first where they are missing and Node is there. An
editable installation takes nothing in: the package finds `web/dist` in the checkout.
"""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILD_TIMEOUT_S = 900  # a first `npm ci` over a slow line takes minutes; more than this hangs


class PagesBuildHook(BuildHookInterface):
    """Called by hatchling before it collects the files of a wheel or a source distribution."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages if need be and tell hatchling where they go."""
        if version == "editable":
            return
        web = Path(self.root) / "web"
        if not is_built(web) and not build_pages(web):
            self.app.display_warning(
                "web/dist is missing and there is no Node to build it: a wheel without pages"
            )
            return
        # Built pages travel with the source distribution too, so that installing from it needs no Node.
        place = "onefold/ui/static" if self.target_name == "wheel" else "web/dist"
        build_data["force_include"][str(web / "dist")] = place


def is_built(web: Path) -> bool:
    """Say whether the pages are there."""
    return (web / "dist" / "index.html").is_file()


def build_pages(web: Path) -> bool:
    """Build the pages with npm; False where there is no npm or nothing to build. A failing build raises."""
    npm = shutil.which("npm")
    if npm is None or not (web / "package-lock.json").is_file():
        return False
    for arguments in (["ci"], ["run", "build"]):
        subprocess.run([npm, *arguments], cwd=web, check=True, timeout=BUILD_TIMEOUT_S)
    return is_built(web)
