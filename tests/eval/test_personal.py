"""Questions of a generated life, from its exports through grants and a vault to the window."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from cascade.config import Config
from cascade.errors import BadConfig
from eval import suite
from eval.conditions.personal import NOW, Personal, either
from eval.corpora import Ground, Places
from eval.run import Plan, run
from eval.survival import STAGES, Seen
from eval.work import Task
from indexers.personal.life import Class
from indexers.personal.timewords import time_words

pytest.importorskip("indexers.personal.intake", reason="the path of personal data is not here yet")
pytest.importorskip("PIL")

TINY = """
[suite]
name = "tiny"
seed = 1

[[corpus]]
name = "life"
encoder = "toy"
life = { things = 150, seed = 5 }

[[condition]]
name = "life"
kind = "personal"
corpus = "life"
settings = { reader = "toy", window = 4_000 }

[condition.matrix]
class = ["single-source", "cross-source", "who-said"]
time = ["words", "both"]
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> suite.Suite:
    path = tmp_path_factory.mktemp("suite") / "tiny.toml"
    path.write_text(TINY, "utf-8")
    return suite.load(str(path))


@pytest.fixture(scope="module")
def ground(tiny: suite.Suite, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tiny.conditions[0].corpus, Places(tmp_path_factory.mktemp("cache")))


def test_every_fact_of_a_small_life_is_among_the_117_and_in_the_window(tiny: suite.Suite, ground: Ground) -> None:
    for condition in tiny.conditions:
        with Personal(Task(condition, ground, tiny.seed, 0, Config())) as work:
            found = [work.one(at) for at in range(len(work.ids))]
            stages = work.summary(found)["stages"]
        assert len(found) >= 3
        assert all(link["rank"] or one["filter"] for one in found for link in one["links"]), condition.name
        assert stages["retrieved"].value == 1.0
        assert stages["packed"].value >= 0.6


def test_nothing_that_must_not_appear_is_in_the_vault(ground: Ground) -> None:
    living = ground.living("toy")
    engine = living.engine(Config(reader="toy"))
    assert living.leaked(engine) == set()
    assert living.counts()["left"] >= 5
    assert living.counts()["failed"] == sum(taken.failed for taken in living.taken.values())


def test_everything_that_may_appear_is_in_the_vault(ground: Ground) -> None:
    living = ground.living("toy")
    may = {thing.canary for thing in living.life.things if not thing.barred and "secret" not in thing.extra}
    found = set(living.canaries(living.engine(Config(reader="toy"))))
    assert may - found == set()


def test_a_suite_of_a_life_gives_a_row_for_each_condition_and_leaves_nothing(tiny: suite.Suite, tmp_path: Path) -> None:
    plan = Plan(tmp_path / "out", Places(tmp_path / "cache"), only=("life/single-source/words",), limit=2)
    ((condition, row, measured),) = run(tiny, plan)
    assert (condition.name, measured, row["settings"]["count"]) == ("life/single-source/words", True, 2)
    assert row["settings"]["life"]["records"] > 100
    gc.collect()
    assert list((tmp_path / "cache").glob("life-*")) == []


def test_two_rankings_share_the_117() -> None:
    def seen(rank: int, packed: bool) -> Seen:
        kept = {**dict.fromkeys(STAGES, True), "packed": packed}
        link = {"key": "k", "rank": rank, "kept": kept, "blame": None}
        return Seen(None, None, [link], {"total": 1.0}, 5)  # type: ignore[arg-type]

    assert either(seen(58, True), seen(117, False)).kept == dict.fromkeys(STAGES, True)
    assert either(seen(59, True), seen(117, True)).links[0]["blame"] == "rerank"
    assert either(seen(1, False), seen(1, False)).links[0]["blame"] == "pack"
    assert either(seen(1, True), seen(1, True)).ms == {"total": 2.0}


@pytest.mark.parametrize(("setting", "value"), [("class", "unknown"), ("time", "perhaps")])
def test_a_class_or_a_way_that_is_not_there_is_told(tiny: suite.Suite, ground: Ground, setting: str,
value: str) -> None:
    condition = tiny.conditions[0]
    other = suite.Condition(condition.name, condition.kind, condition.corpus, {**condition.settings, setting: value})
    with pytest.raises(BadConfig, match=value):
        Personal(Task(other, ground, 1, 0, Config()))


def test_the_suite_that_is_shipped_asks_every_class() -> None:
    names = {one.name for one in suite.load("personal").chosen()}
    assert names == {f"{way}/{kind}" for way in ("life", "by-time") for kind in Class}


def test_the_questions_of_facts_are_dated_before_now() -> None:
    said = time_words("Which city did I travel to in May 2026?", NOW)
    assert said is not None
    assert said.range.end is not None and said.range.end <= NOW.date()
