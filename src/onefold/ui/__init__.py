"""Reads the built pages of `web/`, answers browsers with them; never touches data or knows the API."""

from onefold.ui.app import ui_app
from onefold.ui.files import default_static_dir

__all__ = ["default_static_dir", "ui_app"]
