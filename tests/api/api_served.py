"""A small server for tests: an index of ten passages about a harbour, another about a bay, and keys of each kind."""

from __future__ import annotations

import socket
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from small import build, record

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # starlette's test client announces which HTTP library it will use
    from fastapi.testclient import TestClient

from api.app import create
from api.audit import Audit
from api.house import House, Rules
from api.keys import Keys, Right
from api.pool import Pool
from api.shelf import Shelf
from cascade.config import Config

TEXTS = {
    "ferry": "The ferry to Anholt leaves at 14:15.",
    "tower": "The tower is 46 metres high.",
    "pilot": "The pilot boat is called Vega and has a crew of three.",
    "fees": "A berth costs 30 crowns a night, and half of that in winter.",
}


def harbour(root: Path) -> Path:
    """An index of a few records with keys."""
    build(root, [record(key, text, key=key, title=key.title()) for key, text in TEXTS.items()])
    return root


def bay(root: Path) -> Path:
    """Another, that some keys do not see."""
    build(root, [record("seal", "Seals rest on the sandbank of the bay.", key="seal")])
    return root


@dataclass
class Served:
    """A client, the house behind it, and a key of each kind."""

    client: TestClient
    house: House
    keys: dict[str, str]

    def sent(self, method: str, path: str, key: str = "admin", **how):
        """A request with a key."""
        headers = {**({"Authorization": f"Bearer {self.keys[key]}"} if key else {}), **how.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **how)


def keyed(folder: Path) -> tuple[Keys, dict[str, str]]:
    """Keys that read and write the harbour, one of the bay alone, an admin, and one that was revoked."""
    keys = Keys(folder / "keys.json")
    made = {
        "reader": keys.create("reader", Right.READ, ["harbour"]),
        "writer": keys.create("writer", Right.WRITE, ["harbour"]),
        "other": keys.create("other", Right.WRITE, ["bay"]),
        "admin": keys.create("admin", Right.ADMIN),
        "gone": keys.create("gone", Right.ADMIN),
    }
    keys.revoke(made["gone"][0].id)
    return keys, {name: token for name, (_, token) in made.items()}


@contextmanager
def served(folder: Path, rules: Rules | None = None, pool: Pool | None = None, text: bool = False) -> Iterator[Served]:
    """A server in process, with keys, both indexes and an audit."""
    roots = [harbour(folder / "harbour"), bay(folder / "bay")]
    keys, tokens = keyed(folder)
    shelf = Shelf.open(roots, Config(reader="toy"))
    house = House(shelf, pool or Pool(), keys, rules or Rules(), Audit(folder / "audit.jsonl", text))
    with shelf, TestClient(create(house)) as client:
        yield Served(client, house, tokens)


@contextmanager
def listening(app, **how) -> Iterator[int]:
    """A real server on this machine at a port of its own, stopped at the end."""
    import uvicorn

    from api.wire import Patient

    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    kind = type("Quick", (Patient,), how)
    server = uvicorn.Server(uvicorn.Config(app, http=kind, ws="none", log_level="critical", timeout_keep_alive=1))
    thread = threading.Thread(target=server.run, args=([held],))
    thread.start()
    end = time.monotonic() + 20
    while not server.started and time.monotonic() < end:
        time.sleep(0.01)
    try:
        yield held.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        held.close()
