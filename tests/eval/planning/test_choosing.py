from __future__ import annotations

from dataclasses import replace

import pytest

from cascade.errors import UsageError
from eval.planning import constants, prices
from eval.planning.choosing import Plan, plan
from eval.planning.wanted import Wanted, form
from indexers.compact import Shape, lists_for


def made(passages: float = 1e6, **how: object) -> Plan:
    return plan(replace(Wanted(passages), **how), constants.shipped(), prices.load())  # type: ignore[arg-type]


def test_a_small_index_is_searched_exactly_and_a_large_one_by_codes_in_lists() -> None:
    assert not form(Shape().exact).coded
    large = form(1e7)
    assert large.coded
    assert large.lists == lists_for(10_000_000)
    small = made(1e5)
    assert small["codes_all"] == 0
    assert small["scanned"] == 1e5


def test_files_take_what_the_format_says() -> None:
    one = made(1e7, dim=384)
    assert one["vectors_all"] == 3.84e9
    assert one["code_bytes"] == 50
    parts = ("vectors_all", "codes_all", "tokens_all", "text_all", "words_all", "passages_all", "centroids_all")
    assert one["disk_all"] == pytest.approx(sum(one[name] for name in parts))


def test_all_targets_are_met_or_the_plan_says_which_is_not() -> None:
    met = made(1e6, latency=2_000.0)
    assert not met.misses
    assert met["latency_ms"] <= 2_000
    missed = made(1e9, latency=1.0)
    assert any("1.00 ms was asked for" in one for one in missed.misses)


def test_more_questions_take_more_replicas_and_never_fewer_than_were_asked_for() -> None:
    few, many = made(rate=1.0, latency=1e4), made(rate=1_000.0, latency=1e4)
    assert many["machines"] * many["cores"] > few["machines"] * few["cores"]
    assert many["busy"] <= 0.6 + 1e-9
    assert made(rate=0.001, replicas=3, latency=1e4)["replicas"] == 3


def test_higher_survival_compares_more_codes() -> None:
    assert made(1e8, survival=0.99, latency=1e6)["budget"] > made(1e8, survival=0.9, latency=1e6)["budget"]


def test_a_machine_with_little_memory_waits_for_its_disk() -> None:
    costs = prices.load()
    tiny = replace(costs, machines=(replace(costs.machines[0], memory=1.5e9),))
    wanted = Wanted(1e7, latency=1e9, rate=0.001)
    poor = plan(wanted, constants.shipped(), tiny)
    rich = plan(wanted, constants.shipped(), replace(costs, machines=(replace(costs.machines[0], memory=1e12),)))
    assert poor["wait_ms"] > 0 == rich["wait_ms"]
    assert rich["cold_ms"] > rich["warm_ms"]


def test_a_process_that_does_not_fit_into_its_machine_is_told() -> None:
    costs = prices.load()
    small = replace(costs, machines=(replace(costs.machines[0], memory=1e8),))
    assert any("of its own" in one for one in plan(Wanted(1e5), constants.shipped(), small).misses)


def test_dearer_cores_never_make_a_plan_cheaper() -> None:
    costs = prices.load()
    cheap = plan(Wanted(1e7, latency=1e4), constants.shipped(), costs)
    dear = plan(Wanted(1e7, latency=1e4), constants.shipped(), replace(costs, core=costs.core * 10))
    assert dear["month"] >= cheap["month"]


def test_cost_is_of_all_machines_at_the_rate_asked_for() -> None:
    one = made(1e8, latency=1e4)
    assert one["month"] == pytest.approx(one["machines"] * one["machine_month"])
    assert one["million"] == pytest.approx(one["month"] / (one["rate"] * 2_629_800) * 1e6)


@pytest.mark.parametrize(
    "how",
    [
        {"passages": 0.0}, {"passages": float("inf")}, {"passages": float("nan")}, {"words": -1.0}, {"rate": 0.0},
        {"latency": 0.0}, {"replicas": 0}, {"dim": 100}, {"dim": 8192}, {"encoder": "mystery"},
    ],
)  # fmt: skip
def test_what_cannot_be_planned_is_refused(how: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        Wanted(**{"passages": 1e6, **how})  # type: ignore[arg-type]


def test_a_survival_that_nothing_promises_is_refused() -> None:
    with pytest.raises(UsageError):
        made(1e7, survival=1.0)


def test_what_grows_with_an_index_never_shrinks_with_it() -> None:
    costs = prices.load()
    one = replace(costs, machines=costs.machines[-1:])
    plans = [plan(Wanted(10.0**exponent, latency=1e9), constants.shipped(), one) for exponent in range(4, 11)]
    for name in ("disk_all", "build_s", "month"):
        values = [each[name] for each in plans]
        assert values == sorted(values), name
    for each in plans:
        assert each["first_ms"] >= each["warm_ms"]
        assert each["cold_ms"] >= each["latency_ms"] >= each["warm_ms"]
