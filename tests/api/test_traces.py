"""A request and its stages as spans: in order, within one another, without a word of the question."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from api_served import harbour, listening

from api.app import create
from api.house import House
from api.shelf import Shelf
from api.traces import Traces, address
from cascade.config import Config
from cascade.errors import UsageError

pytest.importorskip("opentelemetry.sdk")


@pytest.fixture
def traced(tmp_path):
    """A client of a server over one index, and the spans that it makes."""
    from fastapi.testclient import TestClient
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    with Shelf.open([harbour(tmp_path / "harbour")], Config()) as shelf:
        house = House(shelf, traces=Traces("", kept))
        with TestClient(create(house), base_url="http://localhost") as client:

            def spans():
                house.traces._provider.force_flush()
                return {span.name: span for span in kept.get_finished_spans()}

            yield client, spans


def test_a_search_is_a_span_with_its_stages_below_it_in_order(traced):
    client, spans = traced
    done = client.post("/indexes/harbour/search", json={"query": "when does the ferry leave"})
    found = spans()
    root = found.pop("POST /indexes/{name}/search")
    assert dict(root.attributes) == {
        "http.request.method": "POST", "http.route": "/indexes/{name}/search", "http.response.status_code": 200,
        "cascade.request": done.headers["x-request-id"], "cascade.index": "harbour",
    }  # fmt: skip
    assert [*found] == [stage["name"] for stage in done.json()["stages"]]
    assert {span.parent.span_id for span in found.values()} == {root.context.span_id}
    for span in found.values():
        assert root.start_time <= span.start_time <= span.end_time <= root.end_time
    assert found["retrieve"].attributes["cascade.out"] == done.json()["stages"][1]["out"]


def test_no_span_holds_a_word_of_the_question(traced):
    client, spans = traced
    client.post("/indexes/harbour/search", json={"query": "zanzibar ferry"})
    client.post("/indexes/harbour/ask", json={"question": "zanzibar ferry?"})
    assert len(spans()) > 5
    assert not any("zanzibar" in f"{span.name} {dict(span.attributes)}" for span in spans().values())


def test_a_callers_trace_is_gone_on_from_and_its_wish_not_to_sample_kept(traced):
    client, spans = traced
    trace = "0af7651916cd43dd8448eb211c80319c"
    client.get("/health", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    root = spans()["GET /health"]
    assert f"{root.context.trace_id:032x}" == trace
    assert f"{root.parent.span_id:016x}" == "b7ad6b7169203331"
    client.get("/version", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-00"})
    assert "GET /version" not in spans()


@pytest.mark.parametrize("parent", ["", "nonsense", "00-" + "0" * 32 + "-" + "0" * 16 + "-01", "\x7f" * 300])
def test_a_traceparent_that_is_none_begins_a_trace_of_its_own(traced, parent):
    client, spans = traced
    assert client.get("/health", headers={"traceparent": parent}).status_code == 200
    assert spans()["GET /health"].parent is None


def test_a_refused_request_is_a_span_too(traced):
    client, spans = traced
    client.post("/indexes/nowhere/search", json={"query": "ferry"})
    assert spans()["POST /indexes/{name}/search"].attributes["http.response.status_code"] == 404


def test_a_collector_gets_them_over_http(tmp_path):
    """A real OTLP request to a listener on this machine, read with the protocol's own messages."""
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    got = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as collector:
        thread = threading.Thread(target=collector.serve_forever, args=(0.01,))
        thread.start()
        url = address(f"http://127.0.0.1:{collector.server_port}/v1/traces")
        with Shelf.open([harbour(tmp_path / "harbour")], Config()) as shelf:
            import httpx

            with listening(create(House(shelf, traces=Traces(url)))) as port:
                httpx.get(f"http://127.0.0.1:{port}/health").raise_for_status()
        collector.shutdown()
        thread.join(10)
    path, body = got[0]
    raw = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    said = ExportTraceServiceRequest.FromString(raw)
    assert path == "/v1/traces"
    assert [span.name for span in said.resource_spans[0].scope_spans[0].spans] == ["GET /health"]
    named = {one.key: one.value.string_value for one in said.resource_spans[0].resource.attributes}
    assert named["service.name"] == "cascade"


@pytest.mark.parametrize("url", ["", "collector:4318", "file:///etc/passwd", "ftp://here"])
def test_an_address_that_is_none_is_refused_with_an_example(url):
    with pytest.raises(UsageError, match=r"http://127\.0\.0\.1:4318"):
        address(url)
