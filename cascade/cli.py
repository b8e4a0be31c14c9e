"""The command `cascade`: finds its commands by entry point and turns errors into sentences and exit codes.

Commands are declared in the group `cascade.commands` of any installed package; a module is imported only when its
command is asked for. Knows no command by name.
"""

from __future__ import annotations

import json
import os
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import click

from cascade.errors import CascadeError

GROUP = "cascade.commands"

ORDER = (
    "add", "search", "ask", "explain", "status", "verify", "delete", "compact", "tune", "export", "backup", "restore",
    "upgrade", "serve", "mcp", "me", "demo",
)  # fmt: skip
"""The order in which help lists what most people need; the rest follows by name."""


class Commands(click.Group):
    """A group whose commands are loaded when they are needed. `points`: the entry-point group that declares them.

    `order`: how help lists them; the rest follows by name.
    """

    def __init__(self, *args: Any, points: str = GROUP, order: tuple[str, ...] = ORDER, **more: Any) -> None:
        super().__init__(*args, **more)
        self.points, self.order = points, order

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of help."""
        names = {*_found(self.points), *self.commands}
        return [name for name in self.order if name in names] + sorted(names - set(self.order))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command, loaded when it is asked for."""
        point = _found(self.points).get(cmd_name)
        if point is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = point.load()
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, and names what was surely meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), 1)
            group = ctx.command_path
            hint = f"Did you mean `{group} {near[0]}`?" if near else f"`{group} --help` lists all commands."
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx) from error


@cache
def _found(points: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=points)}


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="cascade-retrieval", prog_name="cascade")
def root() -> None:
    """Ask a corpus of any size as if it were in a language model's window.

    \b
      cascade add notes ~/Documents          make an index called notes
      cascade search notes "due date"        the best passages
      cascade ask notes "When is it due?"    an answer with citations

    Exit codes: 0 done, 1 failed, 2 the request cannot be taken, 3 not found, 4 the index cannot be used,
    5 a model is missing or does not answer, 6 a source cannot be read, 7 nobody has permitted it,
    8 machines do not answer, 22 something could not be erased, 130 interrupted.
    """


def main() -> None:
    """Run the command line; every error of ours becomes one sentence on stderr and an exit code."""
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # spinning threads take cores from working ones
    try:
        code = root.main(standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        _fail("Interrupted. What was committed is kept; run the same command again to go on.", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CascadeError as error:
        _fail(str(error), error.exit_code, type(error).__name__)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        _fail("Interrupted. What was committed is kept; run the same command again to go on.", 130)
    except OSError as error:
        _fail(f"The system refused: {error}. What was committed is kept.", 1, type(error).__name__)
    except MemoryError:
        _fail("Not enough memory. What was committed is kept; close other programs or raise the limit.", 1, "NoMemory")
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int, kind: str = "") -> None:
    if "--json" in sys.argv:
        body: dict[str, Any] = {"error": message, "kind": kind or "Interrupted", "exit_code": code}
        click.echo(json.dumps(body, ensure_ascii=False), err=True)
    else:
        click.echo(f"cascade: {message}", err=True)
    sys.exit(code)
