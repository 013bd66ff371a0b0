"""A folder of built files in, answers ready to send out: content type, caching, gzip, ETag.

The files are read once, at the start. A request only looks a path up among them, so no path can leave
the folder; a new build needs a restart.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from onefold.errors import StorageError

# The page and its fonts are under 1 MB; a folder far larger than that is not the page.
FILES_MAX = 500
FOLDER_BYTES_MAX = 32 * 1024 * 1024
# Below this a compressed answer saves no packet.
GZIP_BYTES_MIN = 1024

# Vite puts a hash of the content into every name here, so a name never changes its meaning.
HASHED_PREFIX = "/assets/"
CACHE_FOREVER = "public, max-age=31536000, immutable"
CACHE_ASK_ALWAYS = "no-cache"

# Written out because Python's own table differs from machine to machine.
CONTENT_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
COMPRESSED_ALREADY = frozenset({".ico", ".png", ".woff2"})


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One built file, ready to send."""

    body: bytes
    gzip_body: bytes | None
    content_type: str
    cache_control: str
    etag: str


def default_static_dir() -> Path | None:
    """The pages inside the installed package, else those built in a checkout, else None."""
    packaged = Path(str(files("onefold.ui"))) / "static"
    built = Path(__file__).resolve().parents[3] / "web" / "dist"
    return next((folder for folder in (packaged, built) if (folder / "index.html").is_file()), None)


def read_static_files(folder: Path) -> dict[str, StaticFile]:
    """Every file under the folder by its path in the URL. Raises StorageError for a folder too large."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    total_bytes = sum(path.stat().st_size for path in paths)
    if len(paths) > FILES_MAX or total_bytes > FOLDER_BYTES_MAX:
        raise StorageError(
            "ui.folder_too_large",
            f"The folder of the pages holds {len(paths)} files and {total_bytes} bytes.",
            hint="Point it at the output of `npm run build`, which is far smaller.",
        )
    return {"/" + path.relative_to(folder).as_posix(): _read_file(folder, path) for path in paths}


def _read_file(folder: Path, path: Path) -> StaticFile:
    body = path.read_bytes()
    is_hashed = ("/" + path.relative_to(folder).as_posix()).startswith(HASHED_PREFIX)
    return StaticFile(
        body=body,
        gzip_body=_compress(body, path.suffix),
        content_type=CONTENT_TYPES.get(path.suffix, "application/octet-stream"),
        cache_control=CACHE_FOREVER if is_hashed else CACHE_ASK_ALWAYS,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
    )


def _compress(body: bytes, suffix: str) -> bytes | None:
    if suffix in COMPRESSED_ALREADY or len(body) < GZIP_BYTES_MIN:
        return None
    return gzip.compress(body, compresslevel=9, mtime=0)
