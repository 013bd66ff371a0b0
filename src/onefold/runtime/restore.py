"""`onefold restore`: a backup becomes a data directory again, under its lock.

In: a backup's directory, an empty or new data directory. Out: what was brought back, in numbers.
"""

from pathlib import Path

from onefold.backends.embedded.backup import restore as restore_files
from onefold.errors import OnefoldError
from onefold.model.json import JsonObject
from onefold.runtime.data_directory import DataDirectory


def restore(backup: Path, data_dir: Path) -> JsonObject:
    """Check every byte of the backup, then copy it.

    Raises:
        StorageError: the backup is damaged or unfinished, or the directory is not empty.
    """
    directory = DataDirectory(data_dir)
    if not backup.is_dir():
        raise OnefoldError(
            "runtime.no_backup", f"There is no backup in {backup}.", hint="Name its directory."
        )
    manifest = restore_files(backup, directory.root)
    names = {file.path for file in manifest.files}
    return {
        "data_dir": str(directory.root),
        "files": len(manifest.files),
        "bytes": sum(file.size for file in manifest.files),
        "has_key": "secret.key" in names,
    }
