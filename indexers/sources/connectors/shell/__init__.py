"""Shell histories: the commands typed into bash, zsh, fish and PowerShell.

A command typed twenty times a day is one item a day (with the number of runs): "how did I call ffmpeg" needs it once.
Where the file has no times, a command is one item. Lines that begin with a space were meant not to be kept, and
commands that hold a secret are nobody's to keep: both are counted and left out. Formats: formats.py; secrets:
secrets.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Item, Kind, Moment, Origin, Reader, Things
from indexers.sources.connectors.clock import stamp
from indexers.sources.connectors.shell.formats import Command, commands
from indexers.sources.connectors.shell.secrets import holds_secret
from indexers.sources.connectors.streams import Seen, guarded, head

_PATTERNS = ("*history", "*history.txt", "*histfile*", "*zhistory*", "*fish_history*", "*_history-*")
_TRIVIAL = frozenset({"ls", "ll", "la", "l", "cd", "cd ..", "pwd", "clear", "exit", "history", "logout", "q", ":q"})
_MOST = 20_000
_LONGEST_TITLE = 120


def read(reader: Reader) -> Things:
    """Every command of a day once."""
    seen = Seen()
    for file in reader.files(*_PATTERNS):
        for thing in guarded(reader, file, _file(reader, file)):
            if isinstance(thing, Skipped) or seen.first(thing.native):
                yield thing


@dataclass(slots=True)
class _Day:
    """The commands of one day of a file: the first run of each, and how many there were."""

    date: str = ""
    held: dict[str, tuple[Command, int]] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def leave(self, reason: str) -> None:
        self.left[reason] = self.left.get(reason, 0) + 1


def _file(reader: Reader, file: File) -> Things:
    if b"SQLite format 3" in head(reader, file, 64):
        yield Skipped(reader.source, file.name, "It is a database, not a shell's history.", fault=False)
        return
    day = _Day()
    begun = reader.resume(file)
    with reader.open(file) as stream:
        for command in commands(stream, file.path, begun):
            if reason := _unwanted(command.text):
                day.leave(reason)
                continue
            date = stamp(command.moment)[:10]
            if date != day.date or len(day.held) >= _MOST:
                yield from _items(day, file, command.start)
                day.date, day.held = date, {}
            key = blake2b(command.text.encode("utf-8", "replace"), digest_size=12).hexdigest()
            first, runs = day.held.get(key, (command, 0))
            day.held[key] = first, runs + 1
    yield from _items(day, file, -1)
    for reason, count in sorted(day.left.items()):
        yield Skipped(reader.source, file.name, f"{count:,} commands {reason}.", fault=False)


def _unwanted(text: str) -> str:
    if text.startswith((" ", "\t")):
        return "begin with a space: they were not to be kept"
    if text.strip() in _TRIVIAL or not text.strip():
        return "say nothing (ls, cd, exit)"
    if holds_secret(text):
        return "hold a secret"
    return ""


def _items(day: _Day, file: File, after: int) -> Things:
    """The items of a day; `after` goes with the last one: up to there the file is done with."""
    last = len(day.held) - 1
    for number, (key, (command, runs)) in enumerate(day.held.items()):
        text = command.text.strip()
        yield Item(
            kind=Kind.COMMAND,
            native=f"command:{key}@{day.date}",
            text=text,
            locator=f"{file.name}@{command.start}",
            moment=command.moment if day.date else Moment(),
            title=text.split("\n", 1)[0][:_LONGEST_TITLE],
            origin=Origin.MINE,
            labels=(command.shell,),
            extra={"runs": runs},
            after=after if number == last else -1,
        )


CONNECTOR = Connector(
    name="shell",
    version=1,
    describes="Commands typed into bash, zsh, fish and PowerShell; not those that begin with a space or hold a secret.",
    kinds=(Kind.COMMAND,),
    read=read,
    places=(
        ".bash_history", ".zsh_history", ".zhistory", ".histfile", ".local/share/fish/fish_history",
        "AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt",
    ),
)  # fmt: skip
