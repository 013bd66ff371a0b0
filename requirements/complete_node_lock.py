"""Complete a `package-lock.json` that was made where the registry lacks packages of other platforms.

In: paths of lock files. Out: the same files, with an entry for each optional package of another platform
that npm could not find when it resolved (some mirrors carry only the platforms of their users). Without these
entries `npm ci` calls the lock incomplete and stops, on every platform. What they lack is the hash, which
only the registry knows.
"""

import json
import sys
from pathlib import Path
from typing import Any

SYSTEMS = {
    "aix",
    "android",
    "darwin",
    "freebsd",
    "linux",
    "netbsd",
    "openbsd",
    "openharmony",
    "sunos",
    "win32",
}
PROCESSORS = {"arm", "arm64", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"}


def describe_platform(name: str) -> dict[str, list[str]]:
    """Read operating system, processor and C library from a package's name, as npm writes them."""
    words = name.rpartition("/")[2].split("-")
    found = {
        "os": [word for word in words if word in SYSTEMS],
        "cpu": [word for word in words if word in PROCESSORS],
        "libc": ["musl"] if words[-1].startswith("musl") else [],
    }
    return {key: value for key, value in found.items() if value}


def is_locked(packages: dict[str, Any], parent: str, name: str) -> bool:
    """Say whether `name`, needed by the package at `parent`, has an entry there or in any folder above."""
    while True:
        place = f"{parent}/node_modules/{name}" if parent else f"node_modules/{name}"
        if place in packages:
            return True
        if not parent:
            return False
        parent = parent.rpartition("node_modules/")[0].rstrip("/")


def complete(lock: dict[str, Any]) -> list[str]:
    """Add what is missing to the lock and return its names."""
    packages: dict[str, Any] = lock["packages"]
    missing = {
        name: version
        for parent, entry in packages.items()
        for name, version in entry.get("optionalDependencies", {}).items()
        if describe_platform(name) and not is_locked(packages, parent, name)
    }
    for name, version in missing.items():
        kind = {"dev": True, "optional": True}
        packages[f"node_modules/{name}"] = {"version": version, **kind, **describe_platform(name)}
    lock["packages"] = dict(sorted(packages.items()))
    return sorted(missing)


def main(paths: list[str]) -> None:
    """Complete each file in place."""
    for path in map(Path, paths):
        lock = json.loads(path.read_text(encoding="utf-8"))
        names = complete(lock)
        path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        sys.stdout.write(f"{path}: {len(names)} added\n")


if __name__ == "__main__":
    main(sys.argv[1:])
