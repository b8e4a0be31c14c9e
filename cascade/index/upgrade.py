"""Upgrades: an index of an older format becomes one of the newest, a step a format, a commit a step.

A program that is stopped leaves the index in one of the formats, whole; the next upgrade goes on from there.
Knows what changed between formats; knows nothing of how a commit is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cascade.index import manifest as manifests
from cascade.index.layout import FORMAT, Layout
from cascade.index.writer import Writer


@dataclass(frozen=True, slots=True)
class Step:
    """From one format to the next. `work` ends in one commit, after which the index is of the format `to`."""

    to: int
    says: str
    work: Callable[[Writer], object]


def _twinned(writer: Writer) -> None:
    writer.manifest = replace(writer.manifest, format=2)
    writer.commit()


STEPS: Mapping[int, Step] = {
    1: Step(2, "a second copy of the manifest, so that damage to either leaves the index readable", _twinned)
}
"""The step that leads out of each older format."""


def steps(version: int) -> tuple[Step, ...]:
    """What leads from a format to the newest, in order."""
    out: list[Step] = []
    while version != FORMAT:
        out.append(STEPS[version])
        version = out[-1].to
    return tuple(out)


def planned(root: Path) -> tuple[int, tuple[Step, ...]]:
    """The format of an index and the steps it lacks. Raises NoIndex, WrongFormat or Corrupt."""
    version = manifests.read(Layout(root)).format
    return version, steps(version)


def upgrade(root: Path) -> tuple[int, tuple[Step, ...]]:
    """Take the steps an index lacks. Returns the format it had and what was done. Raises what a Writer raises.

    Readers go on reading the snapshot they have; programs that know only the older format refuse the index afterwards.
    """
    with Writer(root) as writer:
        version = writer.manifest.format
        taken = steps(version)
        for step in taken:
            step.work(writer)
    return version, taken
