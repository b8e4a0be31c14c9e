"""The ledger: what each stage took, gave and cost, and the first stage that lost a passage."""

from __future__ import annotations

import pytest

from cascade.errors import Cancelled
from cascade.ledger import Fate, Ledger


def test_a_stage_is_timed_and_says_what_it_took_and_gave():
    ledger = Ledger()
    with ledger.stage("scan", 30) as entry:
        entry.given, entry.bytes = 20, 512
        entry.notes["late"] = True
    (shown,) = [e.as_json() for e in ledger.entries]
    assert shown.pop("ms") >= 0
    assert shown == {"name": "scan", "in": 30, "out": 20, "bytes": 512, "late": True}


def test_a_stage_that_fails_is_in_the_ledger_all_the_same():
    ledger = Ledger()
    with pytest.raises(KeyError), ledger.stage("scan", 3):
        raise KeyError
    assert [(e.name, e.taken, e.given) for e in ledger.entries] == [("scan", 3, 0)]


def test_the_first_stage_that_lost_a_passage_is_blamed():
    ledger = Ledger()
    assert ledger.blamed is None
    ledger.fate(Fate("retrieve", "p", True, 1, 0.5, 0.1, "nominated"))
    assert ledger.blamed is None
    for stage in ("rerank", "pack"):
        ledger.fate(Fate(stage, "p", False, 9, 0.1, -0.2, "below"))
    assert ledger.blamed == "rerank"
    assert ledger.fates[1].as_json() == {
        "stage": "rerank", "passage": "p", "kept": False, "rank": 9, "score": 0.1, "margin": -0.2, "why": "below"
    }  # fmt: skip


def test_time_left_is_endless_without_a_deadline_and_runs_out_with_one():
    ledger = Ledger()
    assert ledger.left(None) == float("inf")
    assert 99 < ledger.left(100) <= 100
    assert ledger.left(0) <= 0


def test_a_listener_hears_each_stage_begin_and_end():
    heard = []
    ledger = Ledger(heard=lambda entry, ended: heard.append((entry.name, entry.given, ended)))
    with ledger.stage("scan", 3) as entry:
        entry.given = 2
    assert heard == [("scan", 0, False), ("scan", 2, True)]


def test_a_stopped_query_has_no_time_left_and_begins_no_stage():
    ledger = Ledger()
    aside = ledger.aside()
    ledger.stop.set()
    assert ledger.left(None) == aside.left(100) == float("-inf")
    with pytest.raises(Cancelled), aside.stage("scan"):
        pass
    assert (ledger.entries, aside.entries, aside.began) == ([], [], ledger.began)


def test_what_is_run_once_more_is_entered_once():
    ledger = Ledger()
    with ledger.stage("scan"):
        pass
    ledger.fate(Fate("retrieve", "p", True, 1, 0.5, 0.1, "nominated"))
    assert ledger.anew() is ledger
    assert (ledger.entries, ledger.fates) == ([], [])


def test_what_was_waited_for_in_vain_stays_in_the_ledger_of_the_query_that_is_run_once_more():
    ledger = Ledger()
    ledger.aside().silent["shard"] = "7 passages are left out."
    for _ in range(2):
        with ledger.stage("scan"):
            pass
        ledger.anew()
    (shown,) = [entry.as_json() for entry in ledger.entries]
    assert shown.pop("ms") >= 0
    assert shown == {
        "name": "waited", "in": 0, "out": 0, "bytes": 0, "late": True, "left_out": ["7 passages are left out."]
    }  # fmt: skip
