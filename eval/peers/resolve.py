"""From the name of a peer to the peer, or the reason why it cannot be had here.

Knows every peer; each is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cascade.errors import UnknownName, UsageError
from cascade.models import resolve
from cascade.models.base import Encoder
from eval.peers.base import Peer
from eval.peers.crossed import Crossed
from eval.peers.lance import Lance
from eval.peers.txt import Txt


@dataclass(frozen=True, slots=True)
class Setup:
    """`folder`: where peers may write, each in a folder of its own. `scorer`: name of a cross-encoder; "" for none."""

    folder: Path
    encoder: Encoder
    scorer: str = ""
    threads: int = 0


def _crossed(setup: Setup) -> Peer:
    if not setup.scorer:
        raise UsageError("No cross-encoder is configured. Name one: --scorer NAME, or scorer = in cascade.toml.")
    scorer = resolve.scorer(setup.scorer, setup.threads)
    return Crossed(setup.folder / Crossed.name, setup.encoder, scorer)


_PEERS: Final[Mapping[str, Callable[[Setup], Peer]]] = MappingProxyType({
    Lance.name: lambda setup: Lance(setup.folder / Lance.name, setup.encoder),
    Txt.name: lambda setup: Txt(setup.encoder),
    Crossed.name: _crossed,
})  # fmt: skip

NAMES: Final = tuple(_PEERS)


def peer(name: str, setup: Setup) -> Peer:
    """The peer of that name, empty. Raises UnknownName, or UsageError where its library or model is missing."""
    if name not in _PEERS:
        raise UnknownName(f"There is no peer called {name!r}. Choose one of: {', '.join(NAMES)}.")
    return _PEERS[name](setup)


def available(names: Iterable[str], setup: Setup) -> tuple[list[Peer], dict[str, str]]:
    """The peers that can be had here, and why the others cannot. Raises UnknownName."""
    found: list[Peer] = []
    missing: dict[str, str] = {}
    for name in names:
        try:
            found.append(peer(name, setup))
        except UnknownName:
            raise
        except UsageError as error:
            missing[name] = str(error)
    return found, missing
