"""Whatever is added, changed, deleted and compacted, in whatever order: only what is live is ever seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from small import Given, build, cut, prose, record, texts

from cascade.config import RetrieveConfig
from cascade.data import Query
from cascade.errors import BadFilter, NoPassage
from cascade.index.reading import records_in_order
from cascade.index.snapshot import Snapshot
from cascade.index.writer import Writer
from cascade.ledger import Ledger
from cascade.models.toy import ToyEncoder
from cascade.stages.retrieve import Retrieve
from indexers.compact import Shape, compact
from indexers.ingest import IngestConfig, ingest
from indexers.remove import remove

NAMES = [f"n{i}" for i in range(30)]
SHAPE = Shape(exact=20, small=3, most=40)
"""Lists are trained from 21 passages on."""


def made(name, version):
    text = f"passage {name}v{version} is about things and word{version}"
    return record(name, text, metadata={"version": version})


def passage_id(one):
    return f"{one.id.hex()}-0"


class Corpus(RuleBasedStateMachine):
    """An index beside a dictionary that says what must be in it. `fresh` is set by the test."""

    @initialize(listed=st.booleans())
    def begin(self, listed):
        self.root, self.model, self.ever = self.fresh(), {}, {}
        self.shape = SHAPE if listed else Shape(small=3)
        build(self.root, [])

    @rule(
        versions=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 2), max_size=30), sync=st.booleans(),
        size=st.integers(1, 12),
    )  # fmt: skip
    def add(self, versions, sync, size):
        records = [made(name, version) for name, version in versions.items()]
        config = IngestConfig(records=size, passages=size * 2, shape=self.shape)
        ingest(self.root, [Given("notes", records)], ToyEncoder(), config, sync=sync)
        self.model = {**({} if sync else self.model), **{r.locator: r for r in records}}
        self.ever.update((passage_id(r), r) for r in records)
        self.look()

    @rule(name=st.sampled_from(NAMES))
    def delete_one(self, name):
        passages, records = remove(self.root, f"locator = {name}")
        assert passages == records == (name in self.model)
        self.model.pop(name, None)
        self.look()

    @rule(version=st.integers(0, 2))
    def delete_by_filter(self, version):
        remove(self.root, f"version >= {version} and version < {version + 1}")
        self.model = {name: r for name, r in self.model.items() if r.metadata["version"] != version}
        self.look()

    @rule(thorough=st.booleans())
    def compact(self, thorough):
        with Writer(self.root) as writer:
            compact(writer, self.shape, thorough)
        self.look()

    def look(self):
        """Every way to see a passage shows exactly the live ones."""
        snapshot = Snapshot(self.root)
        try:
            live = {name: r.text for name, r in self.model.items()}
            assert len(snapshot) == len(live)
            assert texts(snapshot) == live
            exported = {r["locator"]: (r["id"], r["text"]) for r in records_in_order(snapshot)}
            assert exported == {name: (r.id.hex(), r.text) for name, r in self.model.items()}
            said = " ".join(r.text for r in self.ever.values()) or "passage"
            for config in (RetrieveConfig(), RetrieveConfig(width=20, fewest=1000), RetrieveConfig(exact_filtered=1)):
                for filter_ in ("", "version < 2"):
                    found = Retrieve(snapshot, ToyEncoder(), config).run(Query(said, Ledger(), filter=filter_))
                    seen = {p.locator: p.text for p in snapshot.read(found.rows)}
                    allowed = {n: r.text for n, r in self.model.items() if not filter_ or r.metadata["version"] < 2}
                    assert seen.items() <= allowed.items()
                    assert len(seen) >= min(len(allowed), config.width)
            current = {passage_id(r) for r in self.model.values()}
            for name, one in self.ever.items():
                if name in current:
                    assert snapshot.read(np.array([snapshot.find(name)]))[0].text == one.text
                else:
                    with pytest.raises(NoPassage):
                        snapshot.find(name)
        finally:
            snapshot.close()


def test_only_what_is_live_is_ever_seen(fresh):
    machine = type("Machine", (Corpus,), {"fresh": staticmethod(fresh)})
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=8, deadline=None))


def test_a_record_is_deleted_whole_wherever_its_passages_lie(fresh, opened):
    long = record("long", "\n\n".join(f"# Part {i}\n\n" + "many words in a row. " * 60 for i in range(6)))
    root = fresh()
    build(root, [long, *prose(9)])
    remove(root, "key = k8")
    with Writer(root) as writer:
        compact(writer, Shape(most=5), thorough=True)
    held = opened(root)
    parts = [p for p in held.read(np.arange(held.bases[-1])) if p.locator == "long"]
    assert len(parts) > 5
    assert len({next(held.split(np.array([held.find(p.id)])))[0] for p in parts}) > 1
    assert remove(root, f"record = {parts[0].record}") == (len(parts), 1)
    assert set(texts(opened(root))) == {r.locator for r in prose(8)}


def test_a_dry_run_counts_and_deletes_nothing(fresh, opened):
    root = fresh()
    build(root, prose(10), cut(5))
    assert remove(root, "topic = river", dry_run=True) == (2, 2)
    assert remove(root, "topic = nothing") == (0, 0)
    with pytest.raises(BadFilter):
        remove(root, "topic")
    assert len(opened(root)) == 10
    assert opened(root).manifest.commit == 2


def test_deleted_rows_are_dropped_by_compaction_and_ids_stay(fresh, opened):
    root = fresh()
    build(root, prose(20), cut(5))
    before = {p.key: p.id for p in opened(root).read(np.arange(20))}
    remove(root, "number < 7")
    with Writer(root) as writer:
        assert compact(writer, Shape(), thorough=True) == 4
    after = opened(root)
    assert (int(after.bases[-1]), len(after), len(after.manifest.graves)) == (13, 13, 0)
    assert {p.key: p.id for p in after.read(np.arange(13))} == {k: i for k, i in before.items() if int(k[1:]) >= 7}
    with Writer(root) as writer:
        assert compact(writer, Shape(), thorough=True) == 0


def test_what_was_deleted_can_be_added_again(fresh, opened):
    root = fresh()
    build(root, prose(4))
    remove(root, "key = k2")
    report = build(root, prose(4))
    assert (report.records, report.unchanged, report.computed) == (1, 3, 0)
    assert len(opened(root)) == 4
