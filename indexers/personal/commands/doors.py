"""What every command of `cascade me` begins with: which vault, with which passphrase, in words that JSON can say.

Knows flags and passphrases; knows nothing of what is done with an open vault.
"""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cascade.errors import UsageError

if TYPE_CHECKING:
    from indexers.personal.home import Home

F = TypeVar("F", bound=Callable[..., Any])

VAULT = click.option(
    "--vault", "root", type=click.Path(path_type=Path), envvar="CASCADE_VAULT", default="~/.cascade/vault",
    show_default=True, metavar="FOLDER", help="The vault.",
)  # fmt: skip
PASSPHRASE = click.option(
    "--passphrase-fd", "descriptor", type=click.IntRange(0), metavar="N",
    help="Read the passphrase from this open file descriptor (a pipe); else it is asked for.",
)  # fmt: skip
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def vaulted(command: F) -> F:
    """The flags of a command that opens a vault."""
    for option in (JSON, PASSPHRASE, VAULT):
        command = option(command)
    return command


def at(root: Path) -> Path:
    """The folder that was meant."""
    return root.expanduser()


def secret(root: Path, descriptor: int | None) -> bytearray:
    """The passphrase of a vault: handed over, or out of the keyring, or asked for. Raises UsageError where none can."""
    from indexers.personal.vault import folder, passphrase

    if descriptor is not None:
        return passphrase.handed(descriptor)
    vault = folder.opened(at(root))
    if (kept := passphrase.kept(vault.id)) is not None:
        return kept
    if not sys.stdin.isatty():
        raise UsageError(
            "The passphrase can be asked for at a terminal alone. Hand it over: --passphrase-fd 3 3< FILE, or keep it "
            "in the system's keyring: cascade me unlock --remember"
        )
    return passphrase.asked(f"Passphrase of {root}")


@contextmanager
def opened(root: Path, descriptor: int | None) -> Iterator[Home]:
    """A vault that is open as long as this lasts. Raises WrongKey, NoVault."""
    from indexers.personal import home

    with home.unlocked(at(root), secret(root, descriptor)) as found:
        yield found


def local(moment: str) -> str:
    """A moment as the clock on this machine's wall said it, to the minute; what is no moment as it is."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment


def wrapped(text: str, margin: int) -> str:
    """Lines at most as wide as the terminal; what goes on is moved in by `margin`. Words stay whole."""
    width = max(shutil.get_terminal_size((110, 24)).columns, margin + 40)
    return "\n".join(
        textwrap.fill(
            line, width, subsequent_indent=" " * margin, break_long_words=False, break_on_hyphens=False,
            drop_whitespace=True, replace_whitespace=False, expand_tabs=False,
        )
        for line in text.split("\n")
    )  # fmt: skip


def say(value: Any, as_json: bool, lines: Callable[[], Iterator[str]]) -> None:
    """Print a result: as JSON, or in lines for a person."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, default=str))
        return
    for line in lines():
        click.echo(line)
