"""Where a vault keeps what was read under a grant, and how each of these places is emptied.

None of it needs the vault to be unlocked: who has lost the passphrase can still have everything gone. The key goes
first: from then on the rest is noise, whatever happens to it. Every step may be done again, and finds less to do.
Knows a vault's folder; knows nothing of the ledger.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from filelock import FileLock

from cascade.errors import UnusableIndex
from indexers.personal import layout
from indexers.personal.grants.sealed import LEDGER
from indexers.personal.layout import Layout
from indexers.personal.receipts import Outcome, Store
from indexers.personal.vault import agent, backups


def exported(where: Layout, grant: str) -> Store | None:
    """Keys that were exported are elsewhere: told before the note of it is gone."""
    if not where.note(grant, backups.EXPORTS).is_file():
        return None
    return Store(
        "exported keys",
        Outcome.UNSUPPORTED,
        note="its key was exported: with that, backups can still be read. Destroy the exported file yourself",
    )


def key(where: Layout, grant: str) -> Store:
    """Destroy the grant's key, and what a writer that was stopped has left of it."""
    count = 0
    with FileLock(where.turn, mode=0o600):
        for path in _keys(where, grant):
            count += layout.shred(path)
    note = "copies of the vault cannot be read any more for this grant" if count else "it was gone before"
    return Store("key", Outcome.DESTROYED, count, note)


def _keys(where: Layout, grant: str) -> list[Path]:
    """The file of the key, and what whoever was stopped has left aside of it: `.NAME…`, or `..NAME…` of that."""
    path = where.key(grant)
    aside = re.compile(rf"\.+{re.escape(path.name)}\..*")
    found = path.parent.iterdir() if path.parent.is_dir() else ()
    return [path, *sorted(each for each in found if aside.fullmatch(each.name))]


def segments(where: Layout, grant: str) -> Store:
    """Overwrite and remove the records."""
    return Store("records", Outcome.ERASED, _emptied(where.records(grant)))


def notes(where: Layout, grant: str) -> Store:
    """Overwrite and remove what else was kept: what was granted, how far was read, what a model was shown."""
    return Store("notes", Outcome.ERASED, _emptied(where.kept(grant)))


def memory(where: Layout) -> Store:
    """Have an agent that holds the vault open look at what was revoked, and drop it."""
    running = agent.reach(where.root)
    if running is None:
        return Store("memory", Outcome.ERASED, note="no agent holds the vault open")
    with suppress(UnusableIndex):  # it ended by itself
        running.request("status")
    return Store("memory", Outcome.ERASED, note="the agent dropped it")


def left(where: Layout, grant: str) -> Iterator[str]:
    """What of a grant is still in the vault's folder, by its place there."""
    for path in _keys(where, grant):
        if path.exists():
            yield str(path.relative_to(where.root))
    for folder in (where.records(grant), where.kept(grant)):
        if folder.exists():
            yield str(folder.relative_to(where.root))


def remaining(where: Layout, name: str) -> list[str]:
    """The grants of which anything is left that are called so, by id or by connector: whatever the ledger says."""
    kept = [path.stem for path in where.keys.glob(f"*{layout.KEY}")]
    kept += [path.name for folder in (where.segments, where.notes) if folder.is_dir() for path in folder.iterdir()]
    named = {grant for grant in kept if layout.nameable(grant) and grant != LEDGER}
    return sorted(grant for grant in named if name in (grant, grant.rpartition("-")[0]))


def _emptied(folder: Path) -> int:
    count = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() and not folder.is_symlink() else ():
        with suppress(OSError):  # `left` tells of what could not be removed
            count += layout.shred(path)
    shutil.rmtree(folder, ignore_errors=True)
    return count
