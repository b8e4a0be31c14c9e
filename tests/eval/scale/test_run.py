"""The whole benchmark on toy texts, killed and gone on with; its rows, its tables, its page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from cascade.errors import UsageError, WrongEncoder
from eval import journal
from eval.bench.scale import page, shown, standing
from eval.bench.scale.run import ROWS, Run
from eval.bench.scale.setup import Setup
from eval.cli import bench
from eval.rows import Circumstances
from indexers.compact import Shape

Row = Mapping[str, Any]
SIZES = (300, 900)


@pytest.fixture(scope="module")
def setup(real: list[str], folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Setup:
    root = tmp_path_factory.mktemp("run")
    source = root / "docstrings"
    source.mkdir()
    rows = [{"_id": str(number), "title": "", "text": text} for number, text in enumerate(real[:600])]
    (source / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return Setup(
        root / "work", (source,), (folders["set"],), sizes=SIZES, codes=(4_000,), scanned=(500, 1_000),
        foretold=(10_000,), encoder="toy", count=2, texts=60, cold=2, openings=1, shape=Shape(exact=500, most=1_000),
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows(setup: Setup) -> list[Row]:
    return Run(setup, Circumstances("scale", 0)).all()


def test_every_part_has_a_row_with_its_circumstances(rows: list[Row]) -> None:
    parts = [(row["settings"]["part"], row["settings"].get("size")) for row in rows]
    assert parts == [("texts", None), ("size", 300), ("size", 900), ("codes", 4_000), ("foretold", 900)]
    for row in rows:
        assert row["benchmark"] == "scale"
        assert row["seed"] == 0
        assert row["machine"]["cores"] >= 1
        assert row["versions"]["python"]


def test_an_index_has_the_size_that_was_asked_for(rows: list[Row]) -> None:
    for row, size in zip(shown.of(rows, "size"), SIZES, strict=True):
        said = row["summary"]
        assert said["records"] == size
        assert size <= said["passages"] < size * 1.1
        assert sum(said["bytes_by_kind"].values()) == said["bytes"]
        assert set(said["build"]["steps"]) == {"source", "encode", "train", "compact", "write"}
        assert sum(said["build"]["steps"].values()) == pytest.approx(said["build"]["seconds"], abs=0.01)
    assert [row["summary"]["lists"] > 0 for row in shown.of(rows, "size")] == [False, True]


def test_every_question_is_followed_timed_and_compared(rows: list[Row]) -> None:
    for row in shown.of(rows, "size"):
        kinds = [query["class"] for query in row["queries"]]
        assert kinds == ["single"] * 2 + ["identifier"] * 2 + ["multi-key"] * 2 + ["judged"] * 6
        for query in row["queries"]:
            assert query["warm"]["whole"] > query["warm"]["scan"] > 0
            assert 0 <= query["exact_117"] <= 1
            assert query["kept"]["retrieved"] >= query["kept"]["reranked"]
        summary = row["summary"]
        assert summary["survival"]["all"]["retrieved"][0] == 1.0, "fewer than 30,000 passages are all candidates"
        assert summary["exact_30000"][0] == 1.0
        assert summary["exact_kept"][0] == summary["of_exact_kept"][0] == 1.0
        assert summary["latency"]["warm"]["whole"][2] == 12


def test_where_a_needle_stands_is_where_the_exact_scores_put_it(rows: list[Row], setup: Setup) -> None:
    held = standing.read(setup.work / "900" / standing.STANDINGS)
    assert held.fixed + held.grown == shown.of(rows, "size")[1]["summary"]["passages"]
    assert held.fixed < 120, "the set and the planted records"
    for one in held.questions:
        for link in one.links:
            stand = link["dense"]
            assert stand is not None
            tail = np.array(one.tails["dense"])
            reached = int((tail > stand.score).sum())
            assert reached == min(stand.grown, len(tail)) or abs(tail - stand.score).min() < 1e-5


def test_codes_are_probed_within_what_they_may_scan(rows: list[Row]) -> None:
    (row,) = shown.of(rows, "codes")
    rounds = row["summary"]["rounds"]
    assert list(rounds) == ["500", "1000"]
    assert row["summary"]["passages"] == pytest.approx(4_000, rel=0.1)
    for by_name in rounds.values():
        assert by_name["warm"]["ms"][0] > 0
        assert by_name["warm"]["codes"] >= 500


def test_survival_is_foretold_both_ways_and_beyond(rows: list[Row]) -> None:
    (row,) = shown.of(rows, "foretold")
    told = row["summary"]["foretold"]
    sizes = [one["summary"]["passages"] for one in shown.of(rows, "size")]
    up = [one for one in told if one["base"] == sizes[0] and one["size"] == sizes[1]]
    down = [one for one in told if one["base"] == sizes[1] and one["size"] == sizes[0]]
    assert {one["way"] for one in up} == {"tails"}
    assert {one["way"] for one in down} == {"thinned"}
    assert all(one["error"] and one["measured"] for one in up + down)
    assert {one["size"] for one in told if one["measured"] is None} == {10_000}


def test_every_rule_is_looked_at_in_all_candidates(rows: list[Row], setup: Setup) -> None:
    (row,) = shown.of(rows, "foretold")
    assert row["settings"]["whole"] is True
    for size in SIZES:
        held = standing.read(setup.work / str(size) / standing.STANDINGS)
        assert held.whole
        for one in held.questions:
            kept = [at["fused"].fixed + at["fused"].grown < 117 - one.raised for at in one.links if at["fused"]]
            raised = [at["led"].fixed + at["led"].grown < held.budgets["led"] for at in one.links if at["led"]]
            assert len(kept) == len(one.links), "fewer than 30,000 passages are all candidates"
            assert not all(kept) or one.kept["reranked"], "what the score keeps is in the ranking"
            assert not one.kept["reranked"] or all(a or b for a, b in zip(kept, raised, strict=True))
            assert len(one.tails["fused"]) == min(held.grown, standing.KEPT)


def test_every_haystack_is_a_fair_part_of_the_largest(rows: list[Row], setup: Setup) -> None:
    shares = [row["summary"]["real"] for row in shown.of(rows, "size")]
    assert shares[1] < 1, "of the larger, 600 are real and the rest is woven"
    assert shares[0] == pytest.approx(shares[1], abs=0.01)


def test_what_an_older_version_looked_at_is_looked_at_again(rows: list[Row], setup: Setup, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(setup.work, work)
    for size in SIZES:
        path = work / str(size) / standing.STANDINGS
        held = json.loads(path.read_text("utf-8"))
        held["budgets"] = {rule: held["budgets"][rule] for rule in ("dense", "lexical", "fused")}
        del held["whole"]
        for one in held["questions"]:
            del one["raised"], one["tails"]["led"]
            for link in one["links"]:
                del link["led"]
                link["fused"] = None
        path.write_text(json.dumps(held), "utf-8")
        (work / str(size) / "scores.npz").unlink()
    shutil.rmtree(work / "300" / "index")
    old = [line for line in (work / ROWS).read_text("utf-8").splitlines(keepends=True) if '"foretold"' not in line]
    (work / ROWS).write_text("".join(old), "utf-8")
    again = Run(replace(setup, work=work), Circumstances("scale", 0)).all()
    assert again[4]["settings"]["whole"] is False, "one index is gone"
    assert not standing.read(work / "300" / standing.STANDINGS).whole
    assert standing.read(work / "900" / standing.STANDINGS) == standing.read(setup.work / "900" / standing.STANDINGS)


def test_a_run_that_is_done_does_nothing_again(rows: list[Row], setup: Setup) -> None:
    before = (setup.work / ROWS).read_bytes()
    assert Run(setup, Circumstances("scale", 0)).all() == rows
    assert (setup.work / ROWS).read_bytes() == before


def test_a_killed_run_goes_on_with_what_is_missing(rows: list[Row], setup: Setup, tmp_path: Path) -> None:
    work = tmp_path / "work"
    shutil.copytree(setup.work, work)
    kept = (work / ROWS).read_bytes().splitlines(keepends=True)
    (work / ROWS).write_bytes(b"".join(kept[:3]) + kept[3][:40])
    shutil.rmtree(work / "codes-4000" / "0000", ignore_errors=True)
    again = Run(replace(setup, work=work, tidy=True), Circumstances("scale", 0)).all()
    assert again[:3] == rows[:3]
    assert [row["settings"]["part"] for row in again] == [row["settings"]["part"] for row in rows]
    assert again[4]["summary"] == rows[4]["summary"]
    assert not (work / "codes-4000").exists(), "what was measured is removed"


def test_codes_alone_are_made_after_any_index_of_the_encoder(rows: list[Row], setup: Setup, tmp_path: Path) -> None:
    alone = replace(setup, work=tmp_path, sizes=(), texts=0, scanned=(500,), like=setup.work / "900" / "index")
    (row,) = Run(alone, Circumstances("scale", 0)).all()
    assert row["settings"]["part"] == "codes"
    (first,) = shown.of(rows, "codes")
    assert row["summary"]["passages"] == first["summary"]["passages"], "the same seed gives the same codes"


def test_codes_after_nothing_or_after_another_encoders_are_refused(
    rows: list[Row], setup: Setup, tmp_path: Path
) -> None:
    bare = replace(setup, work=tmp_path, sizes=(), texts=0)
    with pytest.raises(UsageError, match="--like INDEX"):
        Run(bare, Circumstances("scale", 0)).all()
    other = replace(bare, encoder="static", like=setup.work / "900" / "index")
    with pytest.raises(WrongEncoder, match="Give --encoder toy"):
        Run(other, Circumstances("scale", 0)).all()


def test_tables_show_every_part(rows: list[Row]) -> None:
    text = shown.table_of(rows)
    for heading in ("Texts", "Building", "Questions", "Survival", "Generated codes", "Foretold"):
        assert heading in text
    assert "multi-key retrieved" in text
    assert shown.table_of([]) == ""
    before = {**rows[-1], "settings": {"part": "foretold", "size": 300, "sizes": [300]}}
    assert shown.table_of([*rows[:-1], before, rows[-1]]) == text, "of what was foretold, the last row counts"


def test_a_page_has_pictures_and_slopes(rows: list[Row], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures take the extra `report`")
    written = page.write(rows, tmp_path / "out")
    assert {path.name for path in written} == {
        "latency.png", "latency.svg", "bytes.png", "bytes.svg", "memory.png", "memory.svg", "survival.png",
        "survival.svg", "summary.md",
    }  # fmt: skip
    text = (tmp_path / "out" / "summary.md").read_text("utf-8")
    assert "| bytes on disk |" in text
    assert "![latency](latency.png)" in text
    assert page.TOLD in text
    with pytest.raises(UsageError, match="is a file"):
        page.write(rows, tmp_path / "out" / "summary.md")


def test_a_size_under_what_is_planted_is_refused(setup: Setup, tmp_path: Path) -> None:
    run = Run(replace(setup, work=tmp_path, sizes=(5,), texts=0), Circumstances("scale", 0))
    with pytest.raises(UsageError, match="5 in all were asked for"):
        run.all()
    assert not list(journal.rows(tmp_path / ROWS))


def test_texts_woven_from_others_than_are_given_are_refused(
    rows: list[Row], setup: Setup, folders: dict[str, Path], tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    shutil.copytree(setup.work / "learned", work / "learned")
    shutil.copy(setup.work / "learned.json", work)
    with pytest.raises(UsageError, match=r"woven from docstrings, and .* were given"):
        Run(replace(setup, work=work, sources=(folders["set"],)), Circumstances("scale", 0)).all()
    assert not (work / ROWS).exists()


def test_what_the_disk_has_no_room_for_is_refused_before_anything_is_made(setup: Setup, tmp_path: Path) -> None:
    run = Run(replace(setup, work=tmp_path, codes=(10**15,)), Circumstances("scale", 0))
    with pytest.raises(UsageError, match=r"takes about 10,\d\d\d,\d\d\d.* GB .* give --tidy"):
        run.all()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--sizes", "many"), "not a list of numbers"),
        (("--sizes", "0"), "a number under 1"),
        (("--sizes", ""), "at least one size"),
        (("--codes", "1e400"), "not a list of numbers"),
    ],
)
def test_numbers_that_are_none_are_refused(setup: Setup, tmp_path: Path, flags: tuple[str, str], said: str) -> None:
    words = ["scale", str(tmp_path / "w"), "--source", str(setup.sources[0]), *flags]
    done = CliRunner().invoke(bench, words)
    assert done.exit_code == 2
    assert said in done.output


def test_the_command_prints_tables_and_writes_rows(setup: Setup, rows: list[Row], tmp_path: Path) -> None:
    words = [
        "scale", str(setup.work), "--source", str(setup.sources[0]), "--sets", str(setup.sets[0]), "--sizes", "300,900",
        "--codes", "4e3", "--encoder", "toy", "--n", "2", "--texts", "60", "--json", str(tmp_path / "rows.jsonl"),
    ]  # fmt: skip
    done = CliRunner().invoke(bench, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "cores" in done.output.splitlines()[-1]
    assert list(journal.rows(tmp_path / "rows.jsonl")) == rows
