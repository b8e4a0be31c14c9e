"""A build by many workers makes the index that one machine makes, whoever is stopped on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from small import prose, texts
from threads import Threads

from cascade.engine import Engine
from cascade.errors import Corrupt, Locked, NotFound, UsageError, WrongEncoder
from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer
from cascade.models.toy import ToyEncoder
from indexers.cluster.adding import Work, add
from indexers.compact import Shape
from indexers.ingest import Report, ingest
from indexers.records import Record
from indexers.sources.open import open_source
from indexers.sources.options import SourceOptions

SMALL = Work(workers=2, size=8_000)
LISTED = Work(workers=2, size=8_000, shape=Shape(exact=150))

Fresh = Callable[[], Path]


def written(path: Path, records: Iterable[Record]) -> Path:
    """A JSONL file of some records."""
    rows = [{"_id": one.key, "title": one.title, "text": one.text, **one.metadata} for one in records]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def added(root: Path, *sources: Path, machines: Threads | None = None, how: Work = SMALL) -> Report:
    """Add sources on a cluster."""
    specs = [(str(source), SourceOptions()) for source in sources]
    return add(machines or Threads(), root, specs, ToyEncoder(), how)


def held(root: Path) -> dict[str, str]:
    """The text of each passage, by the locator of its record."""
    snapshot = Snapshot(root)
    found = texts(snapshot)
    assert snapshot.verify() == []
    snapshot.close()
    return found


class Stopping(Threads):
    """A cluster whose driver is stopped after so many parts."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after, self.done = after, 0

    def each(self, work: Callable[[Any], Any], over: Iterable[Any], workers: int, gpus: float = 0.0) -> Iterator[Any]:
        for made in super().each(work, over, workers, gpus):
            self.done += 1
            yield made
            if self.done == self.after:
                raise KeyboardInterrupt


class Counting(Threads):
    """A cluster that counts the parts it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.given = 0

    def each(self, work: Callable[[Any], Any], over: Sequence[Any], workers: int, gpus: float = 0.0) -> Iterator[Any]:
        self.given += len(over)
        return super().each(work, over, workers, gpus)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "a.jsonl", prose(200))


def test_many_workers_make_what_one_machine_makes(fresh: Fresh, source: Path) -> None:
    many, one = fresh(), fresh()
    report = added(many, source)
    plain = ingest(one, [open_source(str(source))], ToyEncoder())
    assert (report.records, report.passages, report.commits) == (plain.records, plain.passages, 1)
    assert held(many) == held(one)
    mine, theirs = Engine.open(many), Engine.open(one)
    for question in ("river bridge", "unique77 enzyme", "glacier"):
        found, expected = (each.search(question, k=50) for each in (mine, theirs))
        assert {one.id for one in found.passages} == {one.id for one in expected.passages}
    mine.close()
    theirs.close()


def test_adding_again_adds_nothing_and_changed_records_replace(fresh: Fresh, source: Path) -> None:
    root = fresh()
    added(root, source)
    again = added(root, source)
    assert (again.records, again.unchanged, again.commits) == (0, 200, 0)
    records = prose(200)
    records[7] = Record("notes", "f00007", "something new about ferries", key="k7")
    written(source, records)
    changed = added(root, source)
    assert (changed.records, changed.unchanged, changed.replaced) == (1, 199, 1)
    assert held(root)["a.jsonl#8"] == "something new about ferries"
    assert len(held(root)) == 200


def test_of_a_key_that_two_parts_hold_the_first_counts(fresh: Fresh, source: Path) -> None:
    records = prose(200)
    records[150] = Record("notes", "x", "a second thing called so", key="k3")
    written(source, records)
    root, one = fresh(), fresh()
    added(root, source)
    ingest(one, [open_source(str(source))], ToyEncoder())
    assert held(root) == held(one)
    assert len(held(root)) == 199


def test_an_older_record_that_only_a_repeat_would_replace_stays(fresh: Fresh, source: Path) -> None:
    root, one = fresh(), fresh()
    for where in (root, one):
        ingest(where, [open_source(str(source))], ToyEncoder())
    records = prose(200)
    records[150] = Record("notes", "x", "a second thing called so", key="k3")
    written(source, records)
    added(root, source)
    ingest(one, [open_source(str(source))], ToyEncoder())
    assert held(root) == held(one)


def test_a_driver_that_is_stopped_goes_on_where_it_was(fresh: Fresh, source: Path) -> None:
    root = fresh()
    with pytest.raises(KeyboardInterrupt):
        added(root, source, machines=Stopping(after=6))
    assert held(root) == {}
    counting = Counting()
    report = added(root, source, machines=counting)
    whole = Counting()
    added(fresh(), source, machines=whole)
    assert counting.given < whole.given
    assert report.records == 200
    assert len(held(root)) == 200
    assert not (root / "building").exists()


def test_what_changed_since_a_run_was_stopped_is_read_anew(fresh: Fresh, source: Path) -> None:
    root = fresh()
    with pytest.raises(KeyboardInterrupt):
        added(root, source, machines=Stopping(after=6))
    written(source, prose(200, seed=8))
    added(root, source)
    assert held(root)["a.jsonl#1"] == prose(1, seed=8)[0].text


def test_a_receipt_that_names_what_is_not_there_is_said(fresh: Fresh, source: Path) -> None:
    root = fresh()
    with pytest.raises(KeyboardInterrupt):
        added(root, source, machines=Stopping(after=6))
    path = next((root / "building").glob("*/*/vectors.i8"))
    path.write_bytes(b"x" + path.read_bytes()[1:])
    added(root, source)
    snapshot = Snapshot(root)
    assert "vectors.i8" in snapshot.verify()[0]
    snapshot.close()
    other = fresh()
    with pytest.raises(KeyboardInterrupt):
        added(other, source, machines=Stopping(after=6))
    next((other / "building").glob("*/*/sums.json")).write_text("{}")
    with pytest.raises(Corrupt):
        added(other, source)
    assert held(other) == {}


def test_a_new_index_that_will_be_large_is_built_in_lists(fresh: Fresh, source: Path) -> None:
    root, one = fresh(), fresh()
    added(root, source, how=LISTED)
    ingest(one, [open_source(str(source))], ToyEncoder())
    snapshot = Snapshot(root)
    assert {entry.generation for entry in snapshot.manifest.segments} == {1}
    assert snapshot.manifest.generation is not None
    snapshot.close()
    assert held(root) == held(one)


def test_finished_segments_may_lie_in_object_storage(fresh: Fresh, source: Path) -> None:
    pytest.importorskip("fsspec", reason="object storage takes the extra `backup`")
    root, one = fresh(), fresh()
    added(root, source, how=Work(workers=2, size=8_000, stage="memory://stage"))
    ingest(one, [open_source(str(source))], ToyEncoder())
    assert held(root) == held(one)


def test_a_folder_of_files_is_divided_among_workers(fresh: Fresh, tmp_path: Path) -> None:
    for number, one in enumerate(prose(40)):
        path = tmp_path / f"folder{number % 3}" / f"{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(one.text)
    (tmp_path / "empty.txt").write_text("")
    root, one_ = fresh(), fresh()
    report = added(root, tmp_path, how=Work(workers=2, size=2_000))
    plain = ingest(one_, [open_source(str(tmp_path))], ToyEncoder())
    assert held(root) == held(one_)
    assert (report.records, report.failed, report.passed) == (plain.records, plain.failed, plain.passed)


def test_what_cannot_be_built_so_is_refused(fresh: Fresh, source: Path, tmp_path: Path) -> None:
    root = fresh()
    with pytest.raises(UsageError, match="Standard input"):
        add(Threads(), root, [("-", SourceOptions())], ToyEncoder(), SMALL)
    with pytest.raises(NotFound):
        added(root, tmp_path / "nowhere.jsonl")
    added(root, source)
    other = ToyEncoder()
    other.fingerprint = "toy-2"
    with pytest.raises(WrongEncoder):
        add(Threads(), root, [(str(source), SourceOptions())], other, SMALL)
    with Writer(root), pytest.raises(Locked):
        added(root, source)
    assert len(held(root)) == 200
