"""Where segments lie: which shard holds which, and which node holds which copy of a shard.

Shards are filled evenly by bytes and keep what they have; a node is chosen by how full its memory is, and never holds
two copies of one shard. Knows names and numbers; knows nothing of processes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cascade.errors import BadConfig
from cascade.index.manifest import Entry
from indexers.cluster.machines import Node

Held = Mapping[str, int]
"""The shard of each segment, by the segment's name."""


def spread(entries: Sequence[Entry], shards: int, before: Held | None = None) -> dict[str, int]:
    """Which shard, from 0, holds each segment: at most so many shards, none empty where there are segments enough.

    Segments stay where they were `before`. New ones go, the largest first, to the shard with the fewest bytes: the rule
    of longest processing time (Graham 1969), at most a third over the best. The same segments always fall the same.
    """
    held = {entry.name: before[entry.name] for entry in entries if before and before.get(entry.name, shards) < shards}
    filled = dict.fromkeys(range(max(1, min(shards, len(entries)))), 0)
    for entry in entries:
        if entry.name in held:
            filled[held[entry.name]] = filled.get(held[entry.name], 0) + entry.bytes
    for entry in sorted(entries, key=lambda one: (-one.bytes, one.name)):
        if entry.name not in held:
            held[entry.name] = min(filled, key=lambda shard: (filled[shard], shard))
            filled[held[entry.name]] += entry.bytes
    return held


def weights(entries: Iterable[Entry], held: Held) -> dict[int, int]:
    """The bytes of each shard that holds something."""
    out: dict[int, int] = {}
    for entry in entries:
        out[held[entry.name]] = out.get(held[entry.name], 0) + entry.bytes
    return out


def enough(nodes: Sequence[Node], replicas: int) -> None:
    """Raise BadConfig where there are fewer nodes than copies of a shard: two on one node would die together."""
    if replicas > len(nodes):
        raise BadConfig(
            f"{replicas} replicas need as many nodes, and the cluster has {len(nodes)}. "
            "Add nodes, or take fewer replicas."
        )


def seat(size: int, nodes: Sequence[Node], load: Mapping[str, int], taken: Iterable[str]) -> str | None:
    """The node for one more copy of a shard of so many bytes: that which is then least full, of those not `taken` by
    another copy; None where there is none.

    `load`: bytes that each node holds already. What does not fit in memory is mapped all the same, and read from disk.
    """
    others = set(taken)
    full = {
        node.name: (load.get(node.name, 0) + size) / max(node.memory, 1) for node in nodes if node.name not in others
    }
    return min(full, key=lambda name: (full[name], name)) if full else None
