"""What is held in memory answers as an ordinary index over the same records does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from small import prose, record
from vaults import SECRET, batch, vault

from cascade.config import Config
from cascade.data import Effort
from cascade.engine import Engine
from cascade.errors import BadFilter, NoPassage, WrongEncoder
from cascade.index.catalog import RENEWED
from cascade.index.reading import passages_in_order
from cascade.models.toy import ToyEncoder
from indexers.personal.vault.held import Held
from indexers.personal.vault.unlocked import Unlocked

QUESTIONS = ("What of the violin and the melody?", "unique17", "glacier crater", "pension bond credit unique3 audit")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine]]:
    """An ordinary index, and a vault with the same records in two grants of several segments."""
    root = tmp_path_factory.mktemp("both")
    records = prose(400)
    whole = batch(root / "index", records)
    unlocked = vault(root / "vault").unlock(SECRET)
    for grant, begin in (("mail", 0), ("chats", 200)):
        unlocked.keys.new(grant)
        for at in (begin, begin + 100):
            unlocked.add(grant, whole.take(np.arange(at, at + 100)))
    plain = Engine.open(root / "index", Config(), ToyEncoder())
    held = Engine(unlocked.held(), ToyEncoder(), Config())
    yield plain, held
    plain.close()
    held.close()


@pytest.mark.parametrize("effort", [Effort.NORMAL, Effort.HIGH])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_vault_ranks_and_scores_as_an_index_of_the_same_records(
    both: tuple[Engine, Engine], question: str, effort: Effort
) -> None:
    plain, held = (engine.search(question, k=30, effort=effort) for engine in both)
    assert [one.passage.id for one in held.ranked] == [one.passage.id for one in plain.ranked]
    assert [one.passage.text for one in held.ranked] == [one.passage.text for one in plain.ranked]
    for name in ("score", "relevance"):
        found, wanted = ([getattr(one, name) for one in ranking.ranked] for ranking in (held, plain))
        np.testing.assert_allclose(found, wanted, atol=1e-5)


@pytest.mark.parametrize(
    "where",
    [
        "topic = river",
        'time >= 2010 and not key = "k5"',
        "number < 20 or number > 390",
        "title ~ VIOLIN",
        "kind = plain",
    ],
)
def test_a_filter_lets_through_what_it_lets_through_in_an_index(both: tuple[Engine, Engine], where: str) -> None:
    plain, held = (engine.search("violin river unique7", k=500, filter=where) for engine in both)
    assert [one.passage.id for one in held.ranked] == [one.passage.id for one in plain.ranked]
    assert 0 < len(held) < 400 or where == "kind = plain"


def test_a_filter_that_does_not_parse_is_refused(both: tuple[Engine, Engine]) -> None:
    with pytest.raises(BadFilter):
        both[1].search("violin", filter="time >=")


def test_every_passage_says_its_grant_and_can_be_filtered_by_it(both: tuple[Engine, Engine]) -> None:
    found = both[1].search("violin concert", k=400)
    grants = {one.passage.key: one.passage.metadata["grant"] for one in found.ranked}
    assert grants == {f"k{number}": "mail" if number < 200 else "chats" for number in range(400)}
    only = both[1].search("violin concert", k=400, filter="grant = mail")
    assert {one.passage.metadata["grant"] for one in only.ranked} == {"mail"} and len(only) == 200


def test_words_nominate_what_tantivy_nominates(both: tuple[Engine, Engine]) -> None:
    for question in QUESTIONS:
        found = []
        for engine in both:
            terms = engine.snapshot.terms(question)
            rows, scores = [], []
            for number, segment in enumerate(engine.snapshot.segments):
                here, score = segment.words.search(terms, 1000)
                rows += [one.key for one in engine.snapshot.read(here + engine.snapshot.bases[number])]
                scores += score.tolist()
            found.append((dict(zip(rows, scores, strict=True)), [term.idf for term in terms]))
        assert found[0][1] == pytest.approx(found[1][1])
        assert found[0][0].keys() == found[1][0].keys()
        for key, score in found[0][0].items():
            assert found[1][0][key] == pytest.approx(score, rel=0.02)


def test_an_answer_a_context_and_an_explanation_come_of_a_vault(both: tuple[Engine, Engine]) -> None:
    plain, held = both
    first = held.search("unique17", k=1).passages[0]
    assert held.context("unique17").text == plain.context("unique17").text
    assert held.ask("unique17").answer == plain.ask("unique17").answer
    assert [fate.stage for fate in held.explain("unique17", first.id)] == [
        fate.stage for fate in plain.explain("unique17", first.id)
    ]
    assert held.passage(first.id).text == first.text
    assert [one.id for one in held.around(first.id)] == [first.id]
    with pytest.raises(NoPassage):
        held.passage("00" * 16 + "-0")


def test_neighbours_are_read_around_a_passage(tmp_path: Path) -> None:
    text = "\n\n".join(f"Paragraph {number} about the river and its bridges. " * 12 for number in range(12))
    unlocked = vault(tmp_path / "vault").unlock(SECRET)
    unlocked.keys.new("notes")
    unlocked.add("notes", batch(tmp_path / "index", [record("long", text)]))
    engine = Engine(unlocked.held(), ToyEncoder(), Config())
    passages = engine.record(record("long", text).id.hex())
    assert "".join(one.text for one in passages) == text and len(passages) > 3
    assert [one.id for one in engine.around(passages[2].id, 1, 1)] == [one.id for one in passages[1:4]]
    engine.close()


def test_a_vault_without_records_is_asked_and_has_nothing(tmp_path: Path) -> None:
    unlocked = vault(tmp_path / "vault").unlock(SECRET)
    unlocked.keys.new("mail")
    engine = Engine(unlocked.held(), ToyEncoder(), Config())
    assert len(engine.search("anything")) == 0
    assert engine.ask("anything").abstained
    engine.close()


def test_an_encoder_that_the_vault_was_not_built_with_is_refused(both: tuple[Engine, Engine]) -> None:
    class Other(ToyEncoder):
        fingerprint = "another"

    with pytest.raises(WrongEncoder):
        Engine(both[1].snapshot, Other(), Config())


def test_refreshing_changes_nothing_that_is_held(both: tuple[Engine, Engine]) -> None:
    assert both[1].refresh() is False
    assert both[1].snapshot.verify() == []


def test_what_is_held_has_no_file_mapped_and_opens_none(tmp_path: Path) -> None:
    if not Path("/proc/self/maps").exists():
        pytest.skip("only Linux tells what a process has mapped")
    unlocked = vault(tmp_path / "vault").unlock(SECRET)
    unlocked.keys.new("mail")
    unlocked.add("mail", batch(tmp_path / "index", prose(200)))
    before = _files()
    engine = Engine(unlocked.held(), ToyEncoder(), Config())
    engine.search("violin", filter="topic = violin")
    new = {one for one in _files() - before if not one.endswith((".so", ".nbi", ".nbc", ".safetensors", ".json"))}
    assert not {one for one in new if "memfd" in one or "shm" in one or str(tmp_path) in one or "tmp" in one}
    engine.close()


def _files() -> set[str]:
    """What this process has mapped or open."""
    mapped = {
        line.split(maxsplit=5)[5].strip() for line in Path("/proc/self/maps").read_text().splitlines() if "/" in line
    }
    held = set()
    for handle in Path("/proc/self/fd").iterdir():
        try:
            held.add(str(handle.readlink()))
        except OSError:
            continue
    return mapped | held


def test_a_vault_in_memory_is_the_one_of_the_commit_it_was_read_at(tmp_path: Path) -> None:
    unlocked: Unlocked = vault(tmp_path / "vault").unlock(SECRET)
    unlocked.keys.new("mail")
    records = prose(20)
    whole = batch(tmp_path / "index", records)
    unlocked.add("mail", whole.take(np.arange(10)))
    held = unlocked.held()
    unlocked.add("mail", whole.take(np.arange(10, 20)), [records[0].id])
    assert (len(held), held.grants) == (10, (("mail", 1),))
    again = unlocked.held()
    assert (len(again), again.grants) == (19, (("mail", 2),))
    held.close()
    again.close()


def test_the_records_that_a_filter_matches_are_told_by_grant(both: tuple[Engine, Engine]) -> None:
    held = both[1].snapshot
    assert isinstance(held, Held)
    records = prose(400)
    assert held.found("number >= 198 and number < 202") == {
        "mail": sorted(one.id for one in records[198:200]),
        "chats": sorted(one.id for one in records[200:202]),
    }
    assert held.found("number > 1000") == {}


def test_a_vault_is_asked_more_often_than_a_connection_to_files_is_kept(both: tuple[Engine, Engine]) -> None:
    held = both[1].snapshot
    assert {len(held.rows_of(one.id)) for one in prose(400) * 2} == {1}
    assert held.catalog.sources(0) == [("notes", 100)]
    assert RENEWED < 4 * 800


def test_every_passage_of_a_vault_can_be_read_in_order(both: tuple[Engine, Engine]) -> None:
    found = [[one.text for one in passages_in_order(engine.snapshot)] for engine in both]
    assert sorted(found[0]) == sorted(found[1]) and len(found[1]) == 400


ASK = """
import sys
from pathlib import Path
from cascade.config import Config
from cascade.engine import Engine
from cascade.models.toy import ToyEncoder
from indexers.personal.vault import folder
unlocked = folder.opened(Path(sys.argv[1])).unlock(sys.stdin.buffer.read())
engine = Engine(unlocked.held(), ToyEncoder(), Config())
assert len(engine.search("violin", k=300, filter="topic = violin and number >= 5"))
print(engine.ask("unique17").text, flush=True)
"""


def test_asking_writes_no_file_anywhere(tmp_path: Path) -> None:
    unlocked = vault(tmp_path / "vault").unlock(SECRET)
    unlocked.keys.new("mail")
    unlocked.add("mail", batch(tmp_path / "index", prose(300)))
    folders = {name: tmp_path / name for name in ("home", "tmp", "here", "cache", "run")}
    for path in folders.values():
        path.mkdir()
    before = sorted(str(path) for path in (tmp_path / "vault").rglob("*"))
    tests = Path(__file__).parents[1]
    env = {
        **os.environ, "PYTHONPATH": str(tests.parent), "HOME": str(folders["home"]), "TMPDIR": str(folders["tmp"]),
        "XDG_CACHE_HOME": str(folders["cache"]), "XDG_RUNTIME_DIR": str(folders["run"]),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(tmp_path / "vault")], input=SECRET, capture_output=True, check=False, env=env,
        cwd=folders["here"],
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.endswith(b"]\n"), done.stderr
    models = {
        folders["cache"] / "cascade",
        folders["cache"] / "cascade" / "verified.json",
    }  # which are pinned
    assert {path for folder in folders.values() for path in folder.rglob("*")} <= models
    assert sorted(str(path) for path in (tmp_path / "vault").rglob("*")) == before
