"""`cascade serve`: opens indexes and serves them until it is stopped."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("indexes", nargs=-1, required=True, metavar="INDEX...", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 for every one.")
@click.option("--port", default=8117, show_default=True, type=click.IntRange(0, 65_535), help="0 for any that is free.")
@click.option("--reader", metavar="NAME", help="local, extractive, or an OpenAI-compatible endpoint.")
@click.option("--scorer", metavar="NAME", help="A cross-encoder that judges the best passages.")
@click.option("--config", type=click.Path(path_type=Path), help="A TOML file of settings.")
def serve(
    indexes: tuple[Path, ...], host: str, port: int, reader: str | None, scorer: str | None, config: Path | None
) -> None:
    """Serve INDEX... over HTTP: /search, /ask, /v1/models, /health, /version; /docs describes them.

    There are no keys yet: whoever reaches the address may ask. By default that is this machine alone.
    """
    import uvicorn

    from api.app import create
    from api.shelf import Shelf
    from cascade import config as settings

    with Shelf.open(indexes, settings.load(config, reader=reader, scorer=scorer)) as shelf:
        click.echo(f"Serving {', '.join(shelf.names)} at http://{host}:{port}; stop with Ctrl-C.", err=True)
        uvicorn.run(create(shelf), host=host, port=port, log_level="warning")
