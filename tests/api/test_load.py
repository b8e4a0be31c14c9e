"""Under load: a short queue and a plain no, deadlines, clients that leave, idle indexes, new commits, a quiet end."""

import asyncio
import http.client
import json
import threading
import time

import pytest
from api_served import bay, harbour, listening, served
from small import build, record

from api.app import create
from api.house import House, Rules
from api.limits import Buckets, Limits
from api.pool import Pool
from api.refusals import Busy
from api.serving import allowed
from api.shelf import Shelf
from cascade.config import Config
from cascade.errors import Cancelled, CascadeError, NoIndex, UsageError
from cascade.ledger import Ledger
from cascade.models.toy import ToyReader


def ask(port, path, body, patience=20):
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    wire.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    response = wire.getresponse()
    found = response.status, dict(response.getheaders()), json.loads(response.read())
    wire.close()
    return found


class Slow(ToyReader):
    """A reader that says a word every 20 ms, without end, until it is closed."""

    def __init__(self):
        super().__init__()
        self.begun, self.ended = threading.Event(), threading.Event()

    def read(self, prompt, most=256):
        self.begun.set()
        try:
            while True:
                time.sleep(0.02)
                yield "word "
        finally:
            self.ended.set()


@pytest.fixture
def slow(tmp_path):
    """A server of one thread and one place to wait, whose reader never ends by itself."""
    with Shelf.open([harbour(tmp_path / "harbour")], Config(reader="toy")) as shelf:
        reader = Slow()
        shelf.engine("harbour")._reader = reader  # what a test of its own would open through `Engine.open`
        house = House(shelf, Pool(1, 1), rules=Rules(Limits(concurrent=64), drain=5))
        with listening(create(house)) as port:
            yield port, house, reader


def test_when_every_place_is_taken_the_answer_is_a_quick_no_and_it_recovers(slow):
    port, house, reader = slow
    held = [threading.Thread(target=ask, args=(port, "/ask", {"question": "q", "deadline": 1.0})) for _ in range(2)]
    held[0].start()
    assert reader.begun.wait(10)
    held[1].start()
    while house.pool.held < 2:
        time.sleep(0.01)
    begin = time.monotonic()
    code, headers, problem = ask(port, "/search", {"query": "ferry"})
    assert (code, problem["type"], time.monotonic() - begin < 0.5) == (503, "urn:cascade:problem:busy", True)
    assert int(headers["retry-after"]) >= 1
    for thread in held:
        thread.join(10)
    assert ask(port, "/search", {"query": "ferry"})[0] == 200


def test_a_deadline_ends_the_reading_and_the_answer_says_so(slow):
    port, _, reader = slow
    begin = time.monotonic()
    code, _, answer = ask(port, "/ask", {"question": "How high is the tower?", "deadline": 0.6})
    assert (code, time.monotonic() - begin < 5, reader.ended.is_set()) == (200, True, True)
    assert answer["stages"][-1]["late"] is True


def test_a_deadline_that_passes_in_the_queue_is_not_worked_on(slow):
    port, _, reader = slow
    first = threading.Thread(target=ask, args=(port, "/ask", {"question": "q", "deadline": 1.0}))
    first.start()
    assert reader.begun.wait(10)
    code, _, problem = ask(port, "/search", {"query": "ferry", "deadline": 0.1})
    assert (code, "before" in problem["detail"]) == (503, True)
    first.join(10)


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_stops_the_work(slow, stream):
    port, house, reader = slow
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = json.dumps({"question": "How high is the tower?", "stream": stream})
    wire.request("POST", "/ask", body, {"Content-Type": "application/json"})
    assert reader.begun.wait(10)
    wire.sock.close()
    if stream:
        wire.close()
    assert reader.ended.wait(5)
    end = time.monotonic() + 5
    while house.pool.held and time.monotonic() < end:
        time.sleep(0.01)
    assert house.pool.held == 0


def test_a_server_that_stops_finishes_what_is_under_way(tmp_path):
    found = []
    with Shelf.open([harbour(tmp_path / "harbour")], Config(reader="toy")) as shelf:
        reader = Slow()
        shelf.engine("harbour")._reader = reader
        with listening(create(House(shelf))) as port:
            body = {"question": "How high is the tower?", "deadline": 1.0}
            thread = threading.Thread(target=lambda: found.append(ask(port, "/ask", body)))
            thread.start()
            assert reader.begun.wait(10)
        thread.join(10)
    assert found[0][0] == 200


def test_a_pool_that_is_closed_takes_nothing_and_a_stopped_work_never_runs():
    async def go():
        pool, ledger = Pool(1, 4), Ledger()
        first = asyncio.ensure_future(pool.run(lambda: time.sleep(0.1)))
        await asyncio.sleep(0.01)
        ledger.stop.set()
        with pytest.raises(Cancelled):
            await pool.run(lambda: pytest.fail("it ran"), ledger)
        await first
        assert await pool.drain(5)
        with pytest.raises(Busy, match="stopping"):
            await pool.run(int)

    asyncio.run(go())


def test_a_bucket_fills_again_with_time():
    now = [0.0]
    buckets = Buckets(lambda: now[0])
    assert [buckets.wait("a", 60) for _ in range(60)] == [0.0] * 60
    assert 0 < buckets.wait("a", 60) <= 1
    assert buckets.wait("b", 60) == 0
    now[0] = 1.01
    assert (buckets.wait("a", 60), buckets.wait("a", 60) > 0) == (0.0, True)
    for name in range(Buckets.MOST + 10):
        buckets.wait(str(name), 60)
    assert len(buckets._held) == Buckets.MOST


def test_indexes_open_when_asked_and_close_when_idle_but_never_under_a_question(tmp_path):
    shelf = Shelf.open([harbour(tmp_path / "harbour"), bay(tmp_path / "bay")], Config(reader="toy"), idle=0.0)
    assert shelf.opened == ()
    with shelf.lease("bay") as engine:
        time.sleep(0.01)
        assert (shelf.opened, shelf.tidy()) == (("bay",), [])
        assert engine.search("seals").passages
    time.sleep(0.01)
    assert (shelf.tidy(), shelf.opened) == (["bay"], ())
    with shelf.lease("bay") as engine:
        assert engine.search("seals").passages
    shelf.close()


def test_a_commit_of_another_process_is_seen_without_a_restart(tmp_path):
    with served(tmp_path) as at:
        asked = {"query": "walrus", "k": 1, "index": "bay"}
        assert at.sent("POST", "/search", json=asked).json()["passages"][0]["key"] == "seal"
        build(at.house.shelf.path("bay"), [record("walrus", "A walrus came by in March.", key="walrus")])
        time.sleep(0.6)
        assert at.sent("POST", "/search", json=asked).json()["passages"][0]["key"] == "walrus"


def test_what_is_no_index_is_refused_at_the_start(tmp_path):
    with pytest.raises(NoIndex, match="cascade add"):
        Shelf.open([tmp_path / "nothing"])


def test_others_can_reach_the_server_only_with_keys(tmp_path):
    with served(tmp_path) as at:
        for host in ("127.0.0.1", "localhost", "::1"):
            allowed(host, None)
        for host in ("0.0.0.0", "::", "192.168.1.5", "example.org"):
            with pytest.raises(UsageError, match="cascade keys create"):
                allowed(host, None)
            allowed(host, at.house.keys.file)
        with pytest.raises(CascadeError, match="no key"):
            allowed("0.0.0.0", tmp_path / "none.json")


def test_threads_ask_at_once_and_get_what_one_alone_gets(tmp_path):
    with served(tmp_path) as at, listening(create(House(at.house.shelf, Pool(4, 64)))) as port:
        alone = ask(port, "/search", {"index": "harbour", "query": "ferry"})[2]["passages"]
        found = []
        threads = [
            threading.Thread(
                target=lambda: found.append(ask(port, "/search", {"index": "harbour", "query": "ferry"})[2]["passages"])
            )
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [alone] * 16
