"""Traces for OpenTelemetry: a span a request, below it a span a stage of the query path. An extra (`tracing`).

Spans are made when the request is over, from its ledger: a question pays nothing for them while it runs. They carry
sizes, times and names of routes, stages and indexes; no question, no text, no key. A caller's `traceparent` is gone on
from, and its choice not to sample is kept. Sent in the background, to the one address that the operator gave.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from cascade.errors import UsageError
from cascade.ledger import Entry, Ledger

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is over. `began` counts as `time.perf_counter` does; `parent` is its `traceparent`, if any."""

    route: str
    method: str
    status: int
    request: str
    began: float
    seconds: float
    index: str = ""
    parent: str = ""


def address(url: str) -> str:
    """An address that traces can be sent to. Raises UsageError for another, and where the extra is missing."""
    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url!r} is no address to send traces to. Give one like http://127.0.0.1:4318/v1/traces.")
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.exporter") is None:
        raise UsageError(
            "Traces take the extra `tracing`, which is not installed: pip install 'cascade-retrieval[tracing]'."
        )
    return url


class Traces:
    """Sends spans to an OTLP collector over HTTP, or to an exporter of one's own."""

    def __init__(self, url: str, exporter: SpanExporter | None = None) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._provider = TracerProvider(resource=Resource.create({"service.name": "cascade"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter(url)))
        self._tracer = self._provider.get_tracer("cascade")

    def request(self, asked: Asked, ledger: Ledger | None) -> None:
        """Hand on a request and the stages of its query."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        clock = time.time_ns() - int(time.perf_counter() * NANO)
        above = TraceContextTextMapPropagator().extract({"traceparent": asked.parent}) if asked.parent else None
        begin = clock + int(asked.began * NANO)
        facts: dict[str, Any] = {
            "http.request.method": asked.method, "http.route": asked.route,
            "http.response.status_code": asked.status, "cascade.request": asked.request,
        }  # fmt: skip
        if asked.index:
            facts["cascade.index"] = asked.index
        name = f"{asked.method} {asked.route}"
        span = self._tracer.start_span(name, above, SpanKind.SERVER, facts, start_time=begin)
        if asked.status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        below = set_span_in_context(span)
        for entry in ledger.entries if ledger else ():
            start = clock + int(entry.began * NANO)
            stage = self._tracer.start_span(entry.name, below, attributes=_facts(entry), start_time=start)
            stage.end(start + int(entry.ms * 1_000_000))
        span.end(begin + int(asked.seconds * NANO))

    def close(self) -> None:
        """Send what is left; waits no longer than the exporter does."""
        self._provider.shutdown()


def _facts(entry: Entry) -> dict[str, Any]:
    """A stage's sizes, and those of its notes that are numbers or switches: texts might be a question's."""
    numbers = {name: value for name, value in entry.notes.items() if isinstance(value, bool | int | float)}
    sizes = {"in": entry.taken, "out": entry.given, "bytes": entry.bytes}
    return {f"cascade.{name}": value for name, value in {**sizes, **numbers}.items()}
