"""The formats a life is written in: one module a format or a family of them, strangers to one another.

Each takes a `Desk`, writes the things of its programs, and says which thing lies in which file. Formats are written as
the programs write them, faults included; each module says which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexers.personal.life.written import Desk


def formats() -> tuple[Callable[[Desk], None], ...]:
    """What to call, in order."""
    from indexers.personal.life.writers import (
        assistants,
        browsers,
        chatlogs,
        contacts,
        mails,
        messages,
        notes,
        packages,
        plays,
        shell,
        takeout,
    )

    return (
        takeout.write, mails.write, contacts.write, plays.write, browsers.write, chatlogs.write, messages.write,
        packages.write, assistants.write, notes.write, shell.write,
    )  # fmt: skip
