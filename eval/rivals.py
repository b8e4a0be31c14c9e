"""Peers over the records of an index: what another engine finds among the same passages, as rows of the index.

Knows a snapshot and what a peer is; knows no peer by name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cascade.data import CEILING, Rows
from cascade.index.snapshot import Snapshot
from eval.peers.base import Peer
from eval.stored import whole

DEEPER = 2
"""Records asked for per document wanted, since some say the same."""


@dataclass(frozen=True, slots=True)
class Rival:
    """A peer that holds the records of an index, each under the number of its first row."""

    peer: Peer

    @classmethod
    def of(cls, peer: Peer, snapshot: Snapshot) -> Rival:
        """Have a peer take in every record of a snapshot."""
        peer.build(whole(snapshot))
        return cls(peer)

    def search(self, text: str) -> Rows:
        """int64 (n,): the first rows of the records it finds, best first."""
        found = self.peer.search(text, CEILING * DEEPER)
        return np.array([int(key) for key in found], dtype=np.int64)
