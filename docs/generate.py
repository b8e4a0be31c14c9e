"""Writes docs/cli.md from the commands and docs/connectors.md from the connectors themselves: `make docs`.

A test compares the files with what this gives.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import click

from cascade import errors
from cascade.cli import root
from indexers.personal.commands.ending import INCOMPLETE
from indexers.sources.connectors import registry

PAGE = Path(__file__).with_name("cli.md")
CONNECTORS = Path(__file__).with_name("connectors.md")
EXPORTS = Path(__file__).with_name("exports.toml")
"""Where each export is to be had: the one thing that no connector knows."""
WIDTH = 110

HEAD = """\
# The command line

Made by `make docs` from the commands themselves; do not edit.

Results go to stdout, everything else to stderr. Every command takes `--json`, save those that print no result
(`serve`, `mcp`, `demo`, `completion`). With `--json` an error is an object on stderr: `{"error", "kind", "exit_code"}`.

| exit code | meaning |
|---|---|
"""

CONNECTORS_HEAD = """\
# What can be read of a life

Made by `make docs` from the connectors themselves and from `exports.toml`; do not edit. [personal.md](personal.md) is
the guide. Nothing here is read before you permit it: `cascade me allow NAME PATH`. A zip is read as it is; nothing is
unpacked to the disk. How each format looks, and what is wrong with it, stands at the top of the connector's own module
in `indexers/sources/connectors/`."""


def page() -> str:
    """The whole of docs/cli.md."""
    rows = [f"| {code} | {said} |" for code, said in exit_codes().items()]
    parts = [HEAD + "\n".join(rows), _section("cascade", root, None)]
    context = click.Context(root, info_name="cascade", **root.context_settings)
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is not None:
            parts += _sections(name, command, context)
    return "\n\n".join(parts) + "\n"


def connectors() -> str:
    """The whole of docs/connectors.md."""
    exports = tomllib.loads(EXPORTS.read_text("utf-8"))
    parts = [CONNECTORS_HEAD]
    for name in registry.names():
        one = registry.connector(name)
        lines = [f"## `{name}`", "", one.describes, "", f"- **To be had**: {exports.pop(name)}"]
        lines.append(f"- **Kinds**: {', '.join(one.kinds)}")
        places = [f"`~/{glob.removeprefix('~/')}`" for glob in one.places]
        lines += [f"- **Usually at**: {', '.join(places)}"] if places else []
        lines += [f"- `--choice {choice}=...`: {said}" for choice, said in one.asks.items()]
        parts.append("\n".join(lines))
    if exports:
        raise SystemExit(f"{EXPORTS} names connectors that there are not: {', '.join(exports)}")
    return "\n\n".join(parts) + "\n"


def exit_codes() -> dict[int, str]:
    """What each exit code stands for: 0, 1 and 130 by convention, the others by the branches of the error tree."""
    found = {0: "Done.", 1: "Something failed in a way nobody foresaw."}
    for branch in _below(errors.CascadeError):
        leaves = ", ".join(f"`{leaf.__name__}`" for leaf in _below(branch))
        found[branch.exit_code] = f"{branch.__doc__} ({leaves})"
    found[INCOMPLETE] = "Something personal could not be erased; the receipt names it."
    return {**dict(sorted(found.items())), 130: "Interrupted. What was committed is kept."}


def _below(branch: type[errors.CascadeError]) -> list[type[errors.CascadeError]]:
    """The classes of the core's own tree, whatever else was imported by now."""
    return [kind for kind in branch.__subclasses__() if kind.__module__ == errors.__name__]


def _sections(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    """A command, and those that a group holds."""
    yield _section(name, command, parent)
    if isinstance(command, click.Group):
        context = click.Context(command, parent, name, **command.context_settings)
        for inner in command.list_commands(context):
            if (found := command.get_command(context, inner)) is not None:
                yield from _sections(inner, found, context)


def _section(name: str, command: click.Command, parent: click.Context | None) -> str:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, parent, name, **settings)
    title = context.command_path
    return f"## `{title}`\n\n```\n{command.get_help(context)}\n```"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    CONNECTORS.write_text(connectors(), encoding="utf-8")
