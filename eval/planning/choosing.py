"""The plan itself: what is wanted -> form -> machines, shards and replicas that meet it for little money.

Every machine there is to choose from is tried with ever more shards until the targets are met. Where nothing meets
them, the plan that comes nearest is given, and says what it misses.
Knows targets; the arithmetic is that of `lines`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from eval.planning import lines
from eval.planning.constants import Constants
from eval.planning.prices import Machine, Prices
from eval.planning.sheet import Sheet
from eval.planning.survival import Needed, needed
from eval.planning.units import shown
from eval.planning.wanted import Form, Wanted, form, least_share

BUSY = 0.6
"""The share of the time that cores and disks may be at work: beyond it questions wait for one another."""

DEARER = 1.25
"""Fewer machines are taken where they cost no more than so many times what the cheapest plan does."""

SHARDS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
REPLICAS = 10_000
"""More are not planned."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What it will take. `misses`: the targets that even this does not meet, in sentences; none: it meets all."""

    wanted: Wanted
    form: Form
    machine: Machine
    probed: Needed
    sheet: Sheet
    misses: tuple[str, ...]

    def __getitem__(self, name: str) -> float:
        return self.sheet[name]


def plan(wanted: Wanted, constants: Constants, prices: Prices) -> Plan:
    """The cheapest plan that meets what is wanted, or the one that comes nearest to it."""
    tried = list(_tried(wanted, constants, prices))
    meets = [one for one in tried if not one.misses]
    if meets:
        least = min(one["month"] for one in meets)
        near = [one for one in meets if one["month"] <= DEARER * least]
        return min(near, key=lambda one: (one["machines"], one["month"]))
    return min(tried, key=lambda one: (_short(one), one["month"]))


def on(wanted: Wanted, constants: Constants, prices: Prices, machine: Machine, shards: int) -> Plan:
    """The plan on so many machines of a kind, with as many replicas as the rate of questions needs."""
    shape = form(wanted.passages)
    probed = needed(constants.curves, wanted.survival, wanted.passages, wanted.tuned)
    if not shape.coded:
        probed = Needed(1.0, 0.0, 0.0)
    probed = probed._replace(share=max(probed.share, least_share(shape.lists)))
    return planned(wanted, shape, probed, given(wanted, constants, prices, machine), (machine, shards))


def given(wanted: Wanted, constants: Constants, prices: Prices, machine: Machine) -> dict[str, float]:
    """All values that formulas may use, but for what is still to be chosen."""
    return {
        **constants.values,
        "passages": wanted.passages, "words": wanted.words, "dim": wanted.dim, "rate": wanted.rate,
        "candidates": min(wanted.candidates, wanted.passages),
        "encode_us": constants.values[f"encode_{wanted.encoder}_us"],
        "cores": machine.cores, "memory": machine.memory, "speed": machine.speed,
        "core_price": prices.core, "memory_price": prices.memory_gb, "disk_price": prices.disk_gb,
        "hop_ms": prices.hop_ms,
    }  # fmt: skip


def planned(
    wanted: Wanted, shape: Form, probed: Needed, values: dict[str, float], where: tuple[Machine, int]
) -> Plan:  # fmt: skip
    """Fill the sheet, and again with the replicas that the first one shows to be needed."""
    machine, shards = where
    chosen = {"coded": float(shape.coded), "lists": shape.lists, "share": probed.share, "shards": shards}
    chosen["grouped"] = float(shape.grouped)
    chosen["segments"] = max(shape.segments, shards)
    replicas = float(wanted.replicas)
    while True:
        sheet = Sheet({**values, **chosen, "replicas": replicas}).fill(lines.ALL)
        more = math.ceil(replicas * max(sheet["busy"], sheet["reading"]) / BUSY - 1e-9)
        if more <= replicas or replicas >= REPLICAS:
            return Plan(wanted, shape, machine, probed, sheet, tuple(_misses(wanted, sheet)))
        replicas = float(min(more, REPLICAS))


def _tried(wanted: Wanted, constants: Constants, prices: Prices) -> Iterator[Plan]:
    """Each machine with more and more shards, until it meets the targets or more of them help no longer."""
    for machine in prices.machines:
        for shards in SHARDS:
            one = on(wanted, constants, prices, machine, shards)
            yield one
            if not one.misses or (one["wait_ms"] == 0 and one["warm_ms"] - one["asked_ms"] < one["asked_ms"]):
                break


def _misses(wanted: Wanted, sheet: Sheet) -> Iterator[str]:
    if sheet["latency_ms"] > wanted.latency:
        yield (
            f"A question takes {shown(sheet['latency_ms'], 'ms')}, and {shown(wanted.latency, 'ms')} was asked for: "
            "allow more time or less survival, or more memory or faster cores."
        )
    if sheet["resident"] + 5e8 > sheet["memory"]:
        yield (
            f"A process needs {shown(sheet['resident'], 'B')} of its own, and a machine has "
            f"{shown(sheet['memory'], 'B')}: take larger machines."
        )
    if max(sheet["busy"], sheet["reading"]) > BUSY + 1e-9:
        yield f"{REPLICAS:,} replicas are not enough for {shown(wanted.rate, 'questions a second')}: ask for fewer."


def _short(one: Plan) -> float:
    """How far from its targets a plan is: the larger of what time and memory it takes over what there is."""
    return max(one["latency_ms"] / one.wanted.latency, (one["resident"] + 5e8) / one["memory"], one["busy"], 0.0)
