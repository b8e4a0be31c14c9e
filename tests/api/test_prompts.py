"""Private indexes of long prompts: whose they are, what is kept, what a crash leaves, when they go."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from pathlib import Path

import pytest

from api.house import House, Rules
from api.prompts import Bounds, Document, Prompts
from api.shelf import Shelf
from cascade.config import Config
from cascade.errors import Cancelled, Unwritable
from cascade.ledger import Ledger
from cascade.models.extractive import Extractive

TEXT = Document("message 1", "The keeper of Skagen is called Mortensen.\n" * 3)
MORE = Document("message 3", "The dog of the keeper is called Pluto.")


def prompts(folder: Path, **bounds: float) -> Prompts:
    return Prompts(folder, Config(), Extractive, Bounds(**bounds))


def kept(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"locks"}


def test_the_same_text_of_another_key_is_another_index(tmp_path):
    mine = prompts(tmp_path)
    first = mine.engine("a", [TEXT])
    assert mine.engine("a", [TEXT]) is first
    assert mine.engine("b", [TEXT]) is not first
    assert len(kept(tmp_path)) == 2


def test_another_process_finds_what_is_there_and_adds_what_is_new(tmp_path):
    one, other = prompts(tmp_path), prompts(tmp_path)
    one.engine("a", [TEXT])
    made = kept(tmp_path)
    assert other.engine("a", [TEXT]).snapshot.records == 1
    assert kept(tmp_path) == made
    grown = other.engine("a", [TEXT, MORE])
    assert {passage.locator for passage in grown.search("keeper").passages} == {"message 1", "message 3"}
    assert one.engine("a", [TEXT]).snapshot.records == 1


def test_two_at_once_make_it_once(tmp_path):
    each = [prompts(tmp_path) for _ in range(3)]
    threads = [threading.Thread(target=one.engine, args=("a", [TEXT])) for one in each]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kept(tmp_path)) == 1


def test_what_a_crash_left_is_no_index_and_goes(tmp_path):
    name = next(iter(kept_after(tmp_path)))
    left = tmp_path / f"making-{name}"
    (tmp_path / name).rename(left)
    (left / "manifest.json").write_text("{")
    assert prompts(tmp_path).engine("a", [TEXT]).snapshot.records == 1
    assert kept(tmp_path) == {name}


def kept_after(folder: Path) -> set[str]:
    made = prompts(folder)
    made.engine("a", [TEXT])
    made.close()
    return kept(folder)


def test_what_is_old_goes_and_what_is_asked_stays(tmp_path):
    (name,) = kept_after(tmp_path)
    old = time.time() - 7200
    os.utime(tmp_path / name, (old, old))
    held = prompts(tmp_path)
    engine = held.engine("a", [TEXT])
    os.utime(tmp_path / name, (old, old))
    prompts(tmp_path).sweep()
    assert kept(tmp_path) == {name}
    assert engine.search("keeper").passages
    engine.close()
    prompts(tmp_path).sweep()
    assert kept(tmp_path) == set()


def test_what_is_expired_goes_without_a_request_and_what_is_asked_again_stays(tmp_path):
    held = prompts(tmp_path / "cache")
    held.sweep()  # nothing is there yet
    held.engine("a", [TEXT])
    held.close()
    (name,) = kept(tmp_path / "cache")
    long_ago = time.time() - 7200
    os.utime(tmp_path / "cache" / name, (long_ago, long_ago))
    engine = held.engine("a", [TEXT])  # which is opened again: it counts as used now
    assert engine.search("keeper").passages
    assert kept(tmp_path / "cache") == {name}
    engine.close()
    del engine
    held.close()
    os.utime(tmp_path / "cache" / name, (long_ago, long_ago))

    async def kept_house():
        with Shelf({}, Config(), idle=0.02) as shelf:
            house = House(shelf, rules=Rules(prompts=tmp_path / "cache"))
            keeping = asyncio.create_task(house.keep())
            for _ in range(200):
                await asyncio.sleep(0.02)
                if not kept(tmp_path / "cache"):
                    break
            keeping.cancel()
            await house.leave()

    asyncio.run(kept_house())
    assert kept(tmp_path / "cache") == set()


def test_what_is_too_much_goes_oldest_first(tmp_path):
    made = prompts(tmp_path)
    made.engine("a", [TEXT])
    (first,) = kept(tmp_path)
    old = time.time() - 60
    os.utime(tmp_path / first, (old, old))
    made.engine("a", [MORE])
    made.close()
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    prompts(tmp_path, bytes=size - 1).sweep()
    assert len(kept(tmp_path)) == 1
    assert first not in kept(tmp_path)


def test_a_question_that_is_withdrawn_makes_nothing(tmp_path):
    ledger = Ledger()
    ledger.stop.set()
    with pytest.raises(Cancelled):
        prompts(tmp_path).engine("a", [TEXT], ledger)
    assert all(name.startswith("making-") for name in kept(tmp_path))


def test_a_folder_that_is_a_link_is_refused(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(Unwritable, match="is a link"):
        prompts(tmp_path / "link").engine("a", [TEXT])
