from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from small import build, prose

from cascade.engine import Engine
from cascade.errors import BadConfig, NoIndex, UnknownName, UsageError
from eval.bench.load import Setup, measure, overhead
from eval.cli import bench


def run(*words: str) -> str:
    done = CliRunner().invoke(bench, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_each_command_prints_a_table_with_its_footing(index: Path, folders: dict[str, Path], tmp_path: Path) -> None:
    given = str(folders["set"])
    shown = {
        "corpus": run("corpus", str(tmp_path / "i"), given, "--encoder", "toy", "--limit", "5"),
        "latency": run("latency", str(index), "--queries", given, "--n", "3", "--cold", "0"),
        "quality": run("quality", str(index), "--sets", given, "--questions", "3"),
        "scan": run("scan", str(index), "--n", "2", "--runs", "2", "--candidates", "20"),
        "ageing": run("ageing", str(tmp_path / "aged"), "--adds", "9", "--records", "2"),
        "encoding": run("encoding", given, "--runs", "1"),
        "checks": run("checks", str(index), "--n", "3", "--runs", "1"),
    }
    for text in shown.values():
        assert "cores" in text.splitlines()[-1]
    assert "passages/s" in shown["corpus"]
    assert "survival" in shown["latency"].splitlines()[0]
    assert "without late" in shown["quality"]
    assert shown["scan"].startswith("scan of 20 candidates")
    assert "9 of 2 passages" in shown["ageing"]
    assert re.search(r"ratio +\d\.\d{3} \(median of pairs\)", shown["checks"])
    assert re.search(r"^1 at once +[\d.]+ / [\d.]+ ms each, one by one", shown["encoding"], re.M)
    assert re.search(r"passages written +2\.0 times each", shown["ageing"]), "all nine are merged once, at the end"
    assert re.search(r"segments +1 at the end, 8 at most", shown["ageing"])


def test_json_gives_a_row_a_setting_with_every_query(index: Path, folders: dict[str, Path]) -> None:
    flags = ("--n", "3", "--cold", "0", "--no-peer", "--scanned", "10,200", "--json", "--seed", "4")
    text = run("latency", str(index), "--queries", str(folders["set"]), *flags)
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["settings"]["scanned"] for row in rows] == [10, 200]
    assert all(len(row["queries"]) == 3 and row["seed"] == 4 for row in rows)


def test_a_fusion_is_given_by_name_and_weights(index: Path, folders: dict[str, Path]) -> None:
    text = run("quality", str(index), "--sets", str(folders["set"]), "--weights", "mine=dense:2,late:0")
    assert any(line.startswith("mine") for line in text.splitlines())


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("--history", "some"), UnknownName, "none, last, users, all"),
        (("--weights", "mine=colour:2"), BadConfig, "colour"),
    ],
)
def test_a_wrong_flag_says_what_there_is(index: Path, folders: dict[str, Path], words, error, said) -> None:
    done = CliRunner().invoke(bench, ["quality", str(index), "--sets", str(folders["set"]), *words])
    assert isinstance(done.exception, error)
    assert said in str(done.exception)


@pytest.mark.parametrize("words", [("--scanned", "a,b"), ()])
def test_what_cannot_be_read_is_a_wrong_use(index: Path, folders: dict[str, Path], words) -> None:
    given = ("--queries", str(folders["set"])) if words else ()
    assert CliRunner().invoke(bench, ["latency", str(index), *given, *words]).exit_code == 2


def test_a_folder_that_is_no_index_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(bench, ["scan", str(tmp_path)])
    assert isinstance(done.exception, NoIndex)


def test_a_server_is_started_asked_and_stopped(fresh):
    root = fresh()
    build(root, prose(40))
    flags = ("--queue", "0", "--threads", "1")
    one, many = measure(root, ["river bridge", "violin score"], Setup((1, 40), 1.5, 3, flags))
    assert (one.summary["failed"], one.summary["refused"], set(one.summary["codes"])) == (0, 0, {200})
    assert one.summary["answered"] == one.summary["codes"][200] == len(one.queries)
    assert (many.summary["failed"], many.summary["unsaid"], many.summary["after"]) == (0, 0, 200)
    assert many.summary["codes"][503] == many.summary["refused"] > 0
    engine = Engine.open(root)
    found = overhead(engine, ["river bridge"], 3)
    engine.close()
    assert (found.summary["same"], len(found.queries)) == (True, 3)


def test_a_long_prompt_is_asked_at_ten_depths_and_each_answer_is_judged_by_its_code(tmp_path: Path) -> None:
    hay = tmp_path / "hay"
    hay.mkdir()
    rows = [{"_id": str(n), "text": f"Remark {n} on the hill {n % 37} behind the old mill."} for n in range(4000)]
    (hay / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    row = json.loads(run("prompt", str(hay), "--tokens", "40000", "--json"))
    said = row["summary"]
    assert said["tokens"] >= 40_000
    assert (said["found"], said["needles"]) == (10, 10)
    assert [turn["depth"] for turn in row["queries"]] == [place / 9 for place in range(10)]
    assert said["first_seconds"] > 0 and said["rss_anon_peak"] > 10_000_000
    with pytest.raises(UsageError, match="There are only"):
        run("prompt", str(hay), "--tokens", "4000000")
