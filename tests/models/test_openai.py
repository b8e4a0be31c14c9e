"""Served models over real HTTP on the loopback: streams, retries, timeouts, and a key that is never shown."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from cascade.data import Ended, Manner
from cascade.errors import BadConfig, CascadeError, ReaderFailed
from cascade.models.base import Encoder, Prompt, Reader
from cascade.models.endpoint import Endpoint
from cascade.models.openai import OpenAIEncoder, OpenAIReader, estimate

KEY = "sk-very-secret-123"
PROMPT = Prompt("Be brief.", "[1] A\nThe sky is blue.", "Which colour?", ("Hello", "Hi"))

Reply = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


@dataclass
class Server:
    """A fake server: answers each request with the next reply; the last one stays."""

    replies: list[Reply]
    base: str = ""
    asked: list[tuple[str, dict[str, Any], str]] = field(default_factory=list)

    def endpoint(self, **settings: Any) -> Endpoint:
        return Endpoint(self.base, KEY, **{"pause": 0.01, **settings})


@contextmanager
def serving(*replies: Reply) -> Iterator[Server]:
    server = Server(list(replies))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.asked.append((self.path, body, self.headers.get("authorization", "")))
            reply = server.replies.pop(0) if len(server.replies) > 1 else server.replies[0]
            reply(self, body)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    server.base = f"http://127.0.0.1:{http.server_port}/v1"
    try:
        yield server
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def says(status: int, body: Any, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(raw)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(raw)

    return reply


def streams(*pieces: str, done: bool = True, broken: bool = False) -> Reply:
    def reply(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        events = [json.dumps({"choices": [{"delta": {"content": piece}}]}) for piece in pieces]
        lines = [": a comment\n\n", *(f"data: {event}\n\n" for event in events)]
        lines += ['data: {"choices": [], "usage": {"prompt_tokens": 9}}\n\n'] + ["data: [DONE]\n\n"] * done
        raw = "".join(lines).encode()
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        if broken:
            handler.send_header("content-length", str(len(raw) + 100))
        handler.end_headers()
        handler.wfile.write(raw)

    return reply


def silent(seconds: float) -> Reply:
    def reply(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        time.sleep(seconds)
        handler.close_connection = True

    return reply


def embeds(handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    """A vector (length, 3) for each text, in reverse order, as servers may."""
    rows = [{"index": i, "embedding": [len(text), 3]} for i, text in enumerate(body["input"])]
    says(200, {"data": rows[::-1]})(handler, body)


def read(server: Server, **settings: Any) -> list[str]:
    return list(OpenAIReader(server.endpoint(**settings), "m").read(PROMPT, 20))


def test_the_answer_streams_in_pieces():
    with serving(streams("The sky ", "", "is blué.")) as server:
        reader = OpenAIReader(server.endpoint(), "m", window=99)
        assert list(reader.read(PROMPT)) == ["The sky ", "is blué."]
        assert reader.usage == {"prompt_tokens": 9}
        assert reader.window == 99
        assert isinstance(reader, Reader)


def test_the_request_holds_the_whole_conversation():
    with serving(streams("x")) as server:
        read(server)
    path, body, key = server.asked[0]
    assert (path, key) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert body == {
        "model": "m", "max_tokens": 20, "temperature": 0, "stream": True,
        "messages": [
            {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi"},
            {"role": "user", "content": "[1] A\nThe sky is blue.\n\nQuestion: Which colour?"},
        ],
    }


def tells(*events: dict[str, Any]) -> Reply:
    """Whole events, as they stand."""

    def reply(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        for event in events:
            handler.wfile.write(f"data: {json.dumps(event)}\n\n".encode())

    return reply


def test_the_askers_own_messages_and_fields_are_sent_as_they_are():
    image = {"type": "image_url", "image_url": {"url": "data:x"}}
    turns = (
        {"role": "developer", "content": "In rhyme."},
        {"role": "user", "content": [{"type": "text", "text": "Which?"}, image]},
        {"role": "tool", "tool_call_id": "c", "content": "blue"},
    )
    manner = Manner("In rhyme.", turns=turns, place=1, passed={"temperature": 0.7, "max_completion_tokens": 9})
    with serving(streams("x")) as server:
        asked = Prompt("In rhyme. Cite.", "[1] A\nB", "Which?", manner=manner)
        list(OpenAIReader(server.endpoint(), "m").read(asked, 20))
    assert server.asked[0][1] == {
        "model": "m", "max_completion_tokens": 20, "temperature": 0.7, "stream": True,
        "messages": [
            {"role": "developer", "content": "In rhyme. Cite."},
            {"role": "user", "content": [{"type": "text", "text": "[1] A\nB\n\nQuestion: Which?"}, image]},
            turns[2],
        ],
    }  # fmt: skip
    assert turns[1]["content"][0] == {"type": "text", "text": "Which?"}


def test_calls_of_tools_and_the_servers_own_counts_come_back():
    def part(**said: Any) -> dict[str, Any]:
        return {"choices": [{"delta": {"tool_calls": [{"index": 0, **said}]}}]}

    events = (
        part(id="c1", function={"name": "look", "arguments": ""}),
        part(function={"arguments": '{"a":'}),
        part(function={"arguments": "1}"}),
        {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
        {"choices": [], "usage": {"prompt_tokens": 70, "completion_tokens": 8}},
    )
    with serving(tells(*events)) as server:
        stream = OpenAIReader(server.endpoint(), "m").read(PROMPT)
        with pytest.raises(StopIteration) as done:
            next(stream)
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}
    assert done.value.value == Ended("tool_calls", (call,), 70, 8)


def test_a_server_that_does_not_stream_is_understood():
    with serving(says(200, {"choices": [{"message": {"content": "whole"}}]})) as server:
        assert read(server) == ["whole"]


def test_a_stream_without_its_end_mark_is_taken_when_the_connection_closes_well():
    with serving(streams("whole", done=False)) as server:
        assert read(server) == ["whole"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(status):
    with serving(says(status, {}), says(status, {}), streams("fine")) as server:
        assert read(server) == ["fine"]
        assert len(server.asked) == 3


def test_the_server_says_how_long_to_wait():
    with serving(says(429, {}, retry_after="1"), streams("fine")) as server:
        begin = time.monotonic()
        assert read(server) == ["fine"]
        assert time.monotonic() - begin >= 1


def test_a_wait_that_is_asked_for_as_a_date_in_the_past_is_no_wait():
    with serving(says(429, {}, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), streams("fine")) as server:
        assert read(server, pause=60.0) == ["fine"]


def test_no_wait_is_longer_than_patience():
    with serving(says(503, {}, retry_after="3600"), streams("fine")) as server:
        assert read(server, patience=0.01) == ["fine"]


def test_after_the_last_try_the_error_names_status_host_and_next_step():
    with serving(says(503, {"error": "busy"})) as server:
        with pytest.raises(ReaderFailed, match=r"127\.0\.0\.1:\d+ answered 503: .*busy.* extractive"):
            read(server, tries=2)
        assert len(server.asked) == 2


@pytest.mark.parametrize(("status", "hint"), [(400, "Try again"), (401, "CASCADE_READER_KEY"), (404, "/v1")])
def test_a_refusal_is_not_tried_again(status, hint):
    with serving(says(status, {"error": "no"})) as server:
        with pytest.raises(ReaderFailed, match=hint):
            read(server)
        assert len(server.asked) == 1


def test_a_server_that_stays_silent_is_given_up():
    with serving(silent(0.5)) as server, pytest.raises(ReaderFailed, match=r"did not answer in time in 2 attempts"):
        read(server, timeout=0.1, tries=2)


def test_a_server_that_is_not_there_is_given_up():
    with serving(streams()) as server:
        pass
    with pytest.raises(ReaderFailed, match="could not be reached in 2 attempts"):
        read(server, tries=2)


def test_a_stream_that_breaks_off_is_an_error_and_not_asked_twice():
    with serving(streams("half", done=False, broken=True)) as server:
        pieces = OpenAIReader(server.endpoint(), "m").read(PROMPT)
        assert next(pieces) == "half"
        with pytest.raises(ReaderFailed, match="broke off"):
            list(pieces)
        assert len(server.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", {"error": {"message": "no such model"}}])
def test_nonsense_is_an_error_with_a_next_step(body):
    with serving(says(200, body)) as server, pytest.raises(ReaderFailed, match=r"Check|Try"):
        read(server)


def test_leaving_a_stream_early_closes_it():
    with serving(streams("a", "b")) as server:
        pieces = OpenAIReader(server.endpoint(), "m").read(PROMPT)
        assert next(pieces) == "a"
        pieces.close()


def test_the_key_is_in_no_repr_and_no_error_even_when_the_server_echoes_it():
    with serving(says(401, {"error": f"bad key {KEY}"}), says(200, {"error": f"bad key {KEY}"})) as server:
        reader, encoder = OpenAIReader(server.endpoint(), "m"), OpenAIEncoder(server.endpoint(), "m")
        shown = repr(reader) + repr(encoder) + repr(reader.endpoint) + reader.name
        for _ in range(2):
            with pytest.raises(CascadeError) as caught:
                list(reader.read(PROMPT))
            shown += str(caught.value) + repr(caught.value)
        assert KEY not in shown
        assert shown.count("[key]") >= 2


@pytest.mark.parametrize("base", ["ftp://host/v1", "host/v1", "https://", f"https://user:{KEY}@host/v1"])
def test_an_address_that_cannot_be_one_is_refused_without_showing_it(base):
    with pytest.raises(BadConfig) as caught:
        Endpoint(base)
    assert KEY not in str(caught.value)


def test_embeddings_are_unit_vectors_in_the_order_asked():
    with serving(embeds) as server:
        encoder = OpenAIEncoder(server.endpoint(), "e")
        assert isinstance(encoder, Encoder)
        assert (encoder.dim, encoder.fingerprint) == (2, "openai-e-2")
        assert encoder.encode_passages(["four", "", "xx\ud83d"]) == pytest.approx(
            np.array([[0.8, 0.6], [1 / 10**0.5, 3 / 10**0.5], [3 / 18**0.5, 3 / 18**0.5]])
        )
        assert encoder.encode_query("four") == pytest.approx([0.8, 0.6])
        assert encoder.encode_passages([]).shape == (0, 2)


def test_many_texts_go_in_several_requests():
    with serving(embeds) as server:
        texts = ["x" * (i % 9 + 1) for i in range(300)]
        found = OpenAIEncoder(server.endpoint(), "e").encode_passages(texts)
        assert [len(body["input"]) for _, body, _ in server.asked] == [128, 128, 44]
        assert found[:, 0] == pytest.approx(np.array([len(t) / np.hypot(len(t), 3) for t in texts]))


@pytest.mark.parametrize(
    "data",
    [None, [], [{"index": 0}], [{"index": 0, "embedding": [0, 0]}], [{"index": 0, "embedding": ["x"]}]],
)
def test_an_answer_without_a_vector_for_each_text_is_an_error(data):
    with serving(says(200, {"data": data})) as server, pytest.raises(ReaderFailed, match="one vector for each text"):
        OpenAIEncoder(server.endpoint(), "e").encode_query("x")


def test_the_estimate_is_high_for_english_and_one_a_character_elsewhere():
    assert estimate("") == 0
    assert estimate("seven letters in four words and more") == 11
    assert estimate("埃菲尔") == 3
