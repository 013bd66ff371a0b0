"""`onefold secrets`: the key that encrypts them."""

import os

import typer

from onefold.cli.reach import DATA_DIR, DataDir, Json, Verbose, traced
from onefold.cli.show import note, print_json, print_text

group = typer.Typer(help="The key that encrypts secrets at rest.", no_args_is_help=True)


@group.command("rotate")
def rotate(data_dir: DataDir = DATA_DIR, json: Json = False, verbose: Verbose = False) -> None:
    """Encrypt all secrets by a new key, while no server runs.

    The key until now is kept as secret.key.old, for backups that were made with it. Where ONEFOLD_SECRET_KEY
    is set, it must hold both: NEW,OLD.
    """
    with traced(verbose=verbose):
        from onefold.runtime.rotate_key import rotate_key

        rotated = rotate_key(data_dir, os.environ)
        if json:
            print_json({"secrets": rotated.secrets, "old_key": rotated.old_key})
            return
        print_text(f"{rotated.secrets} secrets are encrypted by the new key.")
        if rotated.old_key:
            note(f"The old one is in {rotated.old_key}: remove it once no backup needs it.")
        else:
            note("Take the old one out of ONEFOLD_SECRET_KEY; backups made with it still need it.")
