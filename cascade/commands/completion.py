"""`cascade completion`: the script that lets a shell complete commands and flags."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_CASCADE_COMPLETE"
"""Set by the script when the shell asks for completions."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands and flags in SHELL.

    \b
      bash   eval "$(cascade completion bash)"           in ~/.bashrc
      zsh    eval "$(cascade completion zsh)"            in ~/.zshrc
      fish   cascade completion fish | source            in ~/.config/fish/config.fish
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"This version of click cannot complete in {shell}.")
    click.echo(kind(ctx.find_root().command, {}, "cascade", VARIABLE).source())
