"""Where what is looked for stands in the whole ranking and among its links, against counting by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import build, prose

from cascade.data import CEILING
from cascade.engine import Engine
from eval.bench.scale import scored
from eval.bench.scale.looking import ranked
from eval.bench.scale.questions import JUDGED, Asked
from eval.bench.scale.scored import Scores
from eval.bench.scale.standing import Standing, Standings, keep, read

NAN = np.float32(np.nan)


def kept_before() -> Standings:
    """Standings as they were kept before the whole ranking was looked at."""
    one = Standing("q", JUDGED, ({"dense": None, "lexical": None},) * 3, {"dense": (), "lexical": ()}, {})
    return Standings(4, 2, {"dense": 9, "lexical": 9, "fused": 117}, 1.0, (one,))


def scores() -> dict[str, Scores]:
    """Six candidates; rows 0 and 1 are of a set. Record 0 is row 1, record 1 rows 3 and 4, record 2 has none."""
    made = Scores(
        np.array([5, 4, 3, 2, 1, 0]), np.float32([6, 5, 4, 3, 2, 1]), np.float32([NAN, NAN, 1, 9, 8, 7]),
        np.array([1, 3, 4]), np.array([0, 1, 1]), np.float32([2, 4, 5]), np.float32([8, 1, NAN]), np.array(12),
        np.array(30),
    )  # fmt: skip
    return {"q": made}


FIXED = np.array([True, True, False, False, False, False])


def test_distractors_above_are_counted_among_all_candidates_by_kind() -> None:
    made = ranked(kept_before(), scores(), FIXED)
    first, second, none = made.questions[0].links
    assert first["fused"] is not None
    assert (first["fused"].score, first["fused"].fixed, first["fused"].grown) == (2.0, 0, 4)
    assert second["fused"] is not None
    assert (second["fused"].score, second["fused"].grown) == (5.0, 1), "the best of its passages counts"
    assert none["fused"] is none["led"] is None


def test_what_stands_too_high_to_be_raised_takes_no_place_of_a_link() -> None:
    made = ranked(kept_before(), scores(), FIXED)
    first, second, _ = made.questions[0].links
    assert first["led"] is not None
    assert (first["led"].fixed, first["led"].grown) == (0, 1)
    assert second["led"] is not None
    assert (second["led"].fixed, second["led"].grown) == (2, 1)
    assert made.questions[0].tails["led"] == (9.0, 1.0)
    assert made.questions[0].tails["fused"] == (6.0, 5.0, 4.0, 3.0)
    assert made.budgets == {"dense": 9, "lexical": 9, "fused": CEILING, "led": 30}


def test_standings_are_read_as_they_were_kept_and_old_ones_too(tmp_path: Path) -> None:
    for held in (kept_before(), ranked(kept_before(), scores(), FIXED)):
        keep(held, tmp_path / "standings.json")
        assert read(tmp_path / "standings.json") == held
    assert kept_before().whole is False
    assert read(tmp_path / "standings.json").whole is True
    assert read(tmp_path / "standings.json").questions[0].raised == 12


@pytest.fixture(scope="module")
def engine(fresh: Callable[[], Path]) -> Engine:
    root = fresh()
    build(root, prose(400))
    return Engine.open(root)


def question(engine: Engine, row: int) -> Asked:
    """A question in the words of a passage, which is looked for."""
    (passage,) = engine.snapshot.read(np.array([row]))
    return Asked("q", JUDGED, passage.text, (passage.record,))


def test_every_candidate_has_the_score_that_it_is_ranked_by(engine: Engine) -> None:
    asked = question(engine, 250)
    made = scored.one(engine, asked)
    ranking = engine.ranking().run(engine.query(asked.text))
    assert len(made.rows) == len(ranking.candidates) == 400
    by_row = dict(zip(made.rows.tolist(), made.fused.tolist(), strict=True))
    first = ranking.ranked[: engine.config.rerank.early]
    assert [one.score for one in first] == pytest.approx([by_row[one.row] for one in first])
    assert made.fused[np.isin(made.rows, made.links)].max() == made.link_fused.max()
    assert np.isnan(made.led).sum() == engine.config.rerank.first + engine.config.rerank.links // 2


def test_as_many_are_raised_as_the_ranking_shows_from_further_down(engine: Engine) -> None:
    asked = question(engine, 30)
    made = scored.one(engine, asked)
    shown = [one.row for one in engine.ranking().run(engine.query(asked.text)).ranked]
    best = made.rows[np.argsort(-made.fused, kind="stable")[:CEILING]].tolist()
    assert abs(len(set(shown) - set(best)) - int(made.raised)) <= 1, "equal scores may change places at the end"


def test_what_was_not_nominated_has_the_score_it_would_have_had(engine: Engine) -> None:
    whole = scored.one(engine, question(engine, 77))
    order = whole.rows[np.argsort(-whole.fused, kind="stable")]
    near, far = int(order[60]), int(order[-1])
    settings = replace(engine.config, retrieve=replace(engine.config.retrieve, width=20, lexical=1))
    narrow = Engine(engine.corpus, engine.encoder, settings)
    records = tuple(engine.snapshot.read(np.array([row]))[0].record for row in (near, far))
    made = scored.one(narrow, replace(question(engine, 77), records=records))
    assert not np.isin(made.links, made.rows).any()
    first, second = (float(made.link_fused[made.link_of == at].max()) for at in (0, 1))
    assert second < first < made.fused.max()
    assert np.isfinite(made.link_led).all()
