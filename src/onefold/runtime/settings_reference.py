"""docs/reference/settings.md from the declaration: `python -m onefold.runtime.settings_reference FILE`.

A test fails when the page is not what this gives.
"""

import sys
from pathlib import Path

import msgspec

from onefold.runtime.load_settings import declared_settings, describe_type
from onefold.runtime.settings import Settings

HEAD = """\
# Settings

Every setting has a default that works. Set one in `onefold.toml` in the data directory (or the file that
`--config` names), or in the environment; the environment wins, and a flag of `onefold serve` wins over both.

```toml
[server]
port = 9000
```

is the same as `ONEFOLD_SERVER__PORT=9000`. A name that is not listed here, or a value outside its limits,
stops the start: every problem is shown at once. `onefold settings` prints what is in force.

These variables are no settings: `ONEFOLD_DATA_DIR` (the data directory), `ONEFOLD_CONFIG` (the settings
file), `ONEFOLD_URL` and `ONEFOLD_TOKEN` (a remote server for the CLI), `ONEFOLD_SECRET_KEY` (instead of the
file `secret.key`).
"""


def settings_reference() -> str:
    """The page, in Markdown."""
    lines = [HEAD]
    sections = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    section = ""
    for setting in declared_settings():
        if setting.section != section:
            section = setting.section
            lines += [
                f"## {section}\n\n{sections[section].__doc__}\n",
                "| Name | Default | Must be | Meaning |\n|---|---|---|---|",
            ]
        default = msgspec.json.encode(setting.default).decode()
        expected = describe_type(setting.type).replace("|", "\\|")
        lines.append(f"| `{setting.name}` | `{default}` | {expected} | {setting.description} |")
    return _spaced(lines)


def _spaced(lines: list[str]) -> str:
    text = ""
    for line in lines:
        text += ("\n" if line.startswith("## ") else "") + line + "\n"
    return text


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(settings_reference(), encoding="utf-8")
