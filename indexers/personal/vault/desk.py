"""An open vault at work: an engine over the records of the grants that are asked, made anew when they change.

Only what was asked for is held, once for all choices of grants; a grant whose key is gone is dropped at the next look.
Knows grants and engines; knows nothing of who asks.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cascade.config import Config
from cascade.engine import Engine
from indexers.personal.vault.held import Held, State, hold, state

if TYPE_CHECKING:
    from cascade.models.base import Encoder
    from indexers.personal.vault.unlocked import Unlocked


class Desk:
    """Holds the grants that were asked for, once, and an engine for each choice of them. For any number of threads."""

    def __init__(self, unlocked: Unlocked, config: Config | None = None, encoder: Encoder | None = None) -> None:
        self.unlocked, self.config = unlocked, config or Config()
        self._encoder = encoder
        self._lock = threading.Lock()
        self._whole: Held | None = None
        self._engines: dict[tuple[str, ...], Engine] = {}

    def engine(self, grants: Sequence[str] | None = None) -> Engine:
        """An engine over these grants (all that have a key), as they are on disk now. Raises NoKey, Corrupt."""
        asked = self.unlocked.grants() if grants is None else grants
        wanted = tuple(sorted({*asked}))
        with self._lock:
            self._look()
            whole = self._holding(wanted)
            if wanted not in self._engines:
                chosen = whole if {*wanted} == {grant for grant, _ in whole.grants} else whole.only(wanted)
                self._engines[wanted] = Engine(chosen, self._opened(), self.config)
            return self._engines[wanted]

    def look(self) -> None:
        """Drop what is held if a grant of it has been revoked."""
        with self._lock:
            self._look()

    @property
    def held(self) -> State:
        """Which commit of each grant is in memory."""
        return self._whole.grants if self._whole else ()

    def close(self) -> None:
        """Drop everything, keys and all."""
        with self._lock:
            self._drop()
            self.unlocked.lock()

    def _holding(self, wanted: Sequence[str]) -> Held:
        """These grants, and those that were asked for before, as they are on disk now."""
        every = sorted({*wanted, *(grant for grant, _ in self.held)})
        if self._whole is None or self._whole.grants != state(self.unlocked, every):
            self._drop()
            self._whole = hold(self.unlocked, every, self.config.threads)
        return self._whole

    def _look(self) -> None:
        if not all(self.unlocked.keys.has(grant) for grant, _ in self.held):
            self._drop()

    def _drop(self) -> None:
        """Let everything go; a question that is under way keeps what it has until it is answered."""
        if self._whole is not None:
            self._whole = None
            self._engines.clear()
            gc.collect()  # what was revoked must not wait in memory for a cycle to be found

    def _opened(self) -> Encoder:
        if self._encoder is None:
            from cascade.models import resolve

            self._encoder = resolve.encoder(self.unlocked.vault.built.encoder)
        return self._encoder
