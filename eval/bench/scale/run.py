"""The spine: learn -> compare texts -> each size: build, ask, look -> codes -> foretell. A killed run goes on.

    WORK/learned/, .json     what is woven from           WORK/rows.jsonl   a row for each part that is done
    WORK/questions.json      the same at every size       WORK/pattern-*    what codes are made after
    WORK/SIZE/index/         gone when it was measured, if `tidy`; so are WORK/codes-N/
    WORK/SIZE/*.json, .npz   what was built, answered, and where it stands

Knows the order of the parts; each part is somebody else's.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from cascade.errors import UsageError
from cascade.index import files
from cascade.models import resolve
from cascade.models.base import Encoder
from eval import datasets, journal
from eval.bench.corpus import opening
from eval.bench.scale import (
    alone,
    asking,
    building,
    coded,
    learned,
    likeness,
    looking,
    nominated,
    questions,
    rounds,
    scored,
    standing,
)
from eval.bench.scale.foretold import MODEL, foretell, off
from eval.bench.scale.questions import Fixed
from eval.bench.scale.setup import Setup
from eval.bench.scale.standing import Standings
from eval.bench.scale.woven import Woven
from eval.evenly import Told, silent
from eval.needles.filler import Filler
from eval.rows import Circumstances, Finding
from indexers.records import Record
from indexers.sources.open import open_source

ROWS, QUESTIONS, LEARNED, CORPORA = "rows.jsonl", "questions.json", "learned", "learned.json"
INDEX, BUILT, LOOKED = "index", "built.json", "looked.json"
EACH: Final = 900
"""Bytes of a passage in an index, at most (docs/log.md)."""
FILLED: Final = 2_000
"""Texts whose sentences stand around planted facts."""


@dataclass(slots=True)
class Run:
    """One run, or what is left of one that was killed. `circumstances`: of this process."""

    setup: Setup
    circumstances: Circumstances
    told: Told = silent
    _encoder: list[Encoder] = field(default_factory=list)
    _held: list[int] = field(default_factory=list)

    def all(self) -> list[dict[str, Any]]:
        """Every part that is not done yet, in order; all rows. Raises UsageError where the disk has no room."""
        setup = self.setup
        setup.work.mkdir(parents=True, exist_ok=True)
        self._same()
        self._room()
        self._texts()
        for size in setup.sizes:
            self._part({"part": "size", "size": size}, partial(self._size, size))
        for count in setup.codes:
            self._part({"part": "codes", "size": count}, partial(self._codes, count))
        if setup.sizes:
            key = {"part": "foretold", "size": max(setup.sizes), "sizes": list(setup.sizes), "model": MODEL}
            self._part(key, self._foretold)
        return self.rows()

    def _room(self) -> None:
        """Raise UsageError unless the disk has room for all parts, or, where each is removed, for the largest."""
        setup = self.setup
        made = {str(size): size * EACH for size in setup.sizes}
        made |= {f"codes-{n}": nominated.plan(setup, self.encoder, n).bytes for n in setup.codes}
        done = {row["settings"].get("size") for row in self.rows()}
        left = [
            size - coded.there(setup.work / name) for name, size in made.items() if int(name.split("-")[-1]) not in done
        ]
        needed = (max if setup.tidy else sum)([0, *left]) + coded.SPARE
        free = shutil.disk_usage(setup.work).free
        if needed > free:
            advice = "Name fewer, or another WORK." if setup.tidy else "Name fewer, or another WORK, or give --tidy."
            raise UsageError(
                f"All that is to be made takes about {needed / 1e9:,.1f} GB with {coded.SPARE / 1e9:.1f} GB free; "
                f"the disk of {setup.work} has {free / 1e9:,.1f} GB. {advice}"
            )

    def rows(self) -> list[dict[str, Any]]:
        """The rows of what is done."""
        return list(journal.rows(self.setup.work / ROWS))

    def _part(self, key: Mapping[str, Any], make: Callable[[], Finding]) -> None:
        if any(row["settings"].items() >= key.items() for row in self.rows()):
            return
        found = make()
        whole = Finding({**key, **found.settings}, found.summary, found.queries)
        with journal.Journal(self.setup.work / ROWS) as kept:
            kept.add(self.circumstances.row(whole))

    @property
    def encoder(self) -> Encoder:
        """The encoder, opened at its first use."""
        if not self._encoder:
            self._encoder.append(resolve.encoder(self.setup.encoder))
        return self._encoder[0]

    @property
    def hay(self) -> list[Path]:
        """The corpus files that are woven from."""
        return datasets.corpora(self.setup.sources, self.setup.leave_out)

    def woven(self, count: int, begin: int = 0) -> Woven:
        """So many woven records; learned first, where that was not done."""
        folder = self.setup.work / LEARNED
        if not folder.exists():
            files.replace(self.setup.work / CORPORA, json.dumps(self._corpora()).encode())
            self.told("learning", 0, None)
            things = (thing for file in self.hay for thing in open_source(str(file)).read())
            learned.learn((thing.text for thing in things if isinstance(thing, Record)), folder)
        return Woven(*learned.opened(folder), count, self.setup.seed, begin)

    def _corpora(self) -> list[str]:
        return [path.resolve().parent.name for path in self.hay]

    def _same(self) -> None:
        """Raise UsageError where what is woven from was learned of other corpora. Older runs did not note them."""
        noted, folder = self.setup.work / CORPORA, self.setup.work / LEARNED
        if not (noted.exists() and folder.exists()):
            return
        if (learned_of := json.loads(noted.read_text("utf-8"))) != (given := self._corpora()):
            raise UsageError(
                f"Texts in {self.setup.work} are woven from {', '.join(learned_of)}, and {', '.join(given)} were given "
                f"now. Name the same with --source and --leave-out, or another WORK."
            )

    def fixed(self) -> Fixed:
        """The questions and what is planted for them."""
        held = self.woven(0)
        filler = Filler.of(islice(learned.stretches(held.learned), FILLED))
        made = questions.fixed(
            self.setup.sets, self.setup.count, self.setup.seed, lambda word: learned.knows(held.learned, word), filler
        )
        questions.write(self.setup.work / QUESTIONS, made.asked)
        return made

    def _texts(self) -> None:
        """Compare woven texts with real ones."""

        def make() -> Finding:
            asked = self.fixed().asked
            judged = [one.text for one in asked if one.kind == questions.JUDGED] or [one.text for one in asked]
            self.told("comparing texts", 0, None)
            found = likeness.compare(self.woven(0), judged, self.encoder, self.setup.texts)
            return Finding({"encoder": self.setup.encoder, "texts": self.setup.texts}, found)

        if self.setup.texts:
            self._part({"part": "texts"}, make)

    def _size(self, size: int) -> Finding:
        """Build, ask, look."""
        folder = self.setup.work / str(size)
        folder.mkdir(parents=True, exist_ok=True)
        given = self.fixed()
        built = _once(folder / BUILT, lambda: self._build(folder / INDEX, size, given))
        task = self._task(folder)
        if not (folder / asking.ANSWERS).exists():
            alone.run(asking.__name__, task, self.told)
        self._scored(folder)
        looked = _once(folder / LOOKED, lambda: self._look(folder, given))
        answers = json.loads((folder / asking.ANSWERS).read_text("utf-8"))
        exact = standing.exactly(standing.read(folder / standing.STANDINGS))
        overlaps = [{**one, "exact_kept": kept} for one, kept in zip(looked["overlaps"], exact, strict=True)]
        summary, queries = rounds.sized(answers, overlaps, self.setup.seed)
        nominated.keep(self.setup, self.encoder, folder / INDEX)
        if self.setup.tidy:
            files.disk.clear(folder / INDEX)
        settings = {
            "encoder": self.setup.encoder,
            "seed": self.setup.seed,
            **answers["settings"],
            "questions": len(queries),
        }
        return Finding(settings, {**built, **summary}, queries)

    def _task(self, folder: Path) -> asking.Task:
        setup = self.setup
        asked, settings = setup.work / QUESTIONS, setup.config or ""
        return asking.Task(str(folder / INDEX), str(asked), str(folder), str(settings), setup.cold)

    def _scored(self, folder: Path) -> None:
        """Every candidate's score, once."""
        if not (folder / scored.SCORES).exists():
            alone.run(scored.__name__, self._task(folder), self.told)

    def _build(self, root: Path, size: int, given: Fixed) -> dict[str, Any]:
        if not self._held:
            self._held += building.records(self.hay)
        count, most = self._left(size, given), self._left(max(self.setup.sizes), given)
        hay = building.Hay(self.hay, self._held, count, most, self.woven)
        sources = [*given.sources, hay]
        cost = building.build(root, sources, self.encoder, self.setup.shape, size, self.told)
        return {**building.stored(root), "real": hay.real / count, "build": cost, **opening(root, self.setup.openings)}

    def _left(self, size: int, given: Fixed) -> int:
        """Records of hay that make up the size."""
        others = sum(isinstance(thing, Record) for source in given.sources for thing in source.read())
        if others >= size:
            raise UsageError(
                f"The sets and needles are {others:,} records, and {size:,} in all were asked for. Name larger sizes."
            )
        return size - others

    def _look(self, folder: Path, given: Fixed) -> dict[str, Any]:
        done = 0

        def told(rows: int) -> None:
            nonlocal done
            done += rows
            self.told("comparing exactly", done, None)

        _, overlaps = looking.look(folder / INDEX, folder, sorted(given.names), told)
        return {"overlaps": overlaps}

    def _codes(self, count: int) -> Finding:
        texts = [one.text for one in self.fixed().asked]
        return nominated.measure(self.setup, self.encoder, texts, count, self.told)

    def _foretold(self) -> Finding:
        """From each size to each other that was measured, and beyond."""
        setup = self.setup
        read = {size: self._standings(setup.work / str(size)) for size in setup.sizes}
        full = {rule: read[max(read)].budgets[rule] for rule in looking.NOMINATING}  # a small index does not fill them
        held = {size: replace(one, budgets={**one.budgets, **full}) for size, one in read.items()}
        exact = setup.shape.exact
        found = []
        for size, base in held.items():
            for other, measured in held.items():
                if other != size:
                    found += foretell(base, measured.fixed + measured.grown, setup.seed, measured, exact)
            for beyond in setup.foretold:
                found += foretell(base, beyond, setup.seed, exact=exact)
        errors = {
            f"{one.base}->{one.size}": off([two for two in found if (two.base, two.size) == (one.base, one.size)])
            for one in found
        }
        whole = all(one.whole for one in held.values())
        return Finding({"whole": whole}, {"errors": errors, "foretold": [one.as_json() for one in found]})

    def _standings(self, folder: Path) -> Standings:
        """Where everything stands; looked at again where an older version did, and the index is there still."""
        held = standing.read(folder / standing.STANDINGS)
        if held.whole or not (folder / INDEX).exists():
            return held
        self._scored(folder)
        return looking.deepen(folder / INDEX, folder, sorted(self.fixed().names), held)


def _once(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a file holds; made and kept where it is not there."""
    if not path.exists():
        files.replace(path, json.dumps(make(), default=float).encode())
    held: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return held
