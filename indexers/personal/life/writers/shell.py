"""The histories of bash (with times), zsh (extended, its bytes metafied) and fish.

Each holds a command that begins with a blank, which is not meant to be kept; zsh's has a command of several lines and
letters that are not ASCII; fish's paths; bash's a time that is none.
Knows these three formats.
"""

from __future__ import annotations

from indexers.personal.life.things import App, Thing
from indexers.personal.life.written import Desk

META = 0x83


def write(desk: Desk) -> None:
    """A third of the commands each; an export each, since a hidden file is read only where it is named."""
    things = desk.life.of(App.SHELL)
    for name, part, raw in (
        (".bash_history", things[::3], _bash(things[::3])), (".zsh_history", things[1::3], _zsh(things[1::3])),
        ("fish_history", things[2::3], _fish(things[2::3])),
    ):  # fmt: skip
        path = desk.file("shell", name)
        path.write_bytes(raw)
        shell = name.strip(".").partition("_")[0]
        desk.put(shell, path, part)
        desk.export(shell, "shell", path)


def _command(thing: Thing) -> str:
    return f"{thing.text} # {thing.canary}"


def _bash(things: list[Thing]) -> bytes:
    lines = ["#nonsense", "true"]
    for thing in things:
        lines += [f"#{int(thing.at.timestamp())}", _command(thing)]
    return "\n".join([*lines, " mysecretcommand --now", ""]).encode("utf-8")


def _zsh(things: list[Thing]) -> bytes:
    lines = [": 1700000000:0; mysecretcommand --now"]
    for thing in things:
        at = int(thing.at.timestamp())
        command = f"echo 'snø og is' \\\n&& {_command(thing)}" if thing.number % 4 == 0 else _command(thing)
        lines.append(f": {at}:{thing.number % 30};{command}")
    return _metafied("\n".join([*lines, ""]).encode("utf-8"))


def _metafied(raw: bytes) -> bytes:
    """As zsh writes its history: a byte from 0x83 to 0xa2, and NUL, is a 0x83 and the byte with its sixth bit
    turned."""
    found = bytearray()
    for byte in raw:
        if byte == 0 or META <= byte <= 0xA2:
            found += bytes((META, byte ^ 0x20))
        else:
            found.append(byte)
    return bytes(found)


def _fish(things: list[Thing]) -> bytes:
    lines = []
    for thing in things:
        command = _command(thing).replace("\\", "\\\\").replace("\n", "\\n")
        lines += [f"- cmd: {command}", f"  when: {int(thing.at.timestamp())}"]
        if thing.number % 3 == 0:
            lines += ["  paths:", "    - notes/"]
    return "\n".join([*lines, ""]).encode("utf-8")
