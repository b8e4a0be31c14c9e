from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small import build, prose

from cascade.errors import UsageError
from cascade.index import vectors
from cascade.index.snapshot import Snapshot
from cascade.models.toy import ToyEncoder
from eval.planning import calibrate, constants
from eval.planning.command import plan
from eval.planning.constants import KNOWN
from eval.planning.measuring import clock, disks, drawn, sizes, survive, wording


def test_what_a_unit_takes_is_found_from_amounts_and_times() -> None:
    amounts = [(1.0, 10.0), (1.0, 200.0), (5.0, 30.0), (2.0, 1000.0)]
    assert clock.parts(amounts, [3.0 * a + 0.5 * b for a, b in amounts]) == pytest.approx([3.0, 0.5])


def test_nothing_takes_less_than_nothing() -> None:
    amounts = [(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]
    one, other = clock.parts(amounts, [3.0, 2.0, 1.0])
    assert one > 0
    assert other == 0.0


def test_what_was_never_done_is_taken_to_cost_nothing() -> None:
    assert clock.parts([(2.0, 0.0), (4.0, 0.0)], [1.0, 2.0]) == pytest.approx([0.5, 0.0])


@pytest.mark.parametrize("power", [0.25, 0.6, 1.0])
def test_the_growth_of_words_is_told_from_reading_out_what_they_find(power: float) -> None:
    each = [(size, hits) for size in (4_000, 60_000, 1_000_000) for hits in (200.0, 1_500.0, 12_000.0)]
    seen = [wording.Seen(size, hits, 2e-4 + hits * 1e-6 + 0.02 * (size / 1e6) ** power) for size, hits in each]
    found = wording.fitted(seen)
    assert found["lexical_growth"] == pytest.approx(power)
    assert found["lexical_passage_ms"] == pytest.approx(20)
    assert found["hit_us"] == pytest.approx(1)
    assert found["lexical_ms"] == pytest.approx(0.2)


def test_a_disk_is_measured_and_left_as_it_was(tmp_path: Path) -> None:
    found = disks.measure(tmp_path, 4 << 20)
    assert set(found) == {"read_rate", "write_rate", "window_reads"}
    assert all(value > 0 for value in found.values())
    assert not list(tmp_path.iterdir())


def test_sizes_a_word_and_a_passage_add_up_to_the_files(listed: Path) -> None:
    with closing(Snapshot(listed)) as snapshot:
        words = sizes.words(snapshot, 0)
        found = sizes.measure(snapshot, words)
        files = [(name, one.size) for segment in snapshot.segments for name, one in segment.sums.items()]
        passages = len(snapshot)
    assert words == 25
    whole = {
        start: sum(size for name, size in files if name.startswith(start)) for start in ("text.", "words/", "pass")
    }
    assert found["text_bytes"] * words * passages + 4 * passages == pytest.approx(whole["text."])
    assert found["words_bytes"] * words * passages == pytest.approx(whole["words/"])
    assert found["passages_bytes"] * passages == pytest.approx(whole["pass"])
    ids = sum(size for name, size in files if name == "tokens.u16") / 2
    assert found["tokens_per_word"] * words * passages == pytest.approx(ids)


def test_a_curve_is_what_reading_lists_one_by_one_would_keep(listed: Path) -> None:
    encoder = ToyEncoder()
    with closing(Snapshot(listed)) as snapshot:
        asked = [snapshot.rotate(encoder.encode_query(text)) for text in ("river bridge", "genome cell", "basalt")]
        (curve,) = survive.measure(snapshot, asked, 1)
        lists = snapshot.lists[max(snapshot.lists)]
        every = snapshot.vectors(np.arange(len(snapshot)))
        home = lists.assign(every)
        kept = []
        for vector in asked:
            top = vectors.best(vectors.exact(every, vector), 117)
            near, _ = lists.nearest(vector, len(lists))
            read, budget = set(), 0.3 * len(snapshot)
            for one in near.tolist():
                budget -= int((home == one).sum())
                if budget < -1e-9:
                    break
                read.add(one)
            kept.append(np.mean([int(home[row]) in read for row in top.tolist()]))
    assert curve.passages == 1_200
    at = curve.shares.index(0.3)
    assert curve.kept[at] == pytest.approx(np.mean(kept), abs=0.02)


def test_questions_are_those_of_sets_or_words_that_stand_together(listed: Path, folders: dict[str, Path]) -> None:
    with closing(Snapshot(listed)) as snapshot:
        texts = drawn.passages(snapshot, 20, 3)
        assert drawn.passages(snapshot, 20, 3) == texts
    made = drawn.questions([], texts, 5, 3)
    assert all(len(one.split()) == 8 and any(one in text for text in texts) for one in made)
    assert drawn.questions([folders["set"]], texts, 4, 3)[0].startswith("painted")


def test_an_index_without_lists_cannot_be_calibrated_on(tmp_path: Path) -> None:
    build(tmp_path / "index", prose(20))
    with pytest.raises(UsageError, match="without lists"):
        calibrate.calibrate(tmp_path / "index", calibrate.Setup(), constants.shipped())


def test_calibrating_measures_every_constant_and_plans_rest_on_them(
    listed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    told: list[tuple[int, int | None]] = []
    setup = calibrate.Setup(
        questions=3, texts=300, disk=1 << 20, encoders=("static",), told=lambda _, done, of: told.append((done, of))
    )
    made = calibrate.calibrate(listed, setup, constants.shipped())
    assert told == [(at, len(told)) for at in range(len(told))]
    unchanged = [name for name in KNOWN if made.values[name] == constants.shipped().values[name]]
    assert set(unchanged) <= {"encode_minilm_us", "second_core", "build_cores", "lexical_growth"}, (
        "these are told on a quiet machine alone, but for the last, which is at most 1, and may be 1 in both"
    )
    assert made.circumstances["index"].startswith("1,200 passages of 25.0 words, toy")
    constants.save(made, tmp_path / "mine.toml")
    words = ["--passages", "1e7", "--constants", str(tmp_path / "mine.toml"), "--latency", "1e9", "--json"]
    done = CliRunner().invoke(plan, words, catch_exceptions=False)
    body = json.loads(done.stdout)
    assert body["constants"]["code_ns"]["value"] == pytest.approx(made.values["code_ns"], rel=1e-3)
    assert body["measured"]["cores"] == made.cores


def test_without_an_index_one_is_made_of_what_comes_with_python_and_thrown_away() -> None:
    with calibrate.index(None, calibrate.Setup(made=1_200, encoder="toy")) as root, closing(Snapshot(root)) as snapshot:
        assert len(snapshot) >= 1_200
        assert all(segment.codes for segment in snapshot.segments)
    assert not root.exists()
