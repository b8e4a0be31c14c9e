"""`cascade me seen`, `export`, `audit`, `doctor`, `demo`: what was shown, taken out and done, and whether it holds."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cascade.errors import UsageError
from indexers.personal.commands import doors

if TYPE_CHECKING:
    from indexers.personal.chain import Head


@click.command()
@click.argument("grant", required=False, default="")
@click.option("-n", "most", default=50, show_default=True, help="Most entries.")
@doors.vaulted
def seen(grant: str, most: int, root: Path, descriptor: int | None, as_json: bool) -> None:
    """Which of your things a model was shown, when, and for which question; the latest first."""
    from indexers.personal.vault import agent

    found: list[dict[str, Any]]
    if running := agent.reach(doors.at(root)):
        found = running.request("seen", grant=grant, most=most)
    else:
        from indexers.personal import asking
        from indexers.personal.vault.desk import Desk

        with doors.opened(root, descriptor) as home:
            found = asking.what_was_shown(Desk(home.unlocked), grant, most)

    def lines() -> Iterator[str]:
        for one in found:
            yield f"{doors.local(one['at'])}  {one['reader']}  {one['grant']}  {one['question']!r}"
            yield from (f"    {thing['time'][:10]:<10} {thing['title']}" for thing in one["things"])
        if not found:
            yield "No model was shown anything."

    doors.say(found, as_json, lines)


@click.command()
@click.argument("grant")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@doors.vaulted
def export(grant: str, file: Path, root: Path, descriptor: int | None, as_json: bool) -> None:
    """Write what was kept of GRANT to FILE, unencrypted, a JSON line for each thing: where its purposes hold `export`.

    What is in FILE is yours to look after: no revocation reaches it, and the receipt of one will say so.
    """
    from indexers.personal.erase import kept
    from indexers.personal.grants import EXPORT

    if file.exists():
        raise UsageError(f"{file} is there already. Name a file that is not.")
    with doors.opened(root, descriptor) as home:
        names = [one.terms.id for one in home.grants.named(grant)] or [grant]
        for name in names:
            home.grants.check(name, EXPORT)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as out:
            count = 0
            for one in (one for name in names for one in kept(home.unlocked, name)):
                said = {"_id": one.id.hex(), "title": one.title, "time": one.time, "text": one.text, **one.metadata}
                out.write(json.dumps(said, ensure_ascii=False) + "\n")
                count += 1
    doors.say({"file": str(file), "things": count}, as_json, lambda: iter([f"Wrote {count:,} things to {file}."]))


@click.command()
@click.option("--head", default="", metavar="HEAD", help="A head that you noted: what is older must still be there.")
@click.option("--anew", is_flag=True, help="Put a ledger aside that was tampered with, and begin an empty one.")
@doors.vaulted
def audit(head: str, anew: bool, root: Path, descriptor: int | None, as_json: bool) -> None:
    """Read the ledger of grants from its beginning, and say whether any entry was changed, taken out or moved."""
    noted = [_head(head)] if head else []
    with doors.opened(root, descriptor) as home:
        if anew:
            click.echo(f"The old ledger is {home.grants.begin_anew()}. Nothing is permitted: give each grant anew.")
            return
        log = home.grants.verify(*noted)
        entries = [dict(entry) for entry in log.entries]
        said = {"whole": True, "entries": entries, "head": str(log.head)}

        def lines() -> Iterator[str]:
            for entry in entries:
                when = str(entry.get("at") or entry.get("granted_at") or "")
                yield f"{doors.local(when):<17} {entry['what']:<9} {entry['id']}"
            yield f"\nWhole: no entry of {len(entries)} was changed. Note its head elsewhere: {log.head}"

        doors.say(said, as_json, lines)


def _head(text: str) -> Head:
    from indexers.personal.chain import Head

    try:
        return Head.parse(text)
    except ValueError as error:
        raise UsageError(f"{error} `cascade me audit` prints it.") from None


@click.command()
@click.option("--no-network", is_flag=True, help="Read a made-up life with every socket denied, to prove it.")
@doors.VAULT
@doors.JSON
def doctor(no_network: bool, root: Path, as_json: bool) -> None:
    """Whether the vault is private and truly encrypted, by looking at its files as a stranger would."""
    from indexers.personal import doctor as doctors

    found = doctors.offline() if no_network else doctors.look(doors.at(root))

    def lines() -> Iterator[str]:
        for one in found:
            yield f"{'ok ' if one.good else 'BAD'}  {one.said}"

    doors.say([{"good": one.good, "said": one.said} for one in found], as_json, lines)
    if not all(one.good for one in found):
        sys.exit(1)


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Leave it all there (default: nothing stays).")
@click.option("--things", default=600, show_default=True, type=click.IntRange(180, 50_000), help="How much of a life.")
def demo(folder: Path | None, things: int) -> None:
    """A made-up life in real export formats: previewed, permitted, read, asked, revoked; each step as a command."""
    from indexers.personal import demo as demos

    for line in demos.run(folder, things):
        click.echo(doors.wrapped(line, len(line) - len(line.lstrip()) + 2))
