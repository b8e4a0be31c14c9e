"""`cascade search --me` and `cascade ask --me`: a question to the vault, by its agent where one runs.

Found by `cascade.commands.ask` through the entry point `cascade.personal`, which thereby knows nothing of vaults.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from indexers.personal.commands import doors


@dataclass(frozen=True, slots=True)
class Flags:
    """What was said beside the question. `how`: as `asking.Wanted` has it."""

    root: Path
    descriptor: int | None
    as_json: bool
    how: dict[str, Any]


def search(question: str, k: int, text: bool, flags: Flags) -> None:
    """Print the passages that answer best."""
    found = _asked("search", question, flags, k=k)
    if not text:
        for one in found["passages"]:
            del one["text"]
    if flags.as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["passages"]:
        click.secho(f"{one['rank']:>3}  {one['title']}", bold=True, nl=False)
        click.secho(f"  {_whence(one)}  {one['score']:.2f}", dim=True)
        if text:
            click.echo(f"     {_short(one['text'])}")
    _aside(found)


def ask(question: str, show: bool, flags: Flags) -> None:
    """Print an answer with citations: each with its source, its date and who."""
    found = _asked("ask", question, flags)
    if not show:
        found.pop("window")
    if flags.as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if show:
        click.secho(f"{found['window']}\n", dim=True, err=True)
    click.echo(f"{found['answer']}\n")
    for one in found["citations"]:
        click.secho(f"  {one['header']}", bold=True)
        click.secho(f"      {_whence(one['passage'])}", dim=True)
        if one["quote"]:
            click.echo(f'      "{_short(one["quote"])}"')
    _aside(found)


def _asked(name: str, question: str, flags: Flags, **more: Any) -> dict[str, Any]:
    from indexers.personal.vault import agent

    arguments = {"question": question, **flags.how, **more}
    found: dict[str, Any]
    if running := agent.reach(doors.at(flags.root)):
        found = running.request(name, **arguments)
        return found
    from indexers.personal import asking  # loads the engine, which an agent has loaded already
    from indexers.personal.vault.desk import Desk

    with doors.opened(flags.root, flags.descriptor) as home:
        found = asking.HANDLERS[name](Desk(home.unlocked), **arguments)
    return found


def _whence(passage: dict[str, Any]) -> str:
    facts = passage["metadata"]
    who = facts.get("author") or ", ".join(facts.get("people", ())[:3])
    return ", ".join(part for part in (passage["source"], passage["time"][:10], who) if part)


def _aside(found: dict[str, Any]) -> None:
    for said in found["understood"]:
        click.secho(f"Taken to mean {said}", err=True, dim=True)
    for said in (*found["left_out"], *found.get("missing", ())):
        click.secho(said, err=True, fg="yellow")


def _short(text: str, most: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[:most].rstrip()}…"
