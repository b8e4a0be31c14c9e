"""A made-up life from export to receipt: what `cascade me demo` shows, step by step, with the command for each.

Everything lies in one folder, which goes when it is over unless one is named. Knows the order of the steps; each is
what the command does.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from cascade.index.manifest import Built
from cascade.models import resolve
from cascade.models.vocabulary import Vocabulary
from indexers.personal import asking, home, intake
from indexers.personal.erase import Search, revoke
from indexers.personal.grants import INDEX, LOCAL, Request, Scope, asked, disclosure, settled
from indexers.personal.life import live
from indexers.personal.receipts import Erasure
from indexers.personal.vault import folder as folders
from indexers.personal.vault.desk import Desk
from indexers.sources.connectors import registry

if TYPE_CHECKING:
    from cascade.models.base import Encoder
    from indexers.personal.home import Home
    from indexers.personal.intake import Taken
    from indexers.personal.life.written import Export

SEED = 117
QUESTIONS = 3
ENCODER = "static"


def run(folder: Path | None, things: int) -> Iterator[str]:
    """The demonstration, line by line."""
    with ExitStack() as stack:
        base = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cascade-demo-")))
        written = live(SEED, things).write(base / "life")
        yield f"A made-up life: {len(written.life.things):,} things, {len(written.exports)} exports, in {base / 'life'}"
        encoder = resolve.encoder(ENCODER)
        place, secret = made(base / "vault", encoder)
        with home.unlocked(place, secret) as opened:
            yield from _taken_in(opened, list(written.exports), encoder)
            desk = Desk(opened.unlocked, encoder=encoder)
            questions = [fact for fact in written.life.facts if fact.kind == "single-source"][:QUESTIONS]
            for fact in questions:
                yield f'\ncascade ask --me "{fact.question}"'
                answer = asking.ask(desk, fact.question, reader="extractive", now="2026-07-01T12:00:00")
                yield f"  {answer['answer']}"
                yield from (f"    {one['header']}" for one in answer["citations"])
                yield f"    (what it is about: {fact.answer})"
            grant = opened.grants.permitted(INDEX)[0]
            yield f"\ncascade me revoke {grant}"
            canaries = [one.encode() for one in written.canaries(opened.grants.grant(grant).details.source)]
            yield from (f"  {line}" for line in _revoked(opened, grant, canaries).lines())
        if folder:
            yield f"\nIt is all still there: {folder}. The passphrase of its vault was: {secret.decode()}"


def lived(base: Path, things: int) -> Iterator[Taken]:
    """A made-up life read into a vault of its own: what was taken of each export."""
    written = live(SEED, things).write(base / "life")
    encoder = resolve.encoder(ENCODER)
    place, secret = made(base / "vault", encoder)
    with home.unlocked(place, secret) as opened:
        for export in written.exports:
            yield intake.take_in(opened, allowed(opened, export), encoder)


def made(root: Path, encoder: Encoder) -> tuple[Path, bytes]:
    """A new vault, and the passphrase that was drawn for it."""
    words = Vocabulary()
    secret = secrets.token_urlsafe(12).encode()
    built = Built(
        encoder.name, encoder.dim, encoder.limit, encoder.fingerprint, words.fingerprint, words.size, "english"
    )
    folders.create(root, secret, built)
    return root, secret


def allowed(opened: Home, export: Export, excluded: tuple[str, ...] = ()) -> str:
    """A grant for an export of the made-up life; its id."""
    connector = registry.connector(export.connector)
    scope = Scope(not_people=excluded, choices=dict(export.choices))
    request = settled(Request(connector.name, (str(export.root),), (INDEX, LOCAL), export.name, scope))
    return opened.grants.allow(request, connector, agreed=asked(request, connector), by="demo").id


def _taken_in(opened: Home, exports: list[Export], encoder: Encoder) -> Iterator[str]:
    first = exports[0]
    connector = registry.connector(first.connector)
    request = settled(Request(connector.name, (str(first.root),), (INDEX, LOCAL), first.name))
    yield f"\ncascade me allow {connector.name} {first.root}"
    yield from (f"  {line}" for line in disclosure(request, connector).splitlines())
    yield "\ncascade me ingest"
    for export in exports:
        taken = intake.take_in(opened, allowed(opened, export), encoder)
        left = f", {taken.left.total():,} left out" if taken.left else ""
        scrubbed = f", {taken.scrubbed.total():,} secrets taken out" if taken.scrubbed else ""
        yield f"  {export.name:<12} {taken.records:>6,} things in {taken.seconds:.1f} s{left}{scrubbed}"


def _revoked(opened: Home, grant: str, canaries: list[bytes]) -> Erasure:
    return revoke(opened.vault, opened.grants, grant, opened.unlocked, Search(canaries))
