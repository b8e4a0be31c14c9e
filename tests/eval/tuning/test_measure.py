"""One question at one setting: the engine's own path, with what survives each stage and what it takes."""

from __future__ import annotations

import numpy as np
import pytest

from eval.tuning.asked import Wanted
from eval.tuning.measure import ask, courses

NARROW = (("retrieve.width", 117), ("retrieve.lexical", 0))
WIDE = (("retrieve.width", 30_000), ("retrieve.lexical", 30))


def test_what_survives_is_what_the_engine_finds_at_that_setting(place):
    wanted = place.asked[0]
    (narrow, wide) = courses(place.engine, [NARROW, WIDE], "ranked")
    (seen,) = ask(wide, wanted, "ranked").values()
    assert seen.kept["nearest"].tolist() == [True] * 117
    assert [flags.tolist() for stage, flags in seen.kept.items() if stage != "nearest"] == [[True], [True]]
    (less,) = ask(narrow, wanted, "ranked").values()
    rows = narrow.members[0][1].ranking(117).run(place.engine.query(wanted.text)).candidates.rows
    assert less.kept["nearest"].tolist() == np.isin(wanted.nearest, rows).tolist()
    assert not less.kept["nearest"].all(), "codes and few lists lose some"


def test_each_stage_has_its_time_and_the_total_is_their_sum(place):
    (course,) = courses(place.engine, [WIDE], "window")
    (seen,) = ask(course, place.asked[0], "window").values()
    assert list(seen.ms) == ["encode", "retrieve", "scan", "feedback", "select", "total", "pack"]
    assert sum(ms for name, ms in seen.ms.items() if name != "total") == pytest.approx(seen.ms["total"], abs=0.01)
    assert not seen.late


def test_settings_that_pack_otherwise_share_a_ranking_and_each_is_charged_for_it(place):
    few, many = ((*WIDE, ("pack.tokens", tokens)) for tokens in (30, 0))
    (course,) = courses(place.engine, [few, many], "window")
    seen = ask(course, place.asked[0], "window")
    assert seen[few].tokens <= 30 < seen[many].tokens
    assert seen[few].ms["scan"] == seen[many].ms["scan"]
    assert seen[few].kept["ranked"].tolist() == seen[many].kept["ranked"].tolist()
    packed = place.engine.packing(query := place.engine.query(place.asked[0].text)).run(query)
    held = {one.row for block in packed.blocks for one in block.ranked}
    assert seen[many].kept["window"].tolist() == [bool(held & set(thing)) for thing in place.asked[0].things]


def test_any_row_of_a_thing_will_do_and_each_thing_counts_by_itself(place):
    ((row,),) = place.asked[0].things
    gone = next(n for n in range(300) if n != row and n not in place.asked[0].nearest)
    wanted = Wanted("x", "set", place.asked[0].text, ((gone, row), (gone,)))
    (narrow,) = courses(place.engine, [NARROW], "ranked")
    (seen,) = ask(narrow, wanted, "ranked").values()
    assert seen.kept["ranked"][0]
    assert "nearest" not in seen.kept
