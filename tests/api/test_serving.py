"""`cascade serve` itself: a process, or several that are one server to whoever asks; stopped by a signal, quietly."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from api_served import harbour, keyed

from api.cli import serve
from api.limits import MIB, Limits
from api.serving import listen
from cascade.errors import UsageError


@contextmanager
def running(*arguments):
    command = [sys.executable, "-m", "cascade", "serve", *map(str, arguments), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": ""})
    try:
        said = process.stderr.readline()
        port = int(re.search(r"http://127.0.0.1:(\d+)/ ", said)[1])
        end = time.monotonic() + 30
        while asked(port, "GET", "/ready")[0] != 200:
            assert time.monotonic() < end
            time.sleep(0.05)
        yield process, port
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.stderr.close()
        process.wait(10)


def asked(port, method, path, body=None, key=None):
    return sent(port, method, path, None if body is None else json.dumps(body), key)


def sent(port, method, path, raw, key=None):
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    try:
        wire.request(method, path, raw, headers)
        response = wire.getresponse()
        return response.status, response.read()
    except ConnectionError:
        return 0, b""
    finally:
        wire.close()


def test_several_processes_are_one_server(tmp_path):
    root = harbour(tmp_path / "harbour")
    _, tokens = keyed(tmp_path)
    key = tokens["admin"]
    with running(root, "--reader", "toy", "--keys", tmp_path / "keys.json", "--workers", "2") as (_, port):
        assert asked(port, "POST", "/search", {"query": "ferry"})[0] == 401
        code, body = asked(port, "POST", "/indexes/harbour/records?wait=30", {"records": [{"text": "Gulls."}]}, key)
        assert (code, json.loads(body)["state"]) == (200, "done")
        job = json.loads(body)["id"]
        assert {asked(port, "GET", f"/jobs/{job}", key=key)[0] for _ in range(12)} == {200}
        time.sleep(0.6)
        found = [json.loads(asked(port, "POST", "/search", {"query": "gulls"}, key)[1]) for _ in range(8)]
        assert {one["passages"][0]["text"] for one in found} == {"Gulls."}
        figures = asked(port, "GET", "/metrics", key=key)[1].decode()
        counted = re.search(r'^cascade_requests_total{route="/search",status="200"} (\d+)', figures, re.M)
        assert counted[1] == "8"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("cascade-")]


def test_the_command_refuses_to_listen_for_others_without_keys(tmp_path):
    with pytest.raises(UsageError, match="cascade keys create"):
        serve.callback((harbour(tmp_path / "harbour"),), "0.0.0.0", 0, keys=None, workers=1)


def test_a_socket_names_its_protocol_so_that_answers_are_sent_without_delay():
    with listen("127.0.0.1", 0) as held:
        assert held.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_said_in_a_sentence():
    with listen("127.0.0.1", 0) as held:
        held.listen()
        with pytest.raises(UsageError, match="another --port"):
            listen("127.0.0.1", held.getsockname()[1])


def test_a_prompt_that_one_process_read_is_known_to_all_of_them_and_to_no_other_key(tmp_path):
    root, kept = harbour(tmp_path / "harbour"), tmp_path / "prompts"
    _, tokens = keyed(tmp_path)
    words = " ".join(f"Buoy {n} is painted in colour {n % 7}." for n in range(3000))
    text = f"{words} The pilot of Anholt is called Merete Kvist. {words}"
    messages = [{"role": "user", "content": text}, {"role": "user", "content": "What is the pilot of Anholt called?"}]
    body = {"model": "cascade/harbour", "messages": messages}
    how = ["--keys", tmp_path / "keys.json", "--workers", "2", "--reader", "extractive", "--prompts", kept]
    with running(root, *how) as (_, port):
        said = [asked(port, "POST", "/v1/chat/completions", body, tokens["admin"]) for _ in range(8)]
        assert {code for code, _ in said} == {200}
        assert all("Merete Kvist" in json.loads(raw)["choices"][0]["message"]["content"] for _, raw in said)
        indexes = [path for path in kept.iterdir() if (path / "manifest.json").exists()]
        assert len(indexes) == 1
        assert asked(port, "POST", "/v1/chat/completions", body, tokens["reader"])[0] == 200
        indexes = [path for path in kept.iterdir() if (path / "manifest.json").exists()]
        assert len(indexes) == 2
        assert {path.stat().st_mode & 0o077 for path in indexes} == {0}


def test_64_mib_is_read_on_the_routes_of_prompts_and_not_a_byte_more(tmp_path):
    """That the model is not there is the answer to a body that was read whole."""
    with running(harbour(tmp_path / "harbour"), "--reader", "toy") as (_, port):
        frame = json.dumps({"model": "cascade/nowhere", "messages": [{"role": "user", "content": "#"}]}).split("#")
        room = Limits().prompt - len("".join(frame))
        raw = frame[0] + "gull cry " * (room // 9) + "x" * (room % 9) + frame[1]
        assert len(raw) == 64 * MIB
        assert sent(port, "POST", "/v1/chat/completions", raw)[0] == 404
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        wire.putrequest("POST", "/v1/chat/completions")
        wire.putheader("Content-Length", str(64 * MIB + 1))
        wire.endheaders()
        assert wire.getresponse().status == 413
        wire.close()
