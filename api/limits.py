"""How much a client may send and ask for, and the buckets that count it. Knows numbers and time; nothing of HTTP."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and one client, may cost. Bytes, characters, seconds."""

    body: int = 1 * MIB
    """Bytes of an ordinary body."""

    upload: int = 256 * MIB
    """Bytes of an upload or a stream of records."""

    prompt: int = 64 * MIB
    """Bytes of a body whose messages may be larger than a window."""

    files: int = 100
    """Files in one upload."""

    grace: float = 20.0
    """Seconds in which a body must have come, longer only by what `pace` allows for."""

    pace: int = 16_384
    """Bytes a second that a body must come at, once the grace is over."""

    rate: int = 600
    """Requests a minute of one key, unless the key says otherwise."""

    concurrent: int = 16
    """Requests of one key at once, unless the key says otherwise."""

    failures: int = 30
    """Wrong keys a minute from one address."""

    longest: float = 600.0
    """Seconds after which a question is answered with what there is, whatever deadline was named."""


class Buckets:
    """For each name, a bucket that holds `rate` tokens and fills again within a minute. For one thread."""

    MOST = 10_000
    """Names that are remembered; the longest unused go first, and come back with a full bucket."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str, rate: int, take: float = 1.0) -> float:
        """Take a token; 0, or the seconds until there is one, and then none is taken. `take` 0 only looks."""
        now = self._clock()
        held, then = self._held.get(name, (float(rate), now))
        held = min(float(rate), held + (now - then) * rate / 60)
        enough = held >= 1
        self._held[name] = (held - take if enough else held, now)
        self._held.move_to_end(name)
        while len(self._held) > self.MOST:
            self._held.popitem(last=False)
        return 0.0 if enough else (1 - held) * 60 / max(rate, 1)
