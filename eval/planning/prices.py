"""What machines cost: round numbers to be replaced by one's own. Knows a file of prices; knows nothing of the model."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

from cascade.errors import BadConfig, UnknownName, UsageError


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of machine. `memory` in bytes; `speed`: of one core, against one of those the constants are of."""

    name: str
    cores: int
    memory: float
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Prices:
    """A month of one core, of a GB of memory, of a GB of disk, in one currency; and the machines there are.

    `hop_ms`: one exchange between two machines, in milliseconds.
    """

    core: float
    memory_gb: float
    disk_gb: float
    hop_ms: float
    machines: tuple[Machine, ...]
    file: str

    def chosen(self, names: Sequence[str], most: float | None) -> Prices:
        """With machines of these names alone (none: all), and of at most so many bytes of memory.

        Raises UnknownName for a name that is not there, UsageError where no machine is left.
        """
        there = {one.name: one for one in self.machines}
        if unknown := [name for name in names if name not in there]:
            raise UnknownName(f"There is no machine {unknown[0]!r} in {self.file}. There are: {', '.join(there)}.")
        kept = [there[name] for name in names or there]
        kept = [one for one in kept if most is None or one.memory <= most]
        if not kept:
            least = min(self.machines, key=lambda one: one.memory)
            raise UsageError(
                f"No machine of {self.file} has so little memory. The smallest, {least.name}, has "
                f"{least.memory / 1e9:g} GB: raise --memory, or write a smaller one into a file of --prices."
            )
        return replace(self, machines=tuple(kept))


def load(file: Path | None = None) -> Prices:
    """Prices of a file, or (None) the assumptions that are shipped. Raises BadConfig."""
    if file is not None and not file.exists():
        raise BadConfig(f"{file} does not exist. docs/planning.md says what a file of prices holds.")
    try:
        raw = (file or resources.files("eval.planning").joinpath("prices.toml")).read_text("utf-8")
        return _prices(tomllib.loads(raw), str(file or "the shipped prices"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"{file} is not valid TOML: {error}.") from error


def _prices(said: Mapping[str, Any], origin: str) -> Prices:
    month = {name: _number(said.get("month", {}), name, origin) for name in ("core", "memory_gb", "disk_gb")}
    machines = tuple(_machine(one, origin) for one in said.get("machine", []))
    if not machines:
        raise BadConfig(f"{origin}: there is no [[machine]]. Write one with name, cores and memory_gb.")
    if len({one.name for one in machines}) < len(machines):
        raise BadConfig(f"{origin}: two machines have the same name. Give each its own.")
    hop = _number(said.get("network", {}), "hop_ms", origin)
    return Prices(**month, hop_ms=hop, machines=machines, file=origin)


def _machine(said: Mapping[str, Any], origin: str) -> Machine:
    known = {one.name for one in fields(Machine)} - {"memory"} | {"memory_gb"}
    if unknown := sorted(said.keys() - known):
        raise BadConfig(f"{origin}: a machine has no {unknown[0]!r}. It may have: {', '.join(sorted(known))}.")
    if not (name := said.get("name")) or not isinstance(name, str):
        raise BadConfig(f"{origin}: a machine has no name.")
    cores, memory = (_number(said, key, f"{origin}: {name}") for key in ("cores", "memory_gb"))
    speed = _number({"speed": 1.0, **said}, "speed", f"{origin}: {name}")
    if cores != round(cores) or not cores or not memory or not speed:
        raise BadConfig(f"{origin}: {name} needs a whole number of cores, and memory and speed over 0.")
    return Machine(name, int(cores), memory * 1e9, speed)


def _number(said: Mapping[str, Any], name: str, origin: str) -> float:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise BadConfig(f"{origin}: {name} = {value!r} must be a number from 0 up.")
    return float(value)
