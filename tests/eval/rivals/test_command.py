"""`cascade bench peers` from end to end over a few thousand passages, with rivals in processes of their own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cascade.errors import CascadeError, UnknownName
from eval.bench.rivals.given import Given
from eval.bench.rivals.laying import Wanted
from eval.bench.rivals.talking import Child
from eval.cli import bench

ONLY = ("cascade", "cascade-retrieve", "faiss-ivf-pqfs")


def run(work: Path, wanted: Wanted, *words: str, only: tuple[str, ...] = ONLY) -> Result:
    names = [word for name in only for word in ("--only", name)]
    given = ["--words", "12", "--n", "12", "--passages", "1500", "--k", "117", "--encoder", "toy", "--threads", "1"]
    return CliRunner().invoke(bench, ["peers", str(work), str(wanted.corpora[0].parent), *given, *names, *words])


@pytest.fixture(scope="module")
def done(wanted: Wanted, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A finished run: its folder, and the rows."""
    work = tmp_path_factory.mktemp("run")
    found = run(work, wanted, "--json", "--out", str(work / "out"))
    assert found.exit_code == 0, found.output
    return work, [json.loads(line) for line in found.stdout.splitlines()]


def test_each_rival_has_a_row_for_its_building_and_for_each_setting(done: tuple[Path, list[dict[str, Any]]]) -> None:
    rows = done[1]
    built = {row["settings"]["peer"]: row["summary"] for row in rows if row["settings"]["comparison"] == "build"}
    assert set(built) == {"cascade", "faiss-ivf-pqfs"}, "one folder serves both of Cascade's"
    assert all(said["seconds"] > 0 and said["bytes"] > 1500 * 64 for said in built.values())
    asked = [row for row in rows if "setting" in row["settings"]]
    assert {row["settings"]["peer"] for row in asked} == set(ONLY)
    for row in asked:
        assert len(row["queries"]) == 12
        assert row["summary"]["survival"] == pytest.approx(sum(q["survival"] for q in row["queries"]) / 12, abs=1e-3)
        assert row["summary"]["ms"][0] <= row["summary"]["ms"][1]


def test_exact_search_keeps_nearly_all(done: tuple[Path, list[dict[str, Any]]]) -> None:
    best = max(
        row["summary"]["survival"] for row in done[1] if row["settings"]["peer"] == "cascade" and "k" in row["settings"]
    )
    assert best > 0.85, "the toy encoder's vectors nearly tie, and int8 turns round what nearly ties"


def test_tables_a_picture_and_all_rows_are_written(done: tuple[Path, list[dict[str, Any]]]) -> None:
    out = done[0] / "out"
    page = (out / "summary.md").read_text()
    assert "## 1,500 passages" in page
    assert "### Nomination, k = 117" in page
    assert "### Whole retrieval, k = 117" in page
    assert "faiss/wiki" in page
    assert (out / "survival.png").read_bytes().startswith(b"\x89PNG")
    lines = gzip.decompress((out / "rows.jsonl.gz").read_bytes()).decode().splitlines()
    assert len(lines) == len(done[1])


def test_the_same_command_again_measures_nothing_anew(done: tuple[Path, list[dict[str, Any]]], wanted: Wanted) -> None:
    again = run(done[0], wanted, "--json")
    rows = [json.loads(line) for line in again.stdout.splitlines()]
    assert [row["summary"] for row in rows] == [row["summary"] for row in done[1]]


def test_a_rival_whose_process_dies_is_named_with_the_reason_and_the_others_go_on(
    done: tuple[Path, list[dict[str, Any]]], wanted: Wanted
) -> None:
    index = done[0] / "1500" / "faiss-ivf-pqfs" / "own" / "index.faiss"
    whole = index.read_bytes()
    index.write_bytes(whole[:100])
    try:
        (done[0] / "1500" / "nomination-117.json").unlink()
        page = run(done[0], wanted).stdout
    finally:
        index.write_bytes(whole)
    assert "- faiss-ivf-pqfs, 1,500 passages, k = 117: faiss-ivf-pqfs: RuntimeError" in page
    assert "| cascade |" in page


def test_a_rival_above_its_own_limit_is_not_asked(tmp_path: Path) -> None:
    from eval.bench.rivals.building import Care, build
    from eval.bench.rivals.resolve import rival

    class Many:
        folder = tmp_path

        def __len__(self) -> int:
            return 100_001

    said = build(rival("qdrant-local"), Many(), Care())  # type: ignore[arg-type]
    assert said == "Not asked above 100,000 passages. The client itself warns above 20,000 points."
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("--passages", "many"), ("--k", "0"), ("--passages", "")])
def test_what_is_no_list_of_numbers_is_a_wrong_use(tmp_path: Path, wanted: Wanted, words: tuple[str, ...]) -> None:
    assert run(tmp_path, wanted, *words).exit_code == 2


def test_an_unknown_rival_is_refused_with_the_names_there_are(tmp_path: Path, wanted: Wanted) -> None:
    found = run(tmp_path, wanted, only=("elastic",))
    assert isinstance(found.exception, UnknownName)
    assert "lancedb-ivf-pq" in str(found.exception)


def test_a_rival_that_takes_too_long_is_stopped_and_said_to_be(given: Given, tmp_path: Path) -> None:
    with (
        Child("faiss-flat", given.folder, tmp_path / "own", 1, patience=0.01) as child,
        pytest.raises(CascadeError, match=r"stopped after 0 s\. Give it longer: --patience"),
    ):
        child.order("build")


def test_a_process_that_ended_is_told_with_what_it_said_last(tmp_path: Path) -> None:
    with Child("faiss-flat", tmp_path, tmp_path / "own") as child, pytest.raises(CascadeError, match=r"given\.json"):
        child.order("memory")


def test_a_comparison_that_was_stopped_goes_on_at_its_last_block(
    done: tuple[Path, list[dict[str, Any]]], wanted: Wanted
) -> None:
    folder = done[0] / "1500"
    whole = json.loads((folder / "nomination-117.json").read_text())
    seen = [
        {"at": at, "survival": 1.0, **{key: one[key] for key in ("ms", "cpu", "kept")}, "found": 117}
        for at, one in enumerate(whole["rows"][0]["queries"][:10])
    ]
    course = {"name": "cascade", "setting": whole["rows"][0]["settings"]["setting"], "seen": seen}
    (folder / "nomination-117.json").unlink()
    (folder / "nomination-117.notes").write_text(json.dumps({"key": whole["key"], "courses": [course]}))
    rows = [json.loads(line) for line in run(done[0], wanted, "--json").stdout.splitlines()]
    (row,) = [one for one in rows if one["settings"]["comparison"] == "nomination"]
    assert [one["ms"] for one in row["queries"][:10]] == [one["ms"] for one in whole["rows"][0]["queries"][:10]]
    assert len(row["queries"]) == 12
    assert not list(folder.glob("*.notes"))
