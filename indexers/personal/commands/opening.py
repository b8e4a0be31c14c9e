"""`cascade me init`, `unlock`, `lock`, `passphrase`, keys in and out, `backup`, `restore`: the vault itself."""

from __future__ import annotations

from pathlib import Path

import click

from cascade.errors import UsageError
from indexers.personal.commands import doors

FOLDER = click.Path(path_type=Path)


@click.command()
@doors.VAULT
@doors.PASSPHRASE
@click.option("--encoder", default="static", show_default=True, metavar="NAME", help="As for `cascade add`.")
def init(root: Path, descriptor: int | None, encoder: str) -> None:
    """Make a vault: an encrypted folder for what you permit to be read. Nothing is read by this."""
    from cascade.index.manifest import Built
    from cascade.models import resolve
    from cascade.models.vocabulary import Vocabulary
    from indexers.personal.intake import near
    from indexers.personal.layout import Layout
    from indexers.personal.vault import folder, passphrase

    if Layout(doors.at(root)).vault.exists():  # said before a passphrase is thought of
        raise folder.taken(doors.at(root))
    found, words = resolve.encoder(encoder), Vocabulary()
    near(found)
    built = Built(
        found.name, found.dim, found.limit, found.fingerprint, words.fingerprint, words.size, "english"
    )
    given = passphrase.handed(descriptor) if descriptor is not None else passphrase.asked("New passphrase", twice=True)
    vault = folder.create(doors.at(root), given, built)
    click.echo(f"Made the vault {vault.layout.root}. Nobody can reset its passphrase.")
    click.echo("Next: cascade me sources     what there is that you could permit to be read")


@click.command()
@doors.VAULT
@doors.PASSPHRASE
@click.option("--minutes", default=15, show_default=True, type=click.IntRange(1, 1440), help="Then locked, if idle.")
@click.option("--remember", is_flag=True, help="Keep the passphrase in the system's keyring from now on.")
def unlock(root: Path, descriptor: int | None, minutes: int, remember: bool) -> None:
    """Keep the vault open between commands: in the memory of one process, until `lock` or until it is idle."""
    from indexers.personal.vault import agent, folder, passphrase

    given = doors.secret(root, descriptor)
    agent.launch(doors.at(root), given, "indexers.personal.asking:HANDLERS", minutes * 60.0)
    if remember:
        passphrase.keep(folder.opened(doors.at(root)).id, given)
    click.echo(f"Open for questions; locked after {minutes} minutes without one, or by: cascade me lock")


@click.command()
@doors.VAULT
@click.option("--forget", is_flag=True, help="Take the passphrase out of the system's keyring too.")
def lock(root: Path, forget: bool) -> None:
    """Drop keys and records from memory at once."""
    from indexers.personal.vault import agent, folder, passphrase

    found = agent.reach(doors.at(root))
    if found:
        found.lock()
    forgot = forget and passphrase.forget(folder.opened(doors.at(root)).id)
    click.echo("Locked." if found else "It was locked.")
    if forget:
        click.echo("The keyring has forgotten the passphrase." if forgot else "The keyring knew no passphrase of it.")


@click.command()
@doors.VAULT
def passphrase(root: Path) -> None:
    """Close the vault with another passphrase. What it holds stays as it is."""
    from indexers.personal.vault import folder
    from indexers.personal.vault import passphrase as phrases

    old = phrases.asked("Passphrase now")
    folder.opened(doors.at(root)).rekey(old, phrases.asked("New passphrase", twice=True))
    click.echo("Changed. Copies of the vault's folder `keys` that were made before still open with the old one.")


@click.command("export-keys")
@doors.VAULT
@doors.PASSPHRASE
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export_keys(root: Path, descriptor: int | None, file: Path) -> None:
    """Write every grant's key to FILE, under a passphrase of its own: for a backup that is to be readable.

    What is revoked later can then be read from old backups with that file: receipts will say so.
    """
    import os

    from indexers.personal.vault import backups
    from indexers.personal.vault import passphrase as phrases

    if file.exists():
        raise UsageError(f"{file} is there already. Name a file that is not: keys are never written over others.")
    with doors.opened(root, descriptor) as home:
        armoured = backups.export_keys(home.unlocked, phrases.asked("Passphrase of the exported keys", twice=True))
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as out:
        out.write(armoured)
    click.echo(f"Wrote {file}. Keep it apart from backups of the vault.")


@click.command("import-keys")
@doors.VAULT
@doors.PASSPHRASE
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_keys(root: Path, descriptor: int | None, file: Path) -> None:
    """Give a restored vault its grants' keys back from FILE. Every grant must be given anew all the same.

    A grant that was revoked in this vault does not get its key back.
    """
    from indexers.personal import home as homes
    from indexers.personal.grants import State
    from indexers.personal.grants.sealed import LEDGER
    from indexers.personal.vault import backups
    from indexers.personal.vault import passphrase as phrases

    home = homes.at(doors.at(root))
    ended = [one.terms.id for one in home.grants.all() if one.state is State.REVOKED]
    given = phrases.asked("Passphrase of the exported keys")
    if descriptor is None and not home.vault.layout.master.exists():
        own = phrases.asked("New passphrase of the vault", twice=True)
    else:
        own = doors.secret(root, descriptor)
    names = backups.import_keys(home.vault, file.read_text("ascii", "replace"), given, own, ended=ended)
    grants = [name for name in names if name != LEDGER]
    click.echo(f"Brought back the keys of {len(grants)} grants. A restored vault permits nothing: cascade me grants")


@click.command()
@doors.VAULT
@click.argument("to", type=FOLDER)
def backup(root: Path, to: Path) -> None:
    """Copy the vault, without its keys, to the new or empty folder TO: of no use to anybody without them."""
    from indexers.personal.vault import backups, folder

    count = backups.save(folder.opened(doors.at(root)), to)
    click.echo(f"Copied {count:,} files, no keys among them. To be able to read it: cascade me export-keys FILE")


@click.command()
@click.argument("source", type=FOLDER, metavar="FROM")
@click.argument("to", type=FOLDER)
def restore(source: Path, to: Path) -> None:
    """Make the vault TO of the backup FROM. It permits nothing: each grant must be given anew."""
    from indexers.personal.vault import backups

    vault = backups.restore(source, to)
    click.echo(f"Restored {vault.layout.root}. Next: cascade me import-keys FILE --vault {to}")
