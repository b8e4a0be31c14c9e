"""Writes docs/cli.md from the commands themselves: `make docs`. A test compares the file with what this gives."""

from __future__ import annotations

from pathlib import Path

import click

from cascade import errors
from cascade.cli import root

PAGE = Path(__file__).with_name("cli.md")
WIDTH = 110

HEAD = """\
# The command line

Made by `make docs` from the commands themselves; do not edit.

Results go to stdout, everything else to stderr. Every command takes `--json`, save those that print no result
(`serve`, `mcp`, `demo`, `completion`). With `--json` an error is an object on stderr: `{"error", "kind", "exit_code"}`.

| exit code | meaning |
|---|---|
"""


def page() -> str:
    """The whole of docs/cli.md."""
    rows = [f"| {code} | {said} |" for code, said in exit_codes().items()]
    parts = [HEAD + "\n".join(rows), _section("cascade", root, None)]
    context = click.Context(root, info_name="cascade", **root.context_settings)
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is not None:
            parts.append(_section(name, command, context))
    return "\n\n".join(parts) + "\n"


def exit_codes() -> dict[int, str]:
    """What each exit code stands for: 0, 1 and 130 by convention, the others by the branches of the error tree."""
    found = {0: "Done.", 1: "Something failed in a way nobody foresaw."}
    for branch in errors.CascadeError.__subclasses__():
        leaves = ", ".join(f"`{leaf.__name__}`" for leaf in branch.__subclasses__())
        found[branch.exit_code] = f"{branch.__doc__} ({leaves})"
    return {**dict(sorted(found.items())), 130: "Interrupted. What was committed is kept."}


def _section(name: str, command: click.Command, parent: click.Context | None) -> str:
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, parent, name, **settings)
    title = "cascade" if parent is None else f"cascade {name}"
    return f"## `{title}`\n\n```\n{command.get_help(context)}\n```"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
