"""An index's operating point: over the defaults, under whatever anybody said, and no other than it may be."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from small import build, prose

from cascade.cli import root as cli
from cascade.config import Config, PackConfig, RetrieveConfig, load
from cascade.data import Effort
from cascade.engine import Engine
from cascade.errors import Corrupt
from cascade.index import manifest
from cascade.index.layout import Layout
from cascade.index.writer import Writer
from cascade.models.toy import ToyEncoder, ToyReader, ToyScorer
from cascade.operating import INDEX, KNOBS, NOTE, Point, applied, parse, scaled, sound

SETTINGS = {"retrieve.width": 9_000, "retrieve.scanned": 50_000, "rerank.judged": 40, "pack.tokens": 500}
POINT = Point(
    SETTINGS, "2026-11-28T05:00:00+00:00", 120, "ranked", "needles", 200, 7, (0.98, 0.95, 0.99), (41.0, 63.5),
    (0.95, 150.0),
)  # fmt: skip
SAID = POINT.as_json()


def test_a_point_comes_back_from_json_as_it_was():
    assert parse(json.loads(json.dumps(SAID))) == POINT
    assert parse({**SAID, "sets": ["a", "b"]}).sets == ("a", "b")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("settings", None), ("settings", []), ("settings", {"retrieve.follow": 5}),
        ("settings", {"retrieve.width": 116}),
        ("settings", {"retrieve.width": 30_001}), ("settings", {"retrieve.width": 500.0}),
        ("settings", {"retrieve.width": True}), ("settings", {"retrieve.patience": 1.1}),
        ("settings", {"retrieve.patience": float("nan")}), ("settings", {"retrieve.scanned": 0}),
        ("settings", {"rerank.judged": 0}),
        ("settings", {"pack.tokens": -1}), ("measured", "yesterday"), ("measured", 5), ("passages", -1),
        ("passages", 1.0), ("passages", True), ("kept", "found"), ("by", "me"), ("questions", None), ("seed", "1"),
        ("survival", [0.9, 0.95, 1.0]), ("survival", [0.9, 0.8]), ("survival", [1.2, 0.8, 1.3]), ("survival", 0.9),
        ("ms", [1]), ("ms", [1, float("inf")]), ("wanted", [0.9, -1]), ("relative", 1), ("sets", "a"), ("sets", [1]),
        ("colour", "red"),
    ],
)  # fmt: skip
def test_an_impossible_or_unknown_field_is_refused_by_name(field, value):
    with pytest.raises(ValueError, match=field):
        parse({**SAID, field: value})
    assert not sound({**SAID, field: value})


@pytest.mark.parametrize("field", sorted(set(SAID) - {"relative", "sets"}))
def test_a_point_that_lacks_a_field_is_refused(field):
    with pytest.raises(ValueError, match=f"has no {field}"):
        parse({name: value for name, value in SAID.items() if name != field})


def test_what_is_no_table_is_no_point():
    assert not any(sound(value) for value in (None, [], "x", 5))


def test_every_knob_is_a_setting_whose_default_it_may_be():
    assert all(knob.sound(knob.of(Config())) for knob in KNOBS)


def test_a_point_comes_before_the_defaults_alone(tmp_path):
    file = tmp_path / "cascade.toml"
    file.write_text("[retrieve]\nwidth = 30_000\n")
    environment = {"CASCADE_PACK__TOKENS": "0"}
    found = applied(load(file, environment, rerank={"judged": 100}), SAID)
    assert (found.retrieve.width, found.pack.tokens, found.rerank.judged) == (30_000, 0, 100), "as said, also defaults"
    assert found.retrieve.scanned == 50_000
    assert found.origins == {
        "retrieve.width": str(file), "pack.tokens": "CASCADE_PACK__TOKENS", "rerank.judged": "the command line",
        "retrieve.scanned": INDEX,
    }  # fmt: skip


def test_what_was_set_in_python_comes_before_a_point():
    found = applied(Config(retrieve=RetrieveConfig(width=500)), SAID)
    assert (found.retrieve.width, found.retrieve.scanned) == (500, 50_000)


def test_a_point_is_forgotten_for_the_next():
    first = applied(Config(), SAID)
    assert applied(first, None) == Config()
    assert applied(first, None).origins == {}
    other = applied(first, {**SAID, "settings": {"retrieve.lexical": 700}})
    assert other.retrieve == RetrieveConfig(lexical=700)


def test_effort_multiplies_what_a_point_says_and_nothing_else():
    tuned = applied(Config(pack=PackConfig(tokens=900)), SAID)
    widths = [scaled(tuned, effort).retrieve.width for effort in Effort]
    judged = [scaled(tuned, effort).rerank.judged for effort in Effort]
    assert (widths, judged) == ([3_000, 9_000, 18_000, 30_000], [13, 40, 80, 160])
    assert {scaled(tuned, effort).pack.tokens for effort in Effort} == {900}
    assert scaled(Config(), Effort.LOW) == Config()


@pytest.fixture(scope="module")
def root(fresh):
    where = fresh()
    build(where, prose(120))
    return where


def write(root, said):
    with Writer(root) as writer:
        writer.note(NOTE, said)
        writer.commit()


@pytest.fixture
def engine(root):
    write(root, SAID)
    opened = Engine.open(root, Config(threads=1), ToyEncoder(), ToyReader())
    yield opened
    opened.close()


def test_an_index_is_opened_at_its_point_and_effort_turns_around_it(engine):
    assert engine.config.retrieve.width == 9_000
    at = {effort: engine.retrieve(effort).config for effort in Effort}
    assert [at[effort].width for effort in Effort] == [3_000, 9_000, 18_000, 30_000]
    assert [at[effort].scanned for effort in Effort] == [25_000, 50_000, 100_000, 200_000]
    assert repr(engine.ranking(3, Effort.LOW)).startswith("Retrieve(width=3,000)")
    assert [engine.pack(effort=effort).config.tokens for effort in Effort] == [167, 500, 1_000, 2_000]


def test_a_new_point_is_seen_with_the_commit_that_brings_it(engine, root):
    write(root, {**SAID, "settings": {"retrieve.width": 200}})
    assert engine.config.retrieve.width == 9_000
    assert engine.refresh()
    assert (engine.config.retrieve.width, engine.config.retrieve.scanned) == (200, RetrieveConfig().scanned)
    write(root, None)
    assert engine.refresh()
    assert engine.config == Config(threads=1)


def test_an_engine_turned_to_other_settings_keeps_the_point_and_gets_the_scorer_that_is_set(engine):
    turned = engine.turned(replace(engine.config, scorer="toy"), engine.reader, engine.refuse)
    assert (turned.config.retrieve.width, engine.scorer) == (9_000, None)
    assert isinstance(turned.scorer, ToyScorer)
    assert turned.turned(engine.config, engine.reader, engine.refuse).scorer is None
    assert turned.eyes is engine.eyes, "nothing is read anew"


@pytest.mark.parametrize("said", [{**SAID, "settings": {"retrieve.width": 1}}, {**SAID, "extra": 1}, [], 5])
def test_a_manifest_with_an_impossible_point_is_refused(fresh, said):
    root = fresh()
    build(root, prose(2))
    Layout(root).twin.unlink()
    good = manifest.read(Layout(root))
    Layout(root).manifest.write_bytes(replace(good, notes={NOTE: said}).encode())
    with pytest.raises(Corrupt, match="notes of the manifest cannot be"):
        manifest.read(Layout(root))


def test_status_shows_the_point_and_how_the_index_has_grown_since(root):
    write(root, {**SAID, "passages": 60})
    shown = CliRunner().invoke(cli, ["status", str(root)], catch_exceptions=False).output
    assert "tuned: pack.tokens 500, rerank.judged 40, retrieve.scanned 50,000, retrieve.width 9,000\n" in shown
    assert "survival 0.980 [0.950, 0.990] of what the widest setting keeps (ranked), 41 ms (p95 64)" in shown
    assert "2026-11-28T05:00, at 60 passages (now 2.0 times as many)" in shown
    told = json.loads(CliRunner().invoke(cli, ["status", str(root), "--json"], catch_exceptions=False).output)
    assert parse(told["operating"]) == replace(POINT, passages=60)
    write(root, None)
    assert "tuned" not in CliRunner().invoke(cli, ["status", str(root)], catch_exceptions=False).output
