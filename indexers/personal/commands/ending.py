"""`cascade me revoke`, `erase`, `expire`: what ends, and what is left of it: nothing."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import Corrupt, NoGrant, UsageError
from indexers.personal.commands import doors

if TYPE_CHECKING:
    from indexers.personal.home import Home
    from indexers.personal.receipts import Erasure

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
INCOMPLETE = 22
"""Exit code where something could not be erased."""


@click.command()
@click.argument("name", metavar="GRANT")
@click.option("--beside", multiple=True, type=FOLDER, metavar="FOLDER", help="Look through this too: a backup, say.")
@click.option("--look", is_flag=True, help="Unlock first, to look for its own words in what stays, unsealed too.")
@doors.vaulted
def revoke(
    name: str, beside: tuple[Path, ...], look: bool, root: Path, descriptor: int | None, as_json: bool
) -> None:
    """End GRANT (an id, or a connector's name) at once, destroy its key, erase what was kept, and say what was done.

    Needs no passphrase. Again looks everything through once more.
    """
    from indexers.personal import home as homes
    from indexers.personal.erase import Search
    from indexers.personal.erase import revoke as end

    search = Search(folders=(*beside, *_temporary()))
    with ExitStack() as stack:
        home = homes.at(doors.at(root))
        if look:
            home = stack.enter_context(doors.opened(root, descriptor))
        receipts = [end(home.vault, home.grants, grant, home.open, search) for grant in _ended(home, name)]
    _told(receipts, as_json)


@click.command()
@click.argument("name", metavar="GRANT")
@click.option("--person", multiple=True, metavar="WHO", help="What this person wrote, is in, or stands in.")
@click.option("--match", multiple=True, metavar="TEXT", help="What holds these words, one after another.")
@click.option("--label", multiple=True, metavar="NAME", help="What has this label.")
@click.option("--since", default="", metavar="DAY", help="From this day on.")
@click.option("--until", default="", metavar="DAY", help="Up to this day.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@doors.vaulted
def erase(name: str, root: Path, descriptor: int | None, as_json: bool, yes: bool, **flags: Any) -> None:
    """Erase a part of what was kept of GRANT, for good: the same export does not bring it back.

    Where several things are said, all of them must hold.
    """
    from indexers.personal.erase import Which, kept
    from indexers.personal.erase import erase as take_out

    which = Which.of(
        people=flags["person"], phrases=flags["match"], labels=flags["label"], since=flags["since"],
        until=flags["until"],
    )  # fmt: skip
    receipts = []
    with doors.opened(root, descriptor) as home:
        for grant in _meant(home, name):
            count = sum(map(which.takes, kept(home.unlocked, grant)))
            if count and not yes:
                if not sys.stdin.isatty():
                    raise UsageError(f"{count:,} things of {grant} would be erased. If they should: --yes")
                if not click.confirm(f"Erase {count:,} things of {grant}?"):
                    raise NoGrant("Nothing more was erased.")
            receipts.append(take_out(home.unlocked, home.grants, grant, which))
    _told(receipts, as_json)


@click.command()
@doors.vaulted
def expire(root: Path, descriptor: int | None, as_json: bool) -> None:
    """Erase what is due: grants that have ended, and things that were kept for as long as was permitted."""
    from indexers.personal.erase import Which
    from indexers.personal.erase import erase as take_out
    from indexers.personal.erase import revoke as end
    from indexers.personal.expire import Due
    from indexers.personal.expire import expire as ended

    with doors.opened(root, descriptor) as home:

        def whole(due: Due) -> Erasure:
            return end(home.vault, home.grants, due.grant, home.unlocked, why="expired")

        def part(due: Due) -> Erasure:
            which = replace(Which(until=due.until), undated=due.undated)
            return take_out(home.unlocked, home.grants, due.grant, which)

        receipts = [one for one in ended(home.grants, whole, part) if one.whole or one.records or not one.complete]
    if not receipts and not as_json:
        click.echo("Nothing is due.")
        return
    _told(receipts, as_json)


def _meant(home: Home, name: str) -> list[str]:
    """The grants that are meant; one that was erased, too, by its id. Raises NoGrant."""
    found = [one.terms.id for one in home.grants.named(name)]
    found = found or [one.terms.id for one in home.grants.all() if one.terms.id == name]
    if not found:
        raise NoGrant(f"No grant is called {name!r}. See which there are: cascade me grants")
    return found


def _ended(home: Home, name: str) -> list[str]:
    """The same, by what is there of them where the ledger was tampered with or begun anew: that keeps nothing alive."""
    from indexers.personal.erase.stores import remaining

    try:
        return _meant(home, name)
    except (NoGrant, Corrupt):
        if found := remaining(home.vault.layout, name):
            return found
        raise


def _temporary() -> Iterator[Path]:
    """Folders where a program of ours that was killed could have left something."""
    for path in Path(tempfile.gettempdir()).glob("cascade-*"):
        if path.is_dir() and not path.is_symlink():
            yield path


def _told(receipts: list[Erasure], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([one.to_json() for one in receipts], ensure_ascii=False))
    for one in receipts if not as_json else ():
        for line in one.lines():
            click.echo(line)
    if not all(one.complete for one in receipts):
        sys.exit(INCOMPLETE)
