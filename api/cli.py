"""`cascade serve` and `cascade mcp`: open indexes and serve them until they are stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from api import serving

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("indexes", nargs=-1, required=True, metavar="INDEX...", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; another needs --keys.")
@click.option("--port", default=8117, show_default=True, type=click.IntRange(0, 65_535), help="0 for any that is free.")
@click.option("--keys", type=FILE, help="Ask for keys: those of this file (`cascade keys`).")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve.")
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 256), help="Questions at once in each.")
@click.option("--queue", default=32, show_default=True, type=click.IntRange(0), help="Questions that wait in each.")
@click.option("--audit", type=FILE, help="Note who asked which index when: a JSON line a request, added to this file.")
@click.option("--audit-text", is_flag=True, help="Note the questions too.")
@click.option("--traces", metavar="URL", help="Send traces to an OpenTelemetry collector (OTLP over HTTP).")
@click.option("--origin", multiple=True, metavar="URL", help="Let pages of this site call the server (CORS).")
@click.option("--name", multiple=True, metavar="HOST", help="With --host: the names it answers to (default: any).")
@click.option("--reader", metavar="NAME", help="local, extractive, or an OpenAI-compatible endpoint.")
@click.option("--scorer", metavar="NAME", help="A cross-encoder that judges the best passages.")
@click.option("--prompts", type=click.Path(path_type=Path), help="Where long prompts are kept (default: temporary).")
@click.option("--cluster", metavar="WHERE", help="Have a Ray cluster hold the indexes: auto, HOST:PORT, or local.")
@click.option("--shards", default=0, type=click.IntRange(0), help="With --cluster: parts of an index (default: nodes).")
@click.option(
    "--replicas", default=1, show_default=True, type=click.IntRange(1), help="With --cluster: copies of each."
)
@click.option("--servers", metavar="N-M", help="With --cluster: serve from N to M processes, by how much is asked.")
@click.option("--config", type=click.Path(path_type=Path), help="A TOML file of settings.")
def serve(indexes: tuple[Path, ...], host: str, port: int, **flags: Any) -> None:
    """Serve INDEX... over HTTP; /docs describes it.

    Only this machine can reach it, and needs no key, unless --keys and --host say otherwise.
    """
    from api import serving, traces
    from api.house import Rules
    from api.shelf import Shelf
    from cascade import config as settings

    keys, workers = flags["keys"], flags["workers"]
    serving.allowed(host, keys)
    names = flags["name"] or (serving.NAMES if serving.local(host) else ())
    hosts = tuple(name.lower() for name in names)
    rules = Rules(hosts=hosts, origins=flags["origin"], share=workers, prompts=flags["prompts"])
    config = settings.load(flags["config"], reader=flags["reader"], scorer=flags["scorer"])
    plan = serving.Plan(
        tuple(path.resolve() for path in indexes), config, keys, rules, flags["threads"], flags["queue"],
        flags["audit"], flags["audit_text"], traces=traces.address(flags["traces"]) if flags["traces"] else "",
    )  # fmt: skip
    shelf = Shelf.open(indexes, config)
    if flags["cluster"]:
        _serve_on_cluster(plan, (host, port), flags)
        return
    with serving.listen(host, port) as listening:
        place = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
        click.echo(f"Serving {', '.join(shelf.names)}. Open {place}/ in a browser; stop with Ctrl-C.", err=True)
        serving.run(plan, listening, workers)


def _serve_on_cluster(plan: serving.Plan, place: tuple[str, int], flags: dict[str, Any]) -> None:
    """Serve what a cluster holds, from this process or from several."""
    from dataclasses import replace

    from api import serving
    from indexers.cluster.fleet import Form
    from indexers.cluster.opened import On, Way

    servers, workers = _range(flags["servers"]), flags["workers"]
    way = Way(Form(flags["shards"], flags["replicas"]), share=bool(servers) or workers > 1)
    on = On(flags["cluster"], way)
    plan = replace(plan, opens=on)
    click.echo(f"Serving from the cluster at {flags['cluster']}. Stop with Ctrl-C.", err=True)
    try:
        if servers:
            serving.spread(plan, on, *place, servers)
        else:
            with serving.listen(*place) as listening:
                click.echo(f"Open http://{place[0]}:{listening.getsockname()[1]}/ in a browser.", err=True)
                serving.run(plan, listening, workers)
    finally:
        on.end(plan.indexes)


def _range(said: str | None) -> tuple[int, int] | None:
    """`2-8` as two numbers; `3` as twice the same. Raises UsageError."""
    if not said:
        return None
    first, _, last = said.partition("-")
    try:
        found = int(first), int(last or first)
    except ValueError:
        found = 0, 0
    if not 0 < found[0] <= found[1]:
        raise click.UsageError(f"--servers takes two numbers, as 1-4, and not {said!r}.")
    return found


@click.command()
@click.argument("indexes", nargs=-1, required=True, metavar="INDEX...", type=click.Path(path_type=Path))
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 256), help="Questions at once.")
@click.option("--reader", metavar="NAME", help="local, extractive, or an OpenAI-compatible endpoint.")
@click.option("--scorer", metavar="NAME", help="A cross-encoder that judges the best passages.")
@click.option("--config", type=click.Path(path_type=Path), help="A TOML file of settings.")
def mcp(indexes: tuple[Path, ...], threads: int, **flags: Any) -> None:
    """Give INDEX... as tools to a model's client that speaks MCP, over standard input and output.

    The client starts this command itself and ends it; docs/mcp.md has what to write into well-known ones. For clients
    that come over HTTP, `cascade serve` has the same tools at /mcp.
    """
    from api.house import House
    from api.pool import Pool
    from api.shelf import Shelf
    from cascade import config as settings
    from cascade.errors import UsageError

    with Shelf.open(indexes, settings.load(flags["config"], reader=flags["reader"], scorer=flags["scorer"])) as shelf:
        try:
            from api.mcp import local
        except ModuleNotFoundError as error:
            said = "This takes the extra `mcp`, which is not installed: pip install 'cascade-retrieval[mcp]'."
            raise UsageError(said) from error
        local.run(House(shelf, Pool(threads)))
