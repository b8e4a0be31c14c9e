"""`cascade status`, `verify` and `export`: what an index holds."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

INDEX = click.argument("index", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command()
@INDEX
@JSON
def status(index: Path, as_json: bool) -> None:
    """What INDEX holds: passages, records, segments, bytes by kind, encoder, format, snapshot."""
    from cascade import shapes
    from cascade.index.layout import FORMAT
    from cascade.index.snapshot import Snapshot

    body = shapes.status(Snapshot(index))
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False))
        return
    click.echo(f"{body['passages']:,} passages of {body['records']:,} records in {len(body['segments'])} segments")
    click.echo(
        f"{body['bytes'] / 1e6:,.1f} MB ({body['bytes_per_passage']:,} B a passage); {body['deleted']:,} deleted rows"
    )
    encoder = body["encoder"]
    click.echo(
        f"encoder {encoder['name']} ({encoder['dim']} dims), {body['language']}, vectors searched by {body['search']}"
    )
    older = f" (`cascade upgrade` makes it {FORMAT})" if body["format"] < FORMAT else ""
    click.echo(f"format {body['format']}{older}, snapshot {body['snapshot']}, made {body['created']}")
    if "operating" in body:
        click.echo(_operating(body["operating"], body["passages"]))
    for kind, size in body["bytes_by_kind"].items():
        held = body["resident_by_kind"].get(kind)
        now = "" if held is None else f"{held / 1e6:>12,.1f} MB in memory now"
        click.echo(f"  {kind:<10}{size / 1e6:>10,.1f} MB{now}")
    for source, count in body["sources"].items():
        click.echo(f"  {count:>10,} records from {source}")
    for said in body.get("missing", []):
        click.secho(f"Not complete: {said}", err=True, fg="yellow")


def _operating(said: dict[str, Any], passages: int) -> str:
    """An operating point in two lines: how it is set, and what was measured when."""
    settings = ", ".join(f"{name} {value:,}" for name, value in said["settings"].items()) or "as by default"
    value, low, high = said["survival"]
    of = " of what the widest setting keeps" if said["relative"] else ""
    grown = f" (now {passages / said['passages']:.1f} times as many)" if 0 < said["passages"] != passages else ""
    return (
        f"tuned: {settings}\n  survival {value:.3f} [{low:.3f}, {high:.3f}]{of} ({said['kept']}), "
        f"{said['ms'][0]:.0f} ms (p95 {said['ms'][1]:.0f}), by {said['questions']:,} questions ({said['by']}), "
        f"{said['measured'][:16]}, at {said['passages']:,} passages{grown}"
    )


@click.command()
@INDEX
@click.option("--quick", is_flag=True, help="Only names, sizes and the small files: a moment, however large INDEX is.")
@click.option("--rate", type=click.FloatRange(0), default=0, metavar="MB", help="Read at most so many MB a second.")
@JSON
def verify(index: Path, quick: bool, rate: float, as_json: bool) -> None:
    """Compare every byte of INDEX with its checksum. Exit code 4 if anything differs.

    Works beside a writer and beside readers. `cascade repair` mends what is found.
    """
    from cascade.commands.bars import byte_bar
    from cascade.errors import Corrupt
    from cascade.index import manifest, verify
    from cascade.index.layout import Layout

    where = Layout(index)
    said = manifest.read(where)
    with byte_bar("verifying") as told:
        pace = verify.Pace(verify.size(said), told, rate * 1e6)
        said, found = verify.newest(where, quick, pace)
    body: dict[str, Any] = {
        "index": str(index), "ok": not found, "quick": quick, "segments": len(said.segments), "bytes": pace.done,
        "problems": [{"what": str(error), "path": str(error.path), "spans": error.spans} for error in found],
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(body, ensure_ascii=False))
    else:
        for error in found:
            click.echo(str(error), err=True)
        how = "names and sizes" if quick else f"{pace.done / 1e6:,.1f} MB"
        click.echo(f"{len(said.segments)} segments, {how}: {'damaged' if found else 'all as written'}")
    sys.exit(Corrupt.exit_code if found else 0)


@click.command()
@INDEX
@click.option("--passages", is_flag=True, help="One line a passage instead of one a record.")
@click.option("--filter", "filter_", default="", metavar="EXPR", help="Only what matches.")
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: the output is JSON lines anyway.")
def export(index: Path, passages: bool, filter_: str, as_json: bool) -> None:  # noqa: ARG001
    """Print INDEX as JSON lines: every record with its whole text, in the order of record ids.

    Exit code 4 where something is damaged; the rest is printed.
    """
    from cascade import shapes
    from cascade.errors import Corrupt
    from cascade.index.reading import passages_in_order, records_in_order
    from cascade.index.snapshot import Snapshot

    snapshot = Snapshot(index)
    if passages:
        for found in passages_in_order(snapshot, filter_):
            click.echo(json.dumps(shapes.passage(found), ensure_ascii=False))
    else:
        for record in records_in_order(snapshot, filter_):
            click.echo(json.dumps(record, ensure_ascii=False))
    for said in snapshot.missing:
        click.secho(f"Not complete: {said}", err=True, fg="yellow")
    if snapshot.missing:
        sys.exit(Corrupt.exit_code)
