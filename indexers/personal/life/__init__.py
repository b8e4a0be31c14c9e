"""A generated life: one person's mail, chats, photographs, history, calendar and notes, in the formats of real exports.

Everything follows from a seed. `live(seed, scale)` makes it up; `Life.write(folder)` writes every export below a
folder, with the faults that real ones have, and a manifest: each record's canary and where it lies, the planted facts
with what proves them, and what must not appear. It feeds tests, the demo and the personal suite of the benchmarks.
"""

from indexers.personal.life.life import Life, live
from indexers.personal.life.things import App, Class, Fact, Somebody, Thing

__all__ = ["App", "Class", "Fact", "Life", "Somebody", "Thing", "live"]
