"""A life written down: every export below one folder, and a manifest of what lies where.

    FOLDER/<export>/...      one folder an export, as a program or a service would have left it
    FOLDER/manifest.json     outside of every export: it names what no erasure may leave anywhere else

The manifest is one JSON object:

    seed, scale, zone    how the life was made; `zone` is where its wall times are
    owner, people        {name, mail, phone, handle, relation}
    exports              {name, connector, root (below FOLDER), choices}
    records              {canary, app, kind, export, file (below FOLDER), at, caution or "", excluded,
                         secret: the kind of one in its text or ""}
    facts                {class, question, answer, proof: [[canary, ...], ...], rivals}: one canary of every group
    secrets              {kind, value}: a scrubber must leave none of them

Knows the order in which formats are written; each format is somebody else's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from indexers.personal.life import writers
from indexers.personal.life.diary import ZONE
from indexers.personal.life.life import Life
from indexers.personal.life.things import KINDS, Thing

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Export:
    """One export: what a grant names. `root` is a file or a folder; `choices` are what its connector must be told."""

    name: str
    connector: str
    root: Path
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a thing lies: an export by name, and the file below the life's folder."""

    export: str
    file: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. `places`: by canary."""

    life: Life
    folder: Path
    exports: tuple[Export, ...]
    places: Mapping[str, Place]

    @property
    def manifest(self) -> Path:
        """The manifest's path."""
        return self.folder / MANIFEST

    def export(self, name: str) -> Export:
        """An export by its name."""
        return next(one for one in self.exports if one.name == name)

    def canaries(self, export: str, barred: bool | None = None) -> set[str]:
        """The canaries of an export; only those that must not appear, or only the others, if that is said."""
        return {
            thing.canary
            for thing in self.life.things
            if self.places[thing.canary].export == export and barred in (None, thing.barred)
        }


class Desk:
    """What a format is written with: the life's things, a folder of its own, and where to say what lies where."""

    def __init__(self, life: Life, folder: Path) -> None:
        self.life, self.folder = life, folder
        self.exports: list[Export] = []
        self.places: dict[str, Place] = {}

    def file(self, *parts: str) -> Path:
        """A path below the life's folder, its own folders made."""
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def export(self, name: str, connector: str, root: Path, **choices: str) -> None:
        """One more export."""
        told = {key.replace("_", "-"): value for key, value in choices.items()}
        self.exports.append(Export(name, connector, root, told))

    def put(self, export: str, file: Path | str, things: Iterable[Thing]) -> None:
        """These things lie in that file; a string is a path below the life's folder, with `!` for an archive."""
        name = file if isinstance(file, str) else file.relative_to(self.folder).as_posix()
        for thing in things:
            self.places[thing.canary] = Place(export, name)


def write(life: Life, folder: Path) -> Written:
    """Write every export of a life, and its manifest last."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(life, folder)
    formats: tuple[Callable[[Desk], None], ...] = writers.formats()
    for each in formats:
        each(desk)
    written = Written(life, folder, tuple(desk.exports), desk.places)
    written.manifest.write_text(json.dumps(_manifest(written), ensure_ascii=False, indent=1) + "\n", "utf-8")
    return written


def _manifest(written: Written) -> dict[str, Any]:
    life, folder = written.life, written.folder
    exports = [{**asdict(one), "root": one.root.relative_to(folder).as_posix()} for one in written.exports]
    records = [
        {
            "canary": thing.canary, "app": thing.app, "kind": KINDS[thing.app], "export": place.export,
            "file": place.file, "at": thing.at.isoformat(), "caution": thing.caution or "", "excluded": thing.excluded,
            "secret": thing.extra.get("secret", ""),
        }
        for thing in life.things
        if (place := written.places[thing.canary])
    ]  # fmt: skip
    facts = [
        {"class": one.kind, "question": one.question, "answer": one.answer, "proof": one.proof, "rivals": one.rivals}
        for one in life.facts
    ]
    return {
        "seed": life.seed, "scale": life.scale, "zone": ZONE, "owner": asdict(life.cast.owner),
        "people": [asdict(one) for one in life.cast.everyone], "exports": exports, "records": records, "facts": facts,
        "secrets": [{"kind": kind, "value": value} for kind, value in life.secrets],
    }  # fmt: skip
