"""`onefold restore`: a backup becomes a data directory again. Nothing runs there yet, so no role is asked.

In: the backup's directory, a new or empty one. Out: what was restored.
"""

from pathlib import Path

from onefold.backends.embedded.backup import restore as restore_files
from onefold.model.json import JsonObject
from onefold.runtime.data_directory import DataDirectory


def restore(backup: Path, data_dir: Path) -> JsonObject:
    """Check every byte of the backup, then copy it.

    Raises:
        StorageError: the backup is damaged or unfinished, or the directory holds something.
    """
    root = DataDirectory(data_dir).root
    manifest = restore_files(backup.expanduser().absolute(), root)
    DataDirectory(root).create()
    return {
        "data_dir": str(root),
        "files": len(manifest.files),
        "bytes": sum(file.size for file in manifest.files),
        "has_key": any(file.path == "secret.key" for file in manifest.files),
    }
