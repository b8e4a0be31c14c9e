"""A disk that does everything asked and keeps a log from which every state that a power cut may leave is made.

The model (after Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014): a flushed file keeps its bytes, a
flushed folder its names. Whatever is not flushed may have happened or not, each change of a folder by itself: a new
name, a rename, a removal; the bytes of a file may be there, missing, cut off at a sector, or zeros.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from pathlib import Path
from random import Random

from cascade.index.disk import Disk

Choose = Callable[[int], int]
"""Asked for a number below the one given; 0 is what happens without a crash."""

Tree = tuple[tuple[str, object], ...]
"""A folder: names with the digest of a file's bytes, or a tree; sorted."""

HIDDEN = (".unfinished-", ".tmp")
SECTOR = 512


class Stopped(BaseException):
    """The process was stopped here."""


@dataclass
class Step:
    """One change: to a folder's names, a file's bytes, or what is durable of either; or an acknowledgement."""

    kind: str
    node: int
    names: dict[str, int | None] = field(default_factory=dict)
    content: str = ""
    label: str = ""


class Recorder(Disk):
    """Records under `base`. `stop_at`: raises Stopped before the step of this number of the log, and from then on."""

    def __init__(self, base: Path, pool: dict[str, bytes]) -> None:
        self.base, self.pool, self.log = base, pool, list[Step]()
        self.stop_at: int | None = None
        self._numbers = count(1)
        self._nodes: dict[Path, int] = {base: 0}
        self.start: dict[int, dict[str, int]] = {0: {}}
        self.held: dict[int, str] = {}
        for path in sorted(base.rglob("*")):
            if path.name in ("writer.lock", "writer.json"):
                continue
            node = self._nodes[path] = next(self._numbers)
            self.start[self._nodes[path.parent]][path.name] = node
            if path.is_dir():
                self.start[node] = {}
            else:
                self.held[node] = self.keep(path.read_bytes())

    def keep(self, data: bytes) -> str:
        """Put bytes into the pool."""
        name = blake2b(data, digest_size=12).hexdigest()
        self.pool[name] = data
        return name

    def _note(self, kind: str, node: int, names: dict[str, int | None] | None = None, **more: str) -> None:
        if self.stop_at is not None and len(self.log) >= self.stop_at:
            raise Stopped
        self.log.append(Step(kind, node, names or {}, **more))

    def _named(self, path: Path, folder: bool = False) -> int:
        if path not in self._nodes:
            node = next(self._numbers)
            if folder:
                self._note("folder", node)
            self._note("names", self._nodes[path.parent], {path.name: node}, label=path.name)
            self._nodes[path] = node
        return self._nodes[path]

    def acknowledge(self, mark: int) -> None:
        """Note that this mark was acknowledged."""
        self.log.append(Step("acknowledged", mark))

    def stream(self, path: Path, parts: Iterable[bytes | memoryview]) -> None:
        data = b"".join(parts)
        node = self._named(path)
        path.touch()
        self._note("bytes", node, content=self.keep(data))
        super().stream(path, (data,))
        self._note("flush", node)

    def flush(self, path: Path) -> None:
        node = self._named(path)
        self._note("bytes", node, content=self.keep(path.read_bytes()))
        self._note("flush", node)

    def flush_folder(self, path: Path) -> None:
        if path in self._nodes:
            self._note("flush folder", self._nodes[path], label=str(path.relative_to(self.base)))

    def rename(self, path: Path, to: Path) -> None:
        node = self._nodes[path]
        self._note("names", self._nodes[path.parent], {path.name: None, to.name: node}, label=to.name)
        super().rename(path, to)
        self._forget(to)
        for old in [one for one in self._nodes if one == path or path in one.parents]:
            self._nodes[to / old.relative_to(path)] = self._nodes.pop(old)

    def make(self, folder: Path) -> None:
        for one in reversed([folder, *folder.parents]):
            if one != self.base and self.base in one.parents:
                self._named(one, folder=True)
        super().make(folder)

    def remove(self, path: Path) -> None:
        if path in self._nodes:
            self._note("names", self._nodes[path.parent], {path.name: None}, label=path.name)
        super().remove(path)
        self._forget(path)

    def clear(self, folder: Path) -> None:
        inner = [one for one in self._nodes if one == folder or folder in one.parents]
        for one in sorted(inner, key=lambda path: -len(path.parts)):
            names = sorted(path.name for path in inner if path.parent == one)
            for part in (names[::2], names[1::2]):
                if part:
                    self._note("names", self._nodes[one], dict.fromkeys(part))
        if inner:
            self._note("names", self._nodes[folder.parent], {folder.name: None}, label=folder.name)
        super().clear(folder)
        self._forget(folder)

    def _forget(self, path: Path) -> None:
        for old in [one for one in self._nodes if one == path or path in one.parents]:
            del self._nodes[old]


class Cut:
    """What a power cut after the first `steps` of a log may leave. `lying`: flushes did nothing."""

    def __init__(self, recorder: Recorder, steps: int, lying: bool = False) -> None:
        self._pool, self._keep = recorder.pool, recorder.keep
        self._names = {node: dict(names) for node, names in recorder.start.items()}
        self._bytes: dict[int, str | None] = dict(recorder.held)
        self._pending: dict[int, list[dict[str, int | None]]] = {}
        self._unflushed: dict[int, str] = {}
        self._folders = set(recorder.start)
        self.acknowledged = -1
        for step in recorder.log[:steps]:
            self._take(step, lying)

    def _take(self, step: Step, lying: bool) -> None:
        if step.kind == "folder":
            self._folders.add(step.node)
        elif step.kind == "names":
            self._pending.setdefault(step.node, []).append(step.names)
        elif step.kind == "bytes":
            self._unflushed[step.node] = step.content
        elif step.kind == "acknowledged":
            self.acknowledged = step.node
        elif step.kind == "flush" and not lying:
            self._bytes[step.node] = self._unflushed.pop(step.node)
        elif step.kind == "flush folder" and not lying:
            for names in self._pending.pop(step.node, []):
                _apply(self._names.setdefault(step.node, {}), names)

    def left(self, choose: Choose, random: Random) -> Tree:
        """One state. In what readers never look at all is done, or nothing, or anything; elsewhere `choose` decides."""

        def folder(node: int, choose: Choose) -> Tree:
            names = dict(self._names.get(node, {}))
            for change in self._pending.get(node, []):
                if choose(2) == 0:
                    _apply(names, change)
            out: list[tuple[str, object]] = []
            for name, inner in sorted(names.items()):
                deciding = choose
                if name.startswith(HIDDEN[0]) or name.endswith(HIDDEN[1]):
                    deciding = (lambda _n: 0, lambda n: n - 1, random.randrange)[choose(3)]
                out.append((name, folder(inner, deciding) if inner in self._folders else self._file(inner, deciding)))
            return tuple(out)

        return folder(0, choose)

    def _file(self, node: int, choose: Choose) -> str:
        durable = self._bytes.get(node)
        if node not in self._unflushed:
            return durable or self._keep(b"")
        whole = self._pool[self._unflushed[node]]
        half = whole[: len(whole) // 2 // SECTOR * SECTOR] if len(whole) > 2 * SECTOR else whole[: len(whole) // 2]
        variants = [whole, half, bytes(len(whole)), half + bytes(len(whole) - len(half)), b""]
        names = list(dict.fromkeys(self._keep(one) for one in variants))
        if durable:
            names.append(durable)
        return names[choose(len(names))]


def _apply(names: dict[str, int], change: dict[str, int | None]) -> None:
    for name, node in change.items():
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def every(cut: Cut, most: int, random: Random) -> Iterator[tuple[Tree, bool]]:
    """Every state of a cut, or, where there are more than `most`, so many and as many drawn; whether it was drawn."""
    prefix: list[int] = []
    for number in count():
        path: list[tuple[int, int]] = []

        def choose(options: int, path: list[tuple[int, int]] = path, prefix: list[int] = prefix) -> int:
            path.append((prefix[len(path)] if len(path) < len(prefix) else 0, options))
            return path[-1][0]

        yield cut.left(choose, random), False
        while path and path[-1][0] + 1 >= path[-1][1]:
            path.pop()
        if not path:
            return
        prefix = [*(value for value, _ in path[:-1]), path[-1][0] + 1]
        if number + 1 >= most:
            break
    for _ in range(most):
        yield cut.left(random.randrange, random), True


def visible(tree: Tree) -> Tree:
    """What readers look at."""
    return tuple(
        (name, visible(inner) if isinstance(inner, tuple) else inner)
        for name, inner in tree
        if not (name.startswith(HIDDEN[0]) or name.endswith(HIDDEN[1]))
    )


def lay(tree: Tree, folder: Path, pool: Path, recorder: Recorder, link: bool = True) -> None:
    """Make a state in a folder: of links to files in `pool`, or of copies."""
    folder.mkdir()
    for name, inner in tree:
        if isinstance(inner, tuple):
            lay(inner, folder / name, pool, recorder, link)
            continue
        kept = pool / str(inner)
        if link and not kept.exists():
            kept.write_bytes(recorder.pool[str(inner)])
        if link:
            os.link(kept, folder / name)
        else:
            (folder / name).write_bytes(recorder.pool[str(inner)])
