"""One question's turn at the shards: the time that it has, and which of them it does without.

Knows shards and time; knows nothing of what is asked.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, MutableMapping
from typing import Any

from cascade.errors import Overdue, Unreachable
from indexers.cluster.asking import Asking, Call, Left, endless
from indexers.cluster.whole import Whole


class Turn:
    """Asks the shards of a commit for one question; without a deadline, for anybody. May be used from any thread.

    `left`: seconds that it has. `silent`: what did not answer in time, noted in its ledger. `without`: the shards that
    it does without from the beginning, and what is said of each.
    """

    def __init__(
        self, asking: Asking, whole: Whole, left: Left = endless, silent: MutableMapping[Hashable, str] | None = None
    ) -> None:  # fmt: skip
        self.asking, self.whole, self.left = asking, whole, left
        self.silent = {} if silent is None else silent
        self.without = {shard: self.silent[self._place(shard)] for shard in self._late(whole.facts)}

    def ask(self, calls: Mapping[int, Call]) -> dict[int, Any]:
        """The answer of each shard. Those that do not answer in time are noted.

        Raises Overdue where there are such, Unreachable where one is asked that this does without, and what
        `Asking.all` does.
        """
        if calls.keys() & self.without.keys():
            raise Unreachable("What holds the passages did not answer in time. Ask again, with a later deadline.")
        if late := self._late(calls):  # as another thread of the question has found
            raise Overdue.of(late)
        try:
            return self.asking.all(calls, self.left)
        except Overdue as error:
            for shard in error.shards:
                self.silent[self._place(shard)] = (
                    f"{self.whole.facts[shard].live:,} passages are left out: the process that holds them did not "
                    "answer in the time of the question."
                )
            raise

    def _late(self, shards: Mapping[int, Any]) -> list[int]:
        return [shard for shard in shards if self._place(shard) in self.silent]

    def _place(self, shard: int) -> Hashable:
        """What a shard is called in a ledger, which may be that of a question to several indexes."""
        return str(self.whole.layout.root), shard
