"""`cascade keys`: makes, lists and revokes the keys of a server."""

from __future__ import annotations

import json
from pathlib import Path

import click

FILE = click.option(
    "--keys", "file", default="cascade-keys.json", show_default=True, type=click.Path(path_type=Path, dir_okay=False),
    help="The file that holds their digests.",
)  # fmt: skip
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def keys() -> None:
    """Make, list and revoke the keys of a server (`cascade serve --keys FILE`)."""


@keys.command()
@click.argument("name")
@FILE
@click.option("--may", "right", default="read", show_default=True, type=click.Choice(["read", "write", "admin"]),
              help="What it may do; each includes those before it.")  # fmt: skip
@click.option("--index", "indexes", multiple=True, metavar="NAME", help="Only this index; repeatable (default: all).")
@click.option("--rate", default=0, type=click.IntRange(0), metavar="N", help="Requests a minute (default: 600).")
@click.option("--concurrent", default=0, type=click.IntRange(0), metavar="N", help="Requests at once (default: 16).")
@JSON
def create(
    name: str, file: Path, right: str, indexes: tuple[str, ...], rate: int, concurrent: int, as_json: bool
) -> None:
    """Make a key for NAME and print it. It cannot be shown again: the file holds its digest alone."""
    from api.keys import EVERY, Keys, Right

    made, token = Keys(file).create(name, Right(right), indexes or (EVERY,), rate, concurrent)
    if as_json:
        click.echo(json.dumps({**made.shown(), "key": token}))
        return
    click.echo(token)
    click.echo(f"Key {made.id} for {name} may {right}; keep it now, it is not shown again.", err=True)


@keys.command("list")
@FILE
@JSON
def list_(file: Path, as_json: bool) -> None:
    """List keys: who each is for, what it may do, whether it is revoked."""
    from api.keys import Keys

    found = Keys(file).all()
    if as_json:
        click.echo(json.dumps([key.shown() for key in found]))
        return
    if not found:
        click.echo(f"{file} holds no keys. Make one: cascade keys create NAME --keys {file}", err=True)
    for key in found:
        state = f"revoked {key.revoked}" if key.revoked else f"made {key.created}"
        click.echo(f"{key.id}  {key.right:<6} {', '.join(key.indexes):<20} {key.name}  ({state})")


@keys.command()
@click.argument("id_", metavar="ID")
@FILE
@JSON
def revoke(id_: str, file: Path, as_json: bool) -> None:
    """Make the key called ID useless, at once, in every server that reads the file."""
    from api.keys import Keys

    key = Keys(file).revoke(id_)
    click.echo(json.dumps(key.shown()) if as_json else f"Key {key.id} of {key.name} is revoked.")
