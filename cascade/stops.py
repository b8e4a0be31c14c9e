"""Text as it streams, up to the first of some words that end it. Knows text alone."""

from __future__ import annotations


class Until:
    """Passes text on until one of `stops` begins. Holds back what may be the beginning of one."""

    def __init__(self, stops: tuple[str, ...] = ()) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.over = False

    def take(self, piece: str) -> str:
        """What of the text so far can be passed on now."""
        text = self._held + piece
        found = [at for at in (text.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self.over, self._held = True, ""
            return text[: min(found)]
        kept = max((self._begun(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]

    def rest(self) -> str:
        """What was held back, now that no more comes."""
        held, self._held = self._held, ""
        return held

    @staticmethod
    def _begun(text: str, stop: str) -> int:
        """How many of the last characters of a text begin a stop."""
        longest = range(min(len(stop) - 1, len(text)), 0, -1)
        return next((n for n in longest if text.endswith(stop[:n])), 0)
