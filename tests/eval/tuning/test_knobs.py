"""What is turned on which index, and which settings that gives."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest

from cascade.config import Config, RetrieveConfig
from cascade.engine import Engine
from cascade.operating import NAMED
from eval.tuning.knobs import LADDERS, TUNER, as_set, cost, ladders, settings, turned, widest


@pytest.fixture
def opened(wide, listed):
    config = Config(reader="toy", threads=1)
    with (
        closing(Engine.open(wide, config)) as one,
        closing(Engine.open(listed, replace(config, scorer="toy"))) as other,
    ):
        yield {"wide": one, "listed": other}


def names(found):
    return [ladder.name.partition(".")[2] for ladder in found]


def test_only_what_changes_something_is_turned(opened):
    assert names(ladders(opened["wide"], "ranked")) == ["width", "lexical"]
    assert names(ladders(opened["wide"], "window")) == ["width", "lexical", "tokens"]
    assert names(ladders(opened["listed"], "ranked")) == ["judged"]


def test_values_that_come_to_the_same_are_tried_once_by_the_default_where_it_is_one_of_them(opened):
    engine = opened["wide"]
    values = {one.name: one.values(engine) for one in ladders(engine, "window")}
    assert values["retrieve.width"] == (1_000, 30_000), "3,000 would be all there are"
    assert values["retrieve.lexical"] == (300, 1_000, 12_000)
    assert values["pack.tokens"] == (256, 512, 0), "the toy's window holds 1,000"


def test_every_value_that_is_tried_may_stand_in_a_point():
    assert all(NAMED[one.name].sound(value) for one in LADDERS for value in one.tried)


def test_settings_are_all_combinations_in_which_words_fit_among_the_candidates(opened):
    engine = opened["wide"]
    made = settings(engine, ladders(engine, "ranked"))
    pairs = [tuple(value for _, value in one) for one in made]
    assert pairs == [(1_000, 300), (1_000, 1_000), (30_000, 300), (30_000, 1_000), (30_000, 12_000)]
    assert dict(widest(engine, ladders(engine, "ranked"))) == {"retrieve.width": 30_000, "retrieve.lexical": 12_000}


def test_the_more_patient_a_setting_is_the_more_it_costs():
    few, many = ((("retrieve.scanned", 10), ("retrieve.patience", patience)) for patience in (0.05, 0.0))
    more = (("retrieve.scanned", 20), ("retrieve.patience", 0.05))
    assert cost(few) < cost(many) < cost(more)


def test_what_is_turned_comes_before_what_anybody_said(opened):
    chosen = ladders(opened["wide"], "ranked")
    config = Config(retrieve=RetrieveConfig(width=7_000), origins={"retrieve.width": "cascade.toml"})
    found = turned(config, (("retrieve.width", 2_000),))
    assert (found.retrieve.width, found.origins) == (2_000, {"retrieve.width": TUNER})
    assert dict(as_set(config, chosen)) == {"retrieve.width": 7_000, "retrieve.lexical": 12_000}
