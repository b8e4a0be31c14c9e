"""The index a condition needs: labelled sets joined with a haystack, built when it is first asked for and kept by hash.

    folders, generated passages --hash--> key --ingest aside, rename--> CACHE/index/KEY

A haystack gives its first passages, evenly over its parts, and generated ones where the real text ends. Knows ingest
from outside and where corpora lie; knows nothing of questions or scores.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import cached_property, partial
from itertools import islice
from pathlib import Path

from filelock import FileLock

import indexers
from cascade.errors import BadConfig, NotFound, WrongEncoder
from cascade.index import files, manifest
from cascade.index.layout import FORMAT, Layout
from cascade.index.snapshot import Snapshot
from cascade.models import resolve
from cascade.models.base import Encoder
from cascade.models.vocabulary import Vocabulary
from eval import datasets, made
from eval.datasets import Labelled
from eval.documents import Documents
from eval.evenly import Counted, Evenly, Told, silent
from eval.living import Living
from eval.needles import haystack
from eval.needles.filler import Filler
from eval.needles.haystack import Generated, Model
from eval.peers.resolve import Setup, peer
from eval.rivals import Rival
from eval.suite import Corpus, Made
from indexers.demo import Topics
from indexers.ingest import IngestConfig, ingest
from indexers.personal import life
from indexers.records import Record, Skipped, Source
from indexers.sources.open import open_source

ENDLESS = 100_000_000
"""Generated passages that are never all taken."""

FILLED = 300
"""Texts whose sentences stand around planted facts."""

LEARNED = 100_000
"""Texts that generated passages are learned from at most."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are: `data` holds sets and haystacks, `cache` what is built, `given` indexes by corpus name.

    `folders`: labelled sets named besides those of the suite.
    """

    cache: Path
    data: Path | None = None
    suite: Path = Path()
    given: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    folders: tuple[Path, ...] = ()
    told: Told = silent


class Ground:
    """One corpus of a suite: its sets, its haystack, its hash and its indexes."""

    def __init__(self, corpus: Corpus, places: Places) -> None:
        self.corpus, self.places = corpus, places
        self._documents: tuple[Path, Documents] | None = None
        self._rivals: dict[tuple[Path, str, str], Rival] = {}
        self._living: dict[str, Living] = {}

    @cached_property
    def set_folders(self) -> list[Path]:
        """The folders of the labelled sets, those named on the command line after the suite's."""
        found = [self._path(name) for name in self.corpus.sets if name not in self.corpus.leave_out]
        if self.corpus.made:
            found.append(self._made(self.corpus.made))
        return list(dict.fromkeys([*found, *self.places.folders]))

    @cached_property
    def haystack_files(self) -> list[Path]:
        """The corpus file of each part of the haystack."""
        return datasets.corpora([self._path(name) for name in self.corpus.haystack], self.corpus.leave_out)

    @cached_property
    def sets(self) -> dict[str, Labelled]:
        """The labelled sets by name."""
        return {one.name: one for one in map(datasets.read, self.set_folders)}

    @cached_property
    def hash(self) -> str:
        """A blake2b of everything the corpus is made of. Raises BadConfig where the suite says another."""
        parts = [[folder.name, datasets.digest(folder)] for folder in self.set_folders]
        parts += [[file.parent.name, datasets.digest(file.parent)] for file in self.haystack_files]
        said: dict[str, object] = {"parts": parts}
        if self.corpus.generated:
            said["generated"] = asdict(self.corpus.generated)
            said["learned"] = [self._taught(name) for name in self.corpus.generated.learn]
            said["by"] = _code([Path(haystack.__file__)])
        if self.corpus.life:
            said["life"] = asdict(self.corpus.life)
            said["told"] = _code(sorted(Path(life.__file__).parent.rglob("*.py")))
        if self.corpus.index:
            said["index"] = manifest.read(Layout(self._path(self.corpus.index))).encode().decode()
        found = _hash([json.dumps(said, sort_keys=True).encode()])
        if self.corpus.hash and found != self.corpus.hash:
            raise BadConfig(
                f"The corpus {self.corpus.name} has the hash {found}; the suite was written for {self.corpus.hash}. "
                "Use the data the suite names, or write the new hash into it and expect other scores."
            )
        return found

    def index(self, encoder: str, passages: int) -> Path:
        """The index of this corpus under an encoder, with so many passages of the haystack (0: all of it).

        One that was named is taken as it is. Raises WrongEncoder where it was built with another encoder.
        """
        own, given = self.corpus.index, self.places.given.get(self.corpus.name, ())
        named = [self._path(own)] if own else list(given)
        built = [manifest.read(Layout(path)).built.encoder for path in named]
        if encoder in built:
            return named[built.index(encoder)]
        if self.corpus.index:
            raise WrongEncoder(f"{named[0]} was built with {built[0]}, and the condition asks for {encoder}.")
        return self._kept(f"{self.corpus.name}-{encoder}-{passages or 'all'}", encoder, [passages], lambda root, model:
                          self.build(root, model, passages))  # fmt: skip

    def build(
        self, root: Path, encoder: Encoder, passages: int, planted: Source | None = None, insertion: float = 1.0
    ) -> None:
        """Make an index; `planted` goes in when this share of the haystack is there."""
        further = partial(self._generated, ENDLESS if passages else 0)
        records = min(4096, max(1, passages // 50)) if passages else 4096
        config = IngestConfig(records=records)
        wanted = passages or self._size()
        before = round(wanted * insertion) if planted else 0
        parts: list[Source] = [open_source(str(datasets.corpora([folder])[0])) for folder in self.set_folders]
        hay: list[Source] = [open_source(str(file)) for file in self.haystack_files]
        if planted and before:
            counted = Counted(self.places.told, before)
            ingest(root, [Evenly(hay, counted.enough, further)], encoder, config, heard=counted.heard)
        if planted:
            ingest(root, [planted], encoder)
        counted = Counted(self.places.told, passages - before if passages else 0)
        if not passages or before < passages:
            ingest(root, [*parts, Evenly(hay, counted.enough, further)], encoder, config, heard=counted.heard)

    def _kept(self, name: str, encoder: str, parts: Sequence[object], build: Callable[[Path, Encoder], None]) -> Path:
        """The index in the cache under what it is made of and by; built aside and renamed where it is not there yet."""
        model = resolve.encoder(encoder)
        code = _code(sorted(Path(indexers.__file__ or "").parent.glob("*.py")))
        said = [FORMAT, code, model.fingerprint, Vocabulary.fingerprint, self.hash, *parts]
        key = _hash([json.dumps(said).encode()])[:16]
        folder = self.places.cache / "index"
        folder.mkdir(parents=True, exist_ok=True)
        root = folder / f"{_plain(name)}-{key}"
        with FileLock(folder / f".{key}.lock"):
            if not root.exists():
                aside = folder / f".{key}.building"
                shutil.rmtree(aside, ignore_errors=True)
                build(aside, model)
                files.publish(aside, root)
        return root

    def documents(self, root: Path) -> Documents:
        """Which document each row of an index belongs to; worked out once, since every text is read for it."""
        if self._documents is None or self._documents[0] != root:
            self._documents = (root, Documents(Snapshot(root), list(self.sets.values())))
        return self._documents[1]

    def rivals(self, root: Path, names: Sequence[str], scorer: str) -> dict[str, Rival]:
        """Peers that hold the records of an index, built once. Raises UsageError where one cannot be had."""
        key = (root, scorer)
        with closing(Snapshot(root)) as snapshot:
            for name in names:
                if (*key, name) not in self._rivals:
                    folder = tempfile.mkdtemp(prefix="peer-", dir=self.places.cache)
                    weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
                    setup = Setup(Path(folder), resolve.encoder(snapshot.built.encoder), scorer)
                    self._rivals[(*key, name)] = Rival.of(peer(name, setup), snapshot)
        return {name: self._rivals[(*key, name)] for name in names}

    def living(self, encoder: str) -> Living:
        """The corpus's life in a vault of its own, taken in once and gone with this. Raises BadConfig for none."""
        if self.corpus.life is None:
            raise BadConfig(f"The corpus {self.corpus.name} is no life. Give it one: life = {{ things = 5_000 }}")
        if encoder not in self._living:
            folder = tempfile.mkdtemp(prefix="life-", dir=_ready(self.places.cache))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            said = self.corpus.life
            self._living[encoder] = Living(Path(folder), life.live(said.seed, said.things), resolve.encoder(encoder))
        return self._living[encoder]

    @cached_property
    def filler(self) -> Filler:
        """Sentences of the haystack, to stand around planted facts."""
        return Filler.of(islice(self.texts(), FILLED))

    def texts(self) -> Iterator[str]:
        """Texts of the haystack, evenly over its parts; of what is generated where there is none."""
        whole = Evenly([open_source(str(file)) for file in self.haystack_files], lambda: False, lambda: None)
        source = whole if self.haystack_files else self._generated()
        for thing in source.read() if source else ():
            if isinstance(thing, Record) and thing.text.strip():
                yield thing.text

    def _size(self) -> int:
        """Records of the haystack, where a share of all of it is asked for."""
        generated = self.corpus.generated.count if self.corpus.generated and not self.haystack_files else 0
        return generated + sum(1 for file in self.haystack_files for _ in datasets.rows(file))

    def _generated(self, count: int = 0) -> Source | None:
        """Generated passages: as many as the suite says, or as are taken."""
        said = self.corpus.generated
        return Generated(self._model, count or said.count, said.seed) if said else None

    @cached_property
    def _model(self) -> Model:
        return Model.learn(self._learned())

    def _learned(self) -> Iterable[str]:
        said = self.corpus.generated
        for name in said.learn if said else ():
            if name == "python":
                things: Iterable[Record | Skipped] = Topics().read()
            elif name == "haystack":
                things = Evenly(
                    [open_source(str(file)) for file in self.haystack_files], lambda: False, lambda: None
                ).read()
            else:
                things = (t for file in datasets.corpora([self._path(name)]) for t in open_source(str(file)).read())
            yield from islice((thing.text for thing in things if isinstance(thing, Record)), LEARNED)

    def _taught(self, name: str) -> str | list[str]:
        """A hash of what generated passages are learned from."""
        if name == "haystack":
            return name
        if name == "python":
            return _hash(record.text.encode("utf-8", "replace") for record in Topics().read())
        return [datasets.digest(file.parent) for file in datasets.corpora([self._path(name)])]

    def _made(self, said: Made) -> Path:
        """The folder of a made-up set, written where it is not there yet."""
        folder = self.places.cache / "made" / f"{said.documents}-{said.questions}-{said.seed}" / "made"
        with FileLock(_ready(folder.parent.parent) / f".{folder.parent.name}.lock"):
            if not folder.exists():
                aside = folder.parent / ".made"
                shutil.rmtree(aside, ignore_errors=True)
                made.write(aside, said.documents, said.questions, said.seed)
                aside.rename(folder)
        return folder

    def _path(self, name: str) -> Path:
        """A name of the suite as a path: whole, in the data folder, or beside the suite. Raises NotFound."""
        tried = [folder / name for folder in (self.places.data, self.places.suite) if folder]
        found = next((path for path in tried if path.exists()), None)
        if found is None:
            where = f"in {self.places.data}" if self.places.data else "and no data folder was named"
            raise NotFound(
                f"The corpus {self.corpus.name} needs {name}, which is not {where}. "
                "Name the folder that holds it: --data FOLDER, or CASCADE_EVAL_DATA."
            )
        return found.resolve()


def _hash(parts: Iterable[bytes]) -> str:
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()


def _code(sources: Iterable[Path]) -> str:
    """A hash of the code that makes something: changed code makes it anew."""
    return _hash(file.read_bytes() for file in sources)


def _ready(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
