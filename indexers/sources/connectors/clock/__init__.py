"""Times as exports write them, as moments: counts since an epoch, ISO 8601, and dates in words of a language.

Nothing here raises: what is no time is a `Moment` without one, its `raw` kept. Seconds are the finest unit: the same
thing in two exports, one with microseconds and one without, has the same moment.
Knows numbers, words and zones; knows nothing of any export.
"""

from __future__ import annotations

from indexers.sources.connectors.clock.epochs import Epoch, instant, since, stamp, unix, wall
from indexers.sources.connectors.clock.months import MONTHS
from indexers.sources.connectors.clock.orders import Order, order_of
from indexers.sources.connectors.clock.spoken import MONTH_NAMES, WEEKDAYS, spoken
from indexers.sources.connectors.clock.written import day, localised, written
from indexers.sources.connectors.clock.zones import named_zone, offset_of

__all__ = [
    "MONTHS", "MONTH_NAMES", "WEEKDAYS", "Epoch", "Order", "day", "instant", "localised", "named_zone", "offset_of",
    "order_of", "since", "spoken", "stamp", "unix", "wall", "written",
]  # fmt: skip
