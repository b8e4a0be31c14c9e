"""Hostile requests: none gets in, none gives a 5xx, and what is not there for a key is not there at all."""

import json
import socket
import time

import pytest
from api_served import listening, served
from hostile_requests import attempts

from api.app import create
from api.house import House, Rules
from api.limits import MIB, Limits
from api.shelf import Shelf
from cascade.config import Config

TABLE = attempts()
LIMITS = Limits(upload=2 * MIB, files=10, rate=100_000, failures=100_000, grace=1.0, concurrent=64)


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    rules = Rules(LIMITS, hosts=("testserver",))
    with served(tmp_path_factory.mktemp("hostile"), rules) as found:
        yield found


def sent(at, attempt, key=None):
    how = dict(attempt.how)
    if how.pop("pieces", False):
        content = how["content"]
        how["content"] = (content[begin : begin + 65_536] for begin in range(0, len(content), 65_536))
    return at.sent(attempt.method, attempt.path, attempt.key if key is None else key, **how)


def test_the_table_is_long():
    assert len(TABLE) >= 200
    assert len({(one.name, one.method, one.path, str(one.how)) for one in TABLE}) == len(TABLE)


UNCLOSED = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""A form that ends too soon leaves a file that only its collection closes."""


@pytest.mark.parametrize(
    "attempt",
    [pytest.param(one, marks=UNCLOSED if one.name == "form with no end" else ()) for one in TABLE],
    ids=lambda one: f"{one.name}: {one.method} {one.path}"[:70],
)
def test_a_hostile_request_is_turned_away(at, attempt):
    before = at.house.shelf.engine("harbour").snapshot.manifest.commit
    response = sent(at, attempt)
    assert response.status_code in attempt.codes, response.text[:300]
    if attempt.method not in ("HEAD", "OPTIONS"):
        problem = response.json()
        if "error" in problem:  # the doors that speak OpenAI's API say it in its shape
            problem = {"status": response.status_code, "detail": problem["error"]["message"], **problem}
        assert problem["status"] == response.status_code
        assert not any(secret in response.text for secret in at.keys.values())
        assert str(at.house.shelf.path("harbour").parent) not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    at.house.shelf.renew("harbour")
    assert at.house.shelf.engine("harbour").snapshot.manifest.commit == before


@pytest.mark.parametrize("attempt", [one for one in TABLE if one.name == "other's index"], ids=lambda one: one.path)
def test_anothers_index_is_as_if_it_were_not_there(at, attempt):
    found = sent(at, attempt)
    body = json.loads(json.dumps(attempt.how.get("json") or {}).replace("harbour", "nowhere"))
    how = {**attempt.how, "json": body} if body else attempt.how
    none = at.sent(attempt.method, attempt.path.replace("harbour", "nowhere"), "other", **how)
    told = found.text.replace("harbour", "nowhere")
    assert (found.status_code, told) == (none.status_code, none.text)
    kept = {name: value for name, value in found.headers.items() if name not in ("x-request-id", "content-length")}
    assert kept == {name: none.headers[name] for name in kept}


def test_anothers_job_is_as_if_it_were_not_there(at):
    job = at.sent("POST", "/indexes/harbour/records/stream", "writer", content=b'{"text": "Buoys."}\n').json()["id"]
    for method in ("GET", "DELETE"):
        found, none = (at.sent(method, f"/jobs/{each}", "other") for each in (job, "f" * 16))
        assert (found.status_code, found.text.replace(job, "f" * 16)) == (404, none.text)
    assert at.sent("GET", "/jobs", "other").json() == {"jobs": []}


def test_a_request_id_of_the_client_is_taken_only_where_it_is_harmless(at):
    assert at.sent("GET", "/indexes", headers={"X-Request-ID": "abc-1.2"}).headers["x-request-id"] == "abc-1.2"
    for wrong in ("a b", "a" * 65, "x;y", "", "a\tb", "<b>"):
        assert at.sent("GET", "/indexes", headers={"X-Request-ID": wrong}).headers["x-request-id"] != wrong


def test_wrong_keys_are_counted_by_address(tmp_path):
    with served(tmp_path, Rules(Limits(failures=3))) as at:
        codes = [at.sent("GET", "/indexes", "", headers={"X-API-Key": f"cascade_x_{n}"}).status_code for n in range(5)]
        assert codes == [401, 401, 401, 429, 429]
        assert at.sent("GET", "/indexes", "", headers={"X-API-Key": "no"}).headers["retry-after"].isdigit()


def test_a_key_that_asks_too_often_is_told_when_to_come_back(tmp_path):
    with served(tmp_path, Rules(Limits(rate=4))) as at:
        codes = [at.sent("GET", "/indexes", "reader").status_code for _ in range(6)]
        assert codes == [200] * 4 + [429] * 2
        assert 0 < int(at.sent("GET", "/indexes", "reader").headers["retry-after"]) <= 16
        assert at.sent("GET", "/indexes", "writer").status_code == 200


@pytest.fixture(scope="module")
def port(at):
    house = House(at.house.shelf, keys=at.house.keys, rules=Rules(LIMITS))
    with listening(create(house), head=0.5) as found:
        yield found


def raw(port, *pieces, pause=0.0, patience=10.0):
    """What a server says to bytes that are sent piece by piece, until it closes; and how long that took."""
    begin, said = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as wire:
        try:
            for piece in pieces:
                wire.sendall(piece)
                time.sleep(pause)
            while more := wire.recv(65_536):
                said += more
        except (ConnectionError, BrokenPipeError):
            pass
    return said, time.monotonic() - begin


def head(at, key="reader", *more):
    lines = ["POST /indexes/harbour/search HTTP/1.1", "Host: x", "Content-Type: application/json", *more]
    lines += [f"Authorization: Bearer {at.keys[key]}"] if key else []
    return "\r\n".join([*lines, "", ""]).encode()


def test_a_head_that_never_ends_is_hung_up_on(at, port):
    said, took = raw(port, b"POST / HTTP/1.1\r\nHost: x\r\n")
    assert (said, took < 5) == (b"", True)
    drips = [b"G", b"E", b"T", b" ", b"/", b" ", b"H", b"T", b"T", b"P"]
    said, took = raw(port, *drips, pause=0.15)
    assert (said, took < 5) == (b"", True)
    assert raw(port)[1] < 5


def test_a_body_that_drips_is_hung_up_on(at, port):
    said, took = raw(port, head(at, "reader", "Content-Length: 1000"), *[b"{"] * 5, pause=0.1)
    assert said.startswith(b"HTTP/1.1 408")
    assert took < 8
    said, took = raw(port, head(at, "reader", "Transfer-Encoding: chunked"), *[b"1\r\n{\r\n"] * 5, pause=0.1)
    assert said.startswith(b"HTTP/1.1 408")


def test_nobody_is_turned_away_before_the_body_is_read(at, port):
    said, took = raw(port, head(at, "", "Content-Length: 1000000"))
    assert said.startswith(b"HTTP/1.1 401")
    assert took < 5


@pytest.mark.parametrize(
    "bytes_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /jobs HTTP/9.9\r\n\r\n", b"GET /\r\n\r\n", b"\r\n" * 50,
        b"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET " + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", bytes(range(256)) * 20,
    ],
)  # fmt: skip
def test_bytes_that_are_no_request_end_the_connection(port, bytes_):
    said, took = raw(port, bytes_)
    assert said[9:10] in (b"4", b"")
    assert took < 8
    assert b" 500 " not in said[:20]
    assert raw(port, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")[0].startswith(b"HTTP/1.1 200")


def test_a_smuggled_request_is_not_answered(at, port):
    inner = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    both = (
        b"POST /search HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner
    )
    said, _ = raw(port, both)
    assert said.count(b"HTTP/1.1 200") == 0


def test_without_keys_only_this_machines_names_are_answered_to(at):
    rules = Rules(hosts=("localhost", "127.0.0.1"))
    shelf = Shelf.open([at.house.shelf.path("bay")], Config(reader="toy"))
    with shelf, listening(create(House(shelf, rules=rules))) as port:
        ask = "GET /indexes HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"
        codes = {
            name: raw(port, ask.format(name).encode())[0][9:12].decode()
            for name in (f"localhost:{port}", f"127.0.0.1:{port}", "LOCALHOST", "evil.example", f"evil.example:{port}")
        }
        assert list(codes.values()) == ["200", "200", "200", "400", "400"]
        assert json.loads(raw(port, ask.format("localhost").encode())[0].partition(b"\r\n\r\n")[2])["indexes"]
