"""`cascade bench load`: a server of its own under 1, 4, 16, 64 clients, and what the API adds to the library.

Starts `cascade serve` on this machine at a free port, asks it over real connections, and stops it. Clients ask one
question after another without a pause, so 64 of them are an overload on purpose. Knows the server from outside.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from cascade.engine import Engine
from cascade.errors import CascadeError
from eval.intervals import spread
from eval.rows import Finding

WARM = 5
"""Questions before the clock counts."""

SAMPLED = 1.0
"""Seconds between two looks at the server's memory."""


@dataclass(frozen=True, slots=True)
class Setup:
    """`clients`: how many ask at once, for `seconds` each. `k`: passages of each answer. `flags`: for the server."""

    clients: tuple[int, ...] = (1, 4, 16, 64)
    seconds: float = 10.0
    k: int = 10
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class Server:
    """A running server: where it listens, its process, and how long it took to be ready."""

    port: int
    process: subprocess.Popen[str]
    started: float


@dataclass(slots=True)
class Tally:
    """What the clients of one round saw. Milliseconds."""

    taken: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    codes: Counter[int] = field(default_factory=Counter)
    unsaid: int = 0
    """Refusals that did not say when to come back."""


@contextmanager
def server(index: Path, flags: Sequence[str] = ()) -> Iterator[Server]:
    """`cascade serve INDEX` at a free port of this machine, ready, and stopped at the end. Raises CascadeError."""
    command = [sys.executable, "-m", "cascade", "serve", str(index), "--port", "0", *flags]
    begin = time.perf_counter()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = process.stderr.readline() if process.stderr else ""
            found = re.search(r"http://\S+?:(\d+)/", said)
            if not found:
                raise CascadeError(f"The server did not start: {said.strip()} Start it by hand to see why.")
            made = Server(int(found[1]), process, 0.0)
            while answer(made.port, "GET", "/ready")[0] != 200:
                time.sleep(0.02)
            made.started = time.perf_counter() - begin
            yield made
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def answer(port: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Status and body of one request over a connection of its own; status 0 where nobody listens yet."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        return _asked(wire, method, path, body)[:2]
    except (ConnectionError, http.client.HTTPException):
        return 0, None
    finally:
        wire.close()


def _asked(wire: http.client.HTTPConnection, method: str, path: str, body: Any) -> tuple[int, Any, str | None]:
    sent = None if body is None else json.dumps(body)
    wire.request(method, path, sent, {"Content-Type": "application/json"} if sent else {})
    found = wire.getresponse()
    return found.status, json.loads(found.read()), found.getheader("Retry-After")


def measure(index: Path, texts: Sequence[str], setup: Setup) -> list[Finding]:
    """One finding for each number of clients. Raises CascadeError where the server does not start."""
    with server(index, setup.flags) as running:
        for text in texts[:WARM]:
            answer(running.port, "POST", "/search", {"query": text, "k": setup.k})
        return [_round(running, texts, setup, clients) for clients in setup.clients]


def _round(running: Server, texts: Sequence[str], setup: Setup, clients: int) -> Finding:
    """So many clients for so long, and one question after them."""
    tallies = [Tally() for _ in range(clients)]
    end = time.monotonic() + setup.seconds
    threads = [
        threading.Thread(target=_client, args=(running.port, texts, setup.k, number, tally, end))
        for number, tally in enumerate(tallies)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    memory = [_memory(running.process.pid)]
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(SAMPLED, setup.seconds / 4))
        memory.append(_memory(running.process.pid))
    took = time.perf_counter() - began
    begin = time.perf_counter()
    after, _ = answer(running.port, "POST", "/search", {"query": texts[0], "k": setup.k})
    recovered = (time.perf_counter() - begin) * 1000
    taken = [ms for tally in tallies for ms in tally.taken]
    refused = [ms for tally in tallies for ms in tally.refused]
    codes = sum((tally.codes for tally in tallies), Counter[int]())
    summary = {
        "answered": len(taken), "per_second": len(taken) / took, **_percentiles(taken),
        "refused": len(refused), "refused_ms": spread(refused) if refused else None,
        "unsaid": sum(tally.unsaid for tally in tallies),
        "failed": sum(many for code, many in codes.items() if code not in (200, 429, 503)),
        "codes": dict(sorted(codes.items())), "after": after, "after_ms": recovered,
        "memory_first": memory[0], "memory_last": memory[-1], "memory_most": max(memory), "started": running.started,
    }  # fmt: skip
    settings = {"clients": clients, "seconds": setup.seconds, "k": setup.k, "flags": list(setup.flags)}
    return Finding(settings, summary, [{"ms": ms} for ms in taken])


def _client(port: int, texts: Sequence[str], k: int, number: int, tally: Tally, end: float) -> None:
    """Ask one question after another over one connection; a refused one waits a little, as a client should."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for turn in count(number * 7):
        if time.monotonic() > end:
            break
        begin = time.perf_counter()
        try:
            code, _, later = _asked(wire, "POST", "/search", {"query": texts[turn % len(texts)], "k": k})
        except (OSError, http.client.HTTPException, ValueError):
            tally.codes[0] += 1
            wire.close()
            continue
        ms = (time.perf_counter() - begin) * 1000
        tally.codes[code] += 1
        if code == 200:
            tally.taken.append(ms)
        else:
            tally.refused.append(ms)
            tally.unsaid += later is None
            time.sleep(0.1)
    wire.close()


def _percentiles(taken: Sequence[float]) -> dict[str, float]:
    if not taken:
        return {"p50": 0.0, "p95": 0.0, "p99": 0.0}
    return dict(zip(("p50", "p95", "p99"), np.percentile(taken, [50, 95, 99]).tolist(), strict=True))


def _memory(process: int) -> float:
    """Anonymous memory of a process in MB; 0 where that is not told."""
    file = Path(f"/proc/{process}/status")
    if not file.exists():
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in file.read_text().splitlines() if "RssAnon" in line), 0.0)


def overhead(engine: Engine, texts: Sequence[str], runs: int, k: int = 10) -> Finding:
    """The same searches by the library and over HTTP in turn, in milliseconds.

    `beside` is all of a request that no stage took, less what no stage took in the library: what the API adds, whatever
    else the machine does meanwhile, which weighs on the stages of either. `paired` is the plain difference.
    """
    values: list[dict[str, Any]] = []
    with server(engine.snapshot.layout.root) as running:
        wire = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
        for text in texts[:WARM]:
            engine.search(text, k)
            _asked(wire, "POST", "/search", {"query": text, "k": k})
        for text in texts:
            for _ in range(runs):
                begin = time.perf_counter()
                ours = engine.search(text, k)
                library = (time.perf_counter() - begin) * 1000
                begin = time.perf_counter()
                _, body, _ = _asked(wire, "POST", "/search", {"query": text, "k": k})
                over = (time.perf_counter() - begin) * 1000
                inside = sum(stage["ms"] for stage in body["stages"])
                own = library - sum(entry.ms for entry in ours.query.ledger.entries)
                same = [passage.id for passage in ours.passages] == [one["id"] for one in body["passages"]]
                values.append({"library": library, "http": over, "beside": over - inside - own, "same": same})
        wire.close()
    summary = {
        **{name: spread([value[name] for value in values]) for name in ("library", "http", "beside")},
        "paired": spread([value["http"] - value["library"] for value in values]),
        "same": all(value["same"] for value in values), "started": running.started,
    }  # fmt: skip
    return Finding({"questions": len(texts), "runs": runs, "k": k}, summary, values)
