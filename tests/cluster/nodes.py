"""A Ray cluster of four nodes on this machine, each with a small store, started once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from indexers.cluster import pool
from indexers.cluster.pool import Ray

STORE = 80_000_000
"""Bytes of each node's object store: the least that Ray takes is 75 MB."""


class Nodes:
    """Four nodes, of which all but the first may be killed, and others be added."""

    def __init__(self, cluster: Any) -> None:
        self.cluster, self.machines = cluster, Ray()

    def kill(self, name: str) -> None:
        """End a node at once, with all that runs on it."""
        node = next(one for one in self.cluster.worker_nodes if one.node_id == name)
        self.cluster.remove_node(node, allow_graceful=False)

    def add(self) -> None:
        """Start another node, and wait for it."""
        self.cluster.add_node(num_cpus=1, object_store_memory=STORE)
        self.cluster.wait_for_nodes()

    def pid(self, process: Any) -> int:
        """The number that the system knows one of Ray's processes by."""
        from ray._private.state import actors

        return int(actors(process._handle._actor_id.hex())["Pid"])

    @property
    def workers(self) -> list[str]:
        """The names of the nodes that may be killed."""
        return sorted(one.node_id for one in self.cluster.worker_nodes)


@contextmanager
def four() -> Iterator[Nodes]:
    """Four nodes, for as long as this lasts."""
    pool.prepare()
    cluster = _started(tries=3)
    try:
        pool.connect(cluster.address)
        yield Nodes(cluster)
    finally:
        pool.leave()
        cluster.shutdown()


def _started(tries: int) -> Any:
    """Four nodes. On a busy machine a node may not be up in the 30 s that Ray gives it: then all are tried again."""
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    try:
        cluster.add_node(num_cpus=1, object_store_memory=STORE, include_dashboard=False)
        for _ in range(3):
            cluster.add_node(num_cpus=1, object_store_memory=STORE)
    except Exception:
        cluster.shutdown()
        if tries > 1:
            return _started(tries - 1)
        raise
    return cluster
