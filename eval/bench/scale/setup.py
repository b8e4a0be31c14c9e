"""What a run of `cascade bench scale` measures. Knows numbers and paths."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from indexers.compact import Shape


@dataclass(frozen=True, slots=True)
class Setup:
    """What is measured. `sources`, `sets`: folders in BEIR's layout. `sizes`: records of each index. `codes`: generated
    rows, after those of the index `like` (none: of the largest measured). `scanned`: codes that a question may scan
    there. `count`: needles of each class. `texts`: compared as texts. `foretold`: further sizes that survival is
    extrapolated to. `tidy`: what was measured is removed. `openings`: fresh processes that open each index. `threads`:
    that nominate among codes. `shape`: of the indexes.
    """

    work: Path
    sources: tuple[Path, ...]
    sets: tuple[Path, ...] = ()
    leave_out: tuple[str, ...] = ()
    sizes: tuple[int, ...] = (100_000, 1_000_000, 10_000_000)
    codes: tuple[int, ...] = ()
    scanned: tuple[int, ...] = (1_000_000, 2_000_000, 4_000_000)
    foretold: tuple[int, ...] = (100_000_000, 1_000_000_000)
    encoder: str = "static"
    count: int = 70
    texts: int = 20_000
    cold: int = 200
    openings: int = 5
    threads: int = 2
    config: Path | None = None
    seed: int = 0
    like: Path | None = None
    tidy: bool = False
    shape: Shape = field(default_factory=Shape)
