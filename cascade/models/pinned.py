"""Files that come inside Python packages: where they are, and that they are the ones this code was written for.

Packages are found without importing them. Knows paths and hashes; knows nothing of what is in the files.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from cascade.errors import ModelMissing, ModelTampered


def folder(package: str, install: str) -> Path:
    """The folder of an installed package, found without running any of its code.

    `install` is the command that would install it. Raises ModelMissing.
    """
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    if not places:
        raise ModelMissing(
            f"The Python package {package} is not installed. Install it: {install}. "
            "Without it the encoder `toy` and the reader `extractive` work."
        )
    return Path(places[0])


def cache_folder() -> Path:
    """Where this user's caches live, by the custom of the operating system. Not created here."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "cascade"


def check(path: Path, sha256: str, memory: Path | None = None) -> Path:
    """Return `path` once its SHA-256 is known to be `sha256`. Raises ModelMissing or ModelTampered.

    Hashing 90 MB takes 0.1-0.3 s, so a file found right is remembered by path, size and modification time in
    `memory` (default: `verified.json` in the user's cache folder). This guards against damage and mix-ups;
    whoever can rewrite an installed package can rewrite this code as well.
    """
    try:
        stat = path.stat()
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read ({error.strerror}). Reinstall the package that ships it.") from error
    memory = memory or cache_folder() / "verified.json"
    stamp = f"{sha256} {stat.st_size} {stat.st_mtime_ns}"
    known = _remembered(memory)
    if known.get(str(path)) == stamp:
        return path
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise ModelTampered(
            f"{path} is not the file this version expects (SHA-256 {found[:16]}..., not {sha256[:16]}...). "
            "Reinstall the package that ships it, at the version Cascade pins."
        )
    # A cache that cannot be written costs a hash next time, nothing else.
    with contextlib.suppress(OSError):
        remember(memory, {**known, str(path): stamp})
    return path


def remember(memory: Path, known: dict[str, str]) -> None:
    """Write a small JSON file whole or not at all. Raises OSError."""
    memory.parent.mkdir(parents=True, exist_ok=True)
    aside = memory.with_name(f"{memory.name}.{os.getpid()}")
    aside.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
    aside.replace(memory)


def _remembered(memory: Path) -> dict[str, str]:
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}
