"""What Prometheus scrapes: times by stage, candidates, survivors, tokens, incomplete answers, requests.

Knows ledgers and numbers; knows nothing of HTTP. Indexes and keys are no labels: names are not for every scraper, and
labels that clients choose grow without end.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from cascade.ledger import Ledger

TIMES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
WIDE = (1, 10, 117, 500, 1_000, 5_000, 10_000, 20_000, 30_000, 60_000)
FEW = (0, 1, 5, 10, 20, 50, 80, 117, 500)
READ = (0, 128, 256, 512, 1_024, 4_096, 16_384, 65_536)


class Metrics:
    """One process's figures; where several processes serve and say so to Prometheus's client, all of theirs."""

    def __init__(self, held: Callable[[], int] = int, opened: Callable[[], int] = int) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self._registry = CollectorRegistry()
        how: dict[str, Any] = {"registry": self._registry, "namespace": "cascade"}
        self._stages = Histogram("stage_seconds", "Time of a stage of the query path.", ["stage"], buckets=TIMES, **how)
        self._candidates = Histogram("candidates", "Candidates of a question.", buckets=WIDE, **how)
        self._survivors = Histogram("survivors", "Passages that Rerank kept.", buckets=FEW, **how)
        self._window = Histogram("window_tokens", "Tokens of a packed window.", buckets=READ, **how)
        self._tokens = Counter("reader_tokens", "Tokens of prompts and answers.", ["kind"], **how)
        self._incomplete = Counter("incomplete", "Results from which a part of the index was missing.", **how)
        self._late = Counter("late", "Stages that were cut short by a deadline.", ["stage"], **how)
        self._requests = Counter("requests", "Requests by route and status.", ["route", "status"], **how)
        self._times = Histogram("request_seconds", "Time of a request.", ["route"], buckets=TIMES, **how)
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            Gauge("works_held", "Works that run or wait.", **how).set_function(held)
            Gauge("indexes_open", "Indexes that are open.", **how).set_function(opened)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()
        self._times.labels(route).observe(seconds)

    def ledger(self, ledger: Ledger, complete: bool = True) -> None:
        """Count what the stages of one query took, gave and cost."""
        for entry in ledger.entries:
            self._stages.labels(entry.name).observe(entry.ms / 1000)
            if entry.notes.get("late"):
                self._late.labels(entry.name).inc()
            if entry.name == "retrieve":
                self._candidates.observe(entry.given)
            elif entry.name == "select":
                self._survivors.observe(entry.given)
            elif entry.name == "pack":
                self._window.observe(entry.notes.get("tokens", 0))
            elif entry.name == "generate":
                for kind in ("prompt", "answer"):
                    self._tokens.labels(kind).inc(entry.notes.get(f"{kind}_tokens", 0))
        if not complete:
            self._incomplete.inc()

    def page(self) -> bytes:
        """All figures in Prometheus's text format."""
        from prometheus_client import CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self._registry
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
