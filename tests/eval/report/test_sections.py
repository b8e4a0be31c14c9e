"""Each part of the report: its figures are those of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import synthetic

from eval.intervals import Interval, wilson
from eval.report.blocks import Cell, Keys, Picture, Section, Table, Tone
from eval.report.drawings import Curves, Dots, Heat
from eval.report.reading import Results, read
from eval.report.sections import (
    answers,
    calibration,
    everything,
    glance,
    head,
    latency,
    lives,
    lost,
    maps,
    sets,
    special,
    survival,
)
from eval.report.values import between, share

RANDOM = Random(3)


@pytest.fixture
def given(tmp_path: Path) -> Any:
    return lambda *rows: read([synthetic.write(rows, tmp_path / "x.jsonl")])


def table(section: Section, name: str) -> Table:
    return next(block for block in section.blocks if isinstance(block, Table) and block.name == name)


def picture(section: Section, name: str) -> Picture:
    return next(block for block in section.blocks if isinstance(block, Picture) and block.name == name)


def texts(row: Sequence[Cell]) -> list[str]:
    return [cell.text for cell in row]


def column(found: Table, title: str) -> list[Cell]:
    at = [one.title for one in found.columns].index(title)
    return [row[at] for row in found.rows]


def simple(name: str, ours: float, rival: float, less: list[float], **more: Any) -> Any:
    summary = {
        "systems": {"rrf": {"ndcg@10": [rival, rival - 0.1, rival + 0.1]}, "cascade": {"ndcg@10": [ours, 0.1, 0.9]}},
        "differences": {"rrf": {"ndcg@10": less}},
        "kept": [0.9, 0.8, 0.95],
    }
    return synthetic.row("sets", f"sets-{name}", {"set": name, "questions": 20, "passages": 1000, **more}, summary)


def test_the_head_says_where_when_and_how_many(results: Results) -> None:
    said = {row[0].text: row[1].text for row in table(head.section(results), "circumstances").rows}
    assert said["commit"] == "807651b0c0de"
    assert said["date"] == "2026-11-20 07:12:44 UTC"
    assert said["machine"] == "AMD EPYC 7B13, 2 cores, 25 GiB, Linux x86_64"
    assert said["load"].startswith("0.31 to 1.94")
    assert said["seed"] == "7"
    assert said["rows"].startswith(f"{len(results.rows)} (sets 15, needles 80, answers 8, latency 4)")
    assert said["not read"] == "nothing: every line was read"


def test_what_differs_between_rows_is_said_once_each(given: Any) -> None:
    rows = [simple("a", 0.5, 0.4, [0.1, 0, 0.2]), simple("b", 0.5, 0.4, [0.1, 0, 0.2])]
    rows[1] |= {"commit": "abc", "date": "2026-11-21T00:00:00+00:00", "machine": None, "versions": None}
    said = {row[0].text: row[1].text for row in table(head.section(given(*rows)), "circumstances").rows}
    assert said["commit"] == "807651b0c0de; abc"
    assert said["date"] == "2026-11-20 07:12:44 UTC to 2026-11-21 00:00:00 UTC"


def test_the_glance_is_of_the_group_and_the_largest_size(results: Results) -> None:
    (block,) = glance.section(results).blocks
    assert isinstance(block, Keys)
    labels = [key.label for key in block.keys]
    assert labels[:2] == ["all@117, mean of the 6 sets of “six”", "nDCG@10, mean of the 6 sets of “six”"]
    assert "needles among the 117 at 1,000,000 passages · effort high" in labels
    assert "answers right at 1,000,000 passages" in labels
    assert block.keys[-1].value.endswith(" ms")


def test_a_mean_over_sets_counts_each_set_the_same(given: Any) -> None:
    found = given(simple("a", 0.4, 0.2, [0.2, 0.1, 0.3]), simple("b", 0.8, 0.8, [0.0, -0.1, 0.1]))
    means = table(sets.section(found), "means-all")
    assert column(means, "system")[0].text == "cascade"
    assert [cell.text for cell in column(means, "nDCG@10")] == [".600", ".500"]
    last = means.rows[1][-1]
    assert (last.text, last.small, last.tone) == ("+.100", ("[+.029, +.171]",), Tone.BETTER)


@pytest.mark.parametrize(
    ("less", "tone"),
    [
        ([0.1, 0.01, 0.2], Tone.BETTER),
        ([-0.1, -0.2, -0.01], Tone.WORSE),
        ([0.1, -0.01, 0.2], Tone.SAME),
        (0.1, Tone.NONE),
    ],
)
def test_a_difference_is_better_or_worse_only_beyond_its_interval(given: Any, less: Any, tone: Tone) -> None:
    by_set = table(sets.section(given(simple("a", 0.5, 0.4, less))), "ndcg-10-by-set")
    cell = column(by_set, "rrf")[0]
    assert cell.text == ".400"
    assert cell.tone is tone
    assert cell.apart.startswith("−" if tone is Tone.WORSE else "+")


def test_the_table_of_sets_ends_with_the_means_of_group_and_all(results: Results) -> None:
    found = table(sets.section(results), "all-117-by-set")
    assert found.sums == 2
    assert [row[0].text for row in found.rows[-2:]] == ["mean, six", "mean, all"]
    assert [row[0].text for row in found.rows[8:11]] == ["xquad_xling · en", "xquad_xling · de", "xquad_xling · ar"]


def test_a_special_kind_of_a_set_that_has_its_own_row_does_not_count_twice(given: Any) -> None:
    rows = [
        simple("a", 0.4, 0.2, [0.2, 0.1, 0.3]),
        {**simple("a", 0.9, 0.2, [0.7, 0.6, 0.8], kind_of_query="negation"), "condition": "negation"},
        simple("b", 0.6, 0.2, [0.4, 0.3, 0.5]),
    ]
    assert column(table(sets.section(given(*rows)), "means-all"), "nDCG@10")[0].text == ".500"


def test_encoders_are_not_mixed(given: Any) -> None:
    rows = [
        {**simple(name, level, 0.2, [0.2, 0.1, 0.3], encoder=encoder), "condition": f"{name}-{encoder}"}
        for name in "ab"
        for encoder, level in (("minilm", 0.6), ("static", 0.5))
    ]
    found = sets.section(given(*rows))
    assert column(table(found, "means-all-minilm"), "nDCG@10")[0].text == ".600"
    assert column(table(found, "means-all-static"), "nDCG@10")[0].text == ".500"
    names = [block.name for block in found.blocks if isinstance(block, Picture)]
    assert len(names) == len(set(names)) == 4


def test_the_picture_of_differences_has_a_panel_for_each_other_system(results: Results) -> None:
    drawing = picture(sets.section(results), "differences").drawing
    assert isinstance(drawing, Dots)
    assert [title for title, _ in drawing.panels] == [f"less {who}" for who in synthetic.SYSTEMS if who != "cascade"]
    assert drawing.zero


def test_the_funnel_pools_depths_and_counts_needles(results: Results) -> None:
    funnel = table(survival.section(results), "funnel")
    line = next(row for row in funnel.rows if texts(row)[:2] == ["multi-key", "1,000"])
    rows = [row for row in results.rows if row.settings.get("class") == "multi-key" and row.passages == 1_000]
    queries = [query for row in rows if row.kind == "needles" for query in row.queries]
    packed = sum(query["kept"]["packed"] for query in queries)
    assert len(queries) == 150
    cell = line[[one.title for one in funnel.columns].index("packed")]
    assert cell.text == share(packed / 150)
    assert cell.small == (between(wilson(packed, 150)), f"{packed} of 150")


def test_the_funnel_ends_with_answers_of_the_same_class_and_size(results: Results) -> None:
    funnel = table(survival.section(results), "funnel")
    said = {
        (row[0].text, row[1].text): cell.text for row, cell in zip(funnel.rows, column(funnel, "answered"), strict=True)
    }
    asked = next(row for row in results.rows if row.condition == "answers-conflict-10000")
    assert said["conflict", "10,000"] == share(asked.summary["accuracy"]["cascade"][0])
    assert said["multi-key", "10,000"] == "–"


def test_the_funnel_names_the_stage_that_lost_the_most_first(given: Any) -> None:
    made = synthetic.needle_row(RANDOM, "single", 1_000)
    made["summary"]["blame"] = {"pack": 1, "rerank": 3}
    assert column(table(survival.section(given(made)), "funnel"), "lost at")[0].text == "rerank 3, pack 1"


def test_needles_of_each_encoder_have_their_own_pictures(given: Any) -> None:
    rows = [synthetic.needle_row(RANDOM, "single", 1_000, position=at) for at in (0.0, 1.0) for _ in "ab"]
    for made, encoder in zip(rows, ("minilm", "static") * 2, strict=True):
        made["settings"]["encoder"] = encoder
        made["condition"] += encoder
    found = given(*rows)
    names = [block.name for part in (survival, maps) for block in part.section(found).blocks]
    assert names[:4] == ["survival-minilm", "funnel-minilm", "survival-static", "funnel-static"]
    assert names[4:] == [
        f"map-{what}-{who}" for who in ("minilm", "static") for what in ("class", "position", "list-size")
    ]
    assert texts(table(survival.section(found), "funnel-static").rows[0])[:3] == ["single", "1,000", "100"]


def test_without_answers_the_funnel_has_no_such_step(given: Any) -> None:
    found = survival.section(given(synthetic.needle_row(RANDOM, "single", 1_000)))
    assert "answered" not in [one.title for one in table(found, "funnel").columns]
    drawing = picture(found, "survival").drawing
    assert isinstance(drawing, Curves)
    assert drawing.names == ("dense", "lexical", "either", "reranked", "packed")
    assert drawing.panels[0].lines[0].alone == 2


def test_answers_alone_still_have_a_funnel(given: Any) -> None:
    found = table(survival.section(given(synthetic.answers_row(RANDOM, "single", 1_000))), "funnel")
    assert texts(found.rows[0])[:3] == ["single", "1,000", "60"]


def test_the_worst_were_lost_earliest_and_by_the_greatest_distance(given: Any) -> None:
    def link(key: str, blame: str | None, margin: float | None, rank: int | None = None) -> dict[str, Any]:
        return {"key": key, "dense": 9, "lexical": None, "rank": rank, "margin": margin, "blame": blame}

    made = synthetic.needle_row(RANDOM, "single", 1_000)
    made["queries"] = [
        {"_id": "1", "question": "kept", "links": [link("a", None, 1.0, 3)]},
        {"_id": "2", "question": "packed out", "links": [link("b", "pack", -9.0, 40)]},
        {"_id": "3", "question": "near", "links": [link("c", "rerank", -0.1, 130)]},
        {"_id": "4", "question": "far", "links": [link("d", "rerank", -0.2, 125), link("e", "rerank", -2.0, 900)]},
        {"_id": "5", "question": "never seen", "links": [link("f", "retrieve", None)]},
    ]
    found = table(lost.section(given(made)), "worst-needles")
    assert texts(column(found, "query")) == ["never seen", "far", "near", "packed out"]
    assert texts(found.rows[1]) == ["far", "single", "1,000", "rerank", "9", "–", "900", "−2.000"]
    assert found.rows[1][0].small == ("e",)


def test_no_more_than_twenty_are_listed(results: Results) -> None:
    found = table(lost.section(results), "worst-sets")
    assert len(found.rows) == 20
    assert found.caption.startswith("The worst 20 of ")


def test_a_map_has_sizes_across_and_depths_down(results: Results) -> None:
    found = picture(maps.section(results), "map-position")
    assert isinstance(found.drawing, Heat)
    grid = next(one for one in found.drawing.grids if one.title == "no-overlap")
    assert (grid.rows, grid.columns) == (("0", "0.5", "1"), ("1k", "10k", "100k", "1M"))
    row = next(row for row in results.rows if row.condition == "no-overlap-100000-1.0-120")
    assert grid.cells[2][2] == Interval(*row.summary["stages"]["reranked"])
    cell = next(one for one in found.tables if one.caption == "no-overlap").rows[2][3]
    assert cell.text == share(row.summary["stages"]["reranked"][0])


def test_a_depth_that_was_not_varied_has_no_map(results: Results) -> None:
    names = {block.name for block in maps.section(results).blocks if isinstance(block, Picture)}
    assert names == {"map-class", "map-position", "map-length", "map-list-size"}


def test_list_sizes_are_cut_in_quarters_and_each_needle_counts_once(given: Any) -> None:
    made = synthetic.needle_row(RANDOM, "single", 1_000)
    made["queries"] = [
        {"_id": str(i), "kept": {"reranked": i % 8 != 0}, "links": [{"key": "k", "list_size": size}, {"key": "l"}]}
        for i, size in enumerate([10] * 8 + [20] * 8 + [30] * 8 + [40] * 8)
    ]
    drawing = picture(maps.section(given(made)), "map-list-size").drawing
    assert isinstance(drawing, Heat)
    assert drawing.grids[0].rows == ("10 to 19", "20 to 29", "30 to 39", "40 and more")
    assert all(line == (wilson(7, 8),) for line in drawing.grids[0].cells)


def test_the_graders_errors_stand_beside_every_score(results: Results) -> None:
    found = table(answers.section(results), "answers-right")
    assert [one.title for one in found.columns[3:]] == [
        "cascade", "passage alone", "window filled", "gold rejected", "vague wrong accepted", "specific wrong accepted"
    ]  # fmt: skip
    rejected, vague, specific = found.rows[0][-3:]
    assert (rejected.text, rejected.small) == (".000", ("[.000, .019]",))
    assert (vague.text, specific.text, specific.small) == (".000", ".005", ())


def test_answers_are_pooled_over_classes_in_the_first_panel(results: Results) -> None:
    drawing = picture(answers.section(results), "answers").drawing
    assert isinstance(drawing, Curves)
    assert [panel.title for panel in drawing.panels] == ["all classes", "single", "conflict"]
    pooled = drawing.panels[0].lines[0]
    rows = [row for row in results.rows if row.kind == "answers" and row.passages == 1_000]
    right = sum(query["right"]["cascade"] for row in rows for query in row.queries)
    assert pooled.points[0].found == wilson(right, 120)


def test_cost_is_added_up_over_stages(results: Results) -> None:
    found = table(answers.section(results), "cost")
    assert texts(found.rows[0])[2:] == ["1,014", "41.0", "52.0", "1.1", "1,830.0", "1,924.1"]


def test_readers_are_not_mixed(given: Any) -> None:
    rows = [synthetic.answers_row(RANDOM, "single", 1_000) for _ in range(2)]
    rows[1] |= {"condition": "other", "settings": {**rows[1]["settings"], "reader": "extractive"}}
    found = answers.section(given(*rows))
    assert [block.name for block in found.blocks if isinstance(block, Picture)] == [
        "answers-local",
        "answers-extractive",
    ]


def test_latency_is_median_with_p95_under_it(results: Results) -> None:
    found = table(latency.section(results), "times")
    row = next(row for row in results.rows if row.condition == "latency-10000")
    median, p95 = row.summary["stages"]["scan"]
    cell = column(found, "scan")[1]
    assert (cell.text, cell.small) == (f"{median:,.1f}", (f"{p95:,.1f}",))
    assert column(found, "survival")[1].text == ".997"


def test_without_timed_rows_latency_comes_from_the_needles(given: Any) -> None:
    found = latency.section(given(synthetic.needle_row(RANDOM, "single", 1_000)))
    assert table(found, "times").caption.endswith("while needles were sought")


def test_calibration_error_is_the_mean_distance_by_passages() -> None:
    assert calibration.error([(0.2, 0.1, 30), (0.9, 0.8, 10), (0.5, 0.9, 10)]) == pytest.approx(0.16)
    assert calibration.error([]) == 0


def test_bins_of_all_sets_are_merged_in_tenths(given: Any) -> None:
    rows = [simple(name, 0.5, 0.4, [0.1, 0, 0.2]) for name in "ab"]
    rows[0]["summary"]["calibration"] = [{"said": 0.12, "true": 0.1, "n": 30}, {"said": 1.0, "true": 0.9, "n": 5}]
    rows[1]["summary"]["calibration"] = [{"said": 0.16, "true": 0.5, "n": 10}, {"said": 0.3, "true": None, "n": 9}]
    found = calibration.section(given(*rows))
    assert [texts(row)[:4:3] + texts(row)[1:2] for row in table(found, "bins").rows] == [
        [".130", "40", ".200"], ["1.000", "5", ".900"]
    ]  # fmt: skip
    assert texts(table(found, "errors").rows[-1]) == ["all together", "45", ".073"]


def test_the_stop_rule_has_a_table_where_rows_hold_it(given: Any) -> None:
    made = simple("a", 0.5, 0.4, [0.1, 0, 0.2])
    made["summary"]["stop"] = [{"sent": 12, "all@117": [0.5, 0.4, 0.6]}, {"sent": 117, "all@117": [0.6, 0.5, 0.7]}]
    (found,) = calibration.section(given(made)).blocks
    assert isinstance(found, Table)
    assert [texts(row) for row in found.rows] == [["12", ".500 [.400, .600]"], ["117", ".600 [.500, .700]"]]


def test_every_special_kind_of_query_has_a_row(results: Results) -> None:
    found = table(special.section(results), "kinds")
    assert texts(column(found, "kind")) == [
        "language en", "language de", "language ar", "very short", "very long", "negation", "code"
    ]  # fmt: skip


def test_everything_holds_each_row_once_with_its_anchor_and_its_line(results: Results, file: Path) -> None:
    found = everything.section(results, {file: "../full.jsonl"})
    rows = [row for fold in found.blocks for one in getattr(fold, "blocks", ()) for row in one.rows]
    assert sorted(row[0].anchor for row in rows) == sorted(row.anchor for row in results.rows)
    assert {row[-1].link for row in rows} == {"../full.jsonl"}
    assert rows[0][-1].text == "full.jsonl, line 1"


def test_a_generated_life_has_a_row_a_class_with_what_leaked(given: Any) -> None:
    stages = {"dense": [1, 0.9, 1], "retrieved": [1, 0.9, 1], "reranked": [0.97, 0.9, 1], "packed": [0.94, 0.86, 0.98]}
    life = {"records": 2074, "left": 193, "scrubbed": 35}
    settings = {"class": "cross-source", "time": "both", "count": 69, "life": life}
    summary = {"stages": stages, "leaked": 2, "latency_ms": {"total": [108.2, 184.1]}}
    found = table(lives.section(given(synthetic.row("personal", "life/cross-source", settings, summary))), "lives")
    assert texts(column(found, "class")) == ["cross-source"]
    assert texts(column(found, "packed"))[0].startswith(".940")
    assert texts(column(found, "leaked")) == ["2"]
    assert texts(column(found, "ms, median / p95")) == ["108 / 184"]
    assert "2,074 records were taken in, 193 left out, 35 secrets taken out" in found.note


PARTS = [head, glance, sets, survival, lost, maps, answers, lives, latency, calibration, special]


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__.rpartition(".")[2])
@pytest.mark.parametrize("kind", ["sets", "needles", "answers", "latency"])
def test_a_row_that_says_nothing_stops_no_part(given: Any, part: Any, kind: str) -> None:
    odd = {"stages": 3, "systems": [], "calibration": {}, "accuracy": None, "latency_ms": {"x": "y"}, "blame": []}
    found = given(
        synthetic.row(kind, "empty", {}, {}, [{}]),
        synthetic.row(kind, "odd", {"passages": "x", "depth": 3, "count": "y"}, odd, [{"kept": 1, "links": [3, {}]}]),
    )
    assert isinstance(part.section(found), Section)


def test_a_class_that_was_not_measured_at_every_size_is_not_pooled(results: Results) -> None:
    rows = [row for row in results.rows if row.kind != "answers" or row.settings["class"] != "conflict"]
    rows += [row for row in results.rows if row.kind == "answers" and row.settings["class"] == "conflict"][:1]
    drawing = picture(answers.section(replace(results, rows=tuple(rows))), "answers").drawing
    assert isinstance(drawing, Curves)
    assert "all classes" not in [panel.title for panel in drawing.panels]
