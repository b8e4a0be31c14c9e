"""A vault keeps what was acknowledged, shows nothing of it, and forgets a grant for good."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from small import prose, record
from vaults import CHEAP, SECRET, batch, built, ids, vault

from cascade.errors import Corrupt, Locked, NotFound, UnusableIndex, UsageError, WrongEncoder, WrongFormat
from cascade.index.segment import Batch
from indexers.personal import layout
from indexers.personal.layout import Exposed, NoVault
from indexers.personal.sealing import MAGIC, Key, NoKey, WrongKey
from indexers.personal.vault import folder, records
from indexers.personal.vault.folder import Vault
from indexers.personal.vault.packing import unpack
from indexers.personal.vault.proof import prove
from indexers.personal.vault.unlocked import Unlocked

CANARY = "canary-8d1f0c-of-anna"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    """Sixty records, each with a canary in its text, title, key, locator, source and metadata."""
    records_ = [
        record(f"{CANARY}-l{n}", f"{one.text} {CANARY}-x{n}", title=f"{CANARY}-t{n}", key=f"{CANARY}-k{n}",
               metadata={"from": f"{CANARY}-m{n}"})
        for n, one in enumerate(prose(60))
    ]  # fmt: skip
    return batch(tmp_path_factory.mktemp("whole") / "index", records_)


@pytest.fixture
def made(tmp_path: Path) -> Vault:
    return vault(tmp_path / "vault")


@pytest.fixture
def unlocked(made: Vault) -> Iterator[Unlocked]:
    with made.unlock(SECRET) as open_:
        open_.keys.new("mail")
        open_.keys.new("chats")
        yield open_


def part(whole: Batch, begin: int, end: int) -> Batch:
    return whole.take(np.arange(begin, end))


def places(unlocked: Unlocked, grant: str = "mail") -> list[str]:
    """The locators of what is live, in order."""
    out = []
    for entry in unlocked.records.live(grant).segments:
        out += unlocked.records.segment(grant, entry.name).catalog.records["locator"].tolist()
    return sorted(out)


def seen(root: Path, canary: str = CANARY) -> list[str]:
    """The files (and names of files) that hold a canary, as they are or in a zstd frame anywhere in them."""
    found = [str(path) for path in root.rglob("*") if canary in path.name]
    for path in sorted(root.rglob("*")):
        raw = path.read_bytes() if path.is_file() else b""
        texts = [raw, *(_frame(raw[at:]) for at in _starts(raw))]
        if any(canary.encode(how) in text for text in texts for how in ("utf-8", "utf-16-le")):
            found.append(str(path))
    return found


def _starts(raw: bytes) -> Iterator[int]:
    at = raw.find(b"\x28\xb5\x2f\xfd")
    while at >= 0:
        yield at
        at = raw.find(b"\x28\xb5\x2f\xfd", at + 1)


def _frame(raw: bytes) -> bytes:
    try:
        return zstandard.ZstdDecompressor().decompressobj().decompress(raw)
    except zstandard.ZstdError:
        return b""


# what is there


def test_a_vault_opens_with_its_passphrase_and_no_other(made: Vault) -> None:
    with made.unlock(SECRET) as open_:
        assert open_.grants() == []
    for wrong in (b"", b"four random words Here", SECRET + b" "):
        with pytest.raises(WrongKey, match="not the passphrase"):
            made.unlock(wrong)


def test_what_is_added_is_there_in_another_process_of_the_vault(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 20))
    unlocked.add("mail", part(whole, 20, 30))
    with folder.opened(made.layout.root).unlock(SECRET) as again:
        assert places(again) == sorted(whole.catalog.records["locator"][:30].tolist())
        assert again.counts("mail")[:3] == (30, 30, 2)
        assert again.counts("chats") == (0, 0, 0, 0)


def test_what_comes_back_is_what_was_added(unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", whole)
    name = unlocked.records.live("mail").segments[0].name
    packed = unlocked.records.segment("mail", name)
    held = records.HeldSegment(Path("it"), "mail", packed, built()).batch(np.arange(len(packed)), packed.catalog)
    np.testing.assert_array_equal(held.vectors, whole.vectors)
    np.testing.assert_array_equal(held.tokens.ids, whole.tokens.ids)
    np.testing.assert_array_equal(held.tokens.offsets, whole.tokens.offsets)
    assert list(held.texts) == list(whole.texts)
    for name, column in whole.catalog.passages.items():
        assert held.catalog.passages[name].tolist() == column.tolist()
    for name, column in whole.catalog.records.items():
        if name != "metadata":
            assert held.catalog.records[name].tolist() == column.tolist()


def test_what_is_known_is_told_by_leaves(unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 10))
    unlocked.add("mail", part(whole, 10, 15))
    leaves = unlocked.leaves("mail")
    assert [len(leaf.vectors) for leaf in leaves] == [10, 5]
    high = np.concatenate([leaf.keys.high for leaf in leaves])
    np.testing.assert_array_equal(high, whole.catalog.records["id_hi"][:15])
    np.testing.assert_array_equal(leaves[1].vectors, whole.vectors[10:15])


def test_removed_records_are_gone_and_the_old_segment_with_them(
    made: Vault, unlocked: Unlocked, whole: Batch
) -> None:  # fmt: skip
    unlocked.add("mail", part(whole, 0, 30))
    old = unlocked.records.live("mail").segments[0].name
    columns = whole.catalog.records
    gone = [_id(columns, at) for at in (3, 4, 29)]
    unlocked.remove("mail", [*gone, bytes(16)])
    left = [place for at, place in enumerate(columns["locator"][:30].tolist()) if at not in (3, 4, 29)]
    assert places(unlocked) == sorted(left)
    assert not made.layout.segment("mail", old).exists()
    assert unlocked.counts("mail").passages == 27


def test_removing_the_last_record_leaves_no_segment(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 2))
    unlocked.remove("mail", [_id(whole.catalog.records, at) for at in (0, 1)])
    assert unlocked.counts("mail") == (0, 0, 0, 0)
    assert [path.name for path in made.layout.records("mail").iterdir()] == ["live.sealed"]


def test_a_changed_record_takes_the_place_of_the_old_one_in_one_commit(unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 5))
    after = unlocked.add("mail", part(whole, 10, 11), [_id(whole.catalog.records, 2)])
    assert after.commit == 2
    kept = [whole.catalog.records["locator"][at] for at in (0, 1, 3, 4, 10)]
    assert places(unlocked) == sorted(kept)


def test_small_segments_become_one(unlocked: Unlocked, whole: Batch) -> None:
    for at in range(records.MANY + 3):
        unlocked.add("mail", part(whole, at, at + 1))
    assert len(unlocked.records.live("mail").segments) < records.MANY
    assert places(unlocked) == sorted(whole.catalog.records["locator"][: records.MANY + 3].tolist())


def test_notes_are_kept_by_name_replaced_and_removed(unlocked: Unlocked) -> None:
    unlocked.notes.put("mail", "details", b"one")
    unlocked.notes.put("mail", "details", b"two")
    unlocked.notes.put("mail", "seen.0001", b"")
    assert unlocked.notes.names("mail") == ["details", "seen.0001"]
    assert unlocked.notes.get("mail", "details") == b"two"
    assert unlocked.notes.get("mail", "seen.0001") == b""
    assert unlocked.notes.remove("mail", "details") and not unlocked.notes.remove("mail", "details")
    assert unlocked.notes.names("mail") == ["seen.0001"] and unlocked.notes.names("chats") == []
    with pytest.raises(NotFound):
        unlocked.notes.get("mail", "details")


@pytest.mark.parametrize("name", ["", ".", "..", "../mail", "a/b", "A", "a b", "é", "-a", "a" * 101, "a.", "a\0"])
def test_a_name_that_could_be_a_path_names_nothing(unlocked: Unlocked, name: str) -> None:
    with pytest.raises(UsageError):
        unlocked.notes.put("mail", name, b"")
    if name not in ("a" * 101, "a."):
        with pytest.raises(UsageError):
            unlocked.keys.new(name)


# what can be seen of it


def test_no_byte_of_the_folder_shows_what_was_kept(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 40))
    unlocked.remove("mail", [_id(whole.catalog.records, 0)])
    unlocked.notes.put("mail", "details", CANARY.encode() * 100)
    assert seen(made.layout.root) == []


def test_the_scan_for_canaries_finds_them_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text(f"x {CANARY} y")
    (tmp_path / "packed").write_bytes(b"\x28\xb5\x2f\xfd" + b"head" + zstandard.compress(CANARY.encode() * 9))
    (tmp_path / "wide").write_bytes(CANARY.encode("utf-16-le"))
    (tmp_path / f"{CANARY}.txt").touch()
    assert len(seen(tmp_path)) == 4


def test_folders_and_files_are_the_owners_alone(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 3))
    unlocked.notes.put("mail", "details", b"one")
    for path in (made.layout.root, *made.layout.root.rglob("*")):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o710, 0o702, 0o770])
def test_a_vault_that_others_can_read_or_change_is_refused(made: Vault, mode: int) -> None:
    made.layout.root.chmod(mode)
    with pytest.raises(Exposed, match="chmod -R go-rwx"):
        folder.opened(made.layout.root)
    made.layout.root.chmod(0o700)
    assert folder.opened(made.layout.root).id == made.id


def test_a_keystore_that_others_can_read_is_refused(made: Vault) -> None:
    made.layout.keys.chmod(0o755)
    with pytest.raises(Exposed):
        folder.opened(made.layout.root)


def test_a_folder_without_a_vault_or_with_something_else_is_told(tmp_path: Path, made: Vault) -> None:
    with pytest.raises(NoVault):
        folder.opened(tmp_path)
    with pytest.raises(UnusableIndex, match="already holds a vault"):
        vault(made.layout.root)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    with pytest.raises(UnusableIndex, match="other files"):
        vault(tmp_path / "full")


def test_a_vault_in_a_folder_that_was_there_is_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir(mode=0o755)
    assert folder.opened(vault(tmp_path / "there").layout.root).built == built()


def test_a_newer_format_is_told_from_damage(made: Vault) -> None:
    raw = made.layout.vault.read_text()
    made.layout.vault.write_text(raw.replace('"format": 1', '"format": 2'))
    with pytest.raises(Corrupt):
        folder.opened(made.layout.root)
    said = {**json.loads(raw), "format": 2}
    said.pop("hash")
    made.layout.vault.write_text(json.dumps({**said, "hash": folder._hash(said)}))
    with pytest.raises(WrongFormat):
        folder.opened(made.layout.root)


def test_records_of_another_encoder_are_refused(made: Vault) -> None:
    made.agree(built())
    for other in (replace(built(), fingerprint="x"), replace(built(), vocabulary="y"), replace(built(), dim=3)):
        with pytest.raises(WrongEncoder):
            made.agree(other)


# keys


def test_a_passphrase_can_be_changed_and_the_old_one_opens_nothing(made: Vault, unlocked: Unlocked) -> None:
    unlocked.notes.put("mail", "details", b"one")
    made.rekey(SECRET, b"another one", CHEAP)
    with pytest.raises(WrongKey):
        made.unlock(SECRET)
    with made.unlock(b"another one") as again:
        assert again.notes.get("mail", "details") == b"one"
    with pytest.raises(WrongKey):
        made.rekey(b"not it", b"evil", CHEAP)
    with pytest.raises(UsageError):
        made.rekey(b"another one", b"", CHEAP)
    assert sorted(path.name for path in made.layout.keys.iterdir()) == [
        "VAULT.key",
        "chats.key",
        "mail.key",
        "writer.lock",
    ]


def test_each_grant_has_a_key_of_its_own(unlocked: Unlocked) -> None:
    assert unlocked.grants() == ["chats", "mail"]
    assert unlocked.keys.key("mail").raw != unlocked.keys.key("chats").raw
    with pytest.raises(UsageError, match="has a key already"):
        unlocked.keys.new("mail")


def test_a_destroyed_key_takes_every_copy_that_was_made_before(
    tmp_path: Path, made: Vault, unlocked: Unlocked, whole: Batch
) -> None:  # fmt: skip
    unlocked.add("mail", part(whole, 0, 9))
    unlocked.add("chats", part(whole, 9, 12))
    unlocked.notes.put("mail", "details", b"one")
    copy = tmp_path / "copy"
    shutil.copytree(made.layout.root, copy, ignore=shutil.ignore_patterns(layout.KEYS))
    assert unlocked.destroy("mail")
    for call in (unlocked.records.live, unlocked.leaves, unlocked.counts, lambda g: unlocked.notes.get(g, "details")):
        with pytest.raises(NoKey):
            call("mail")
    with pytest.raises(NoKey):
        unlocked.add("mail", part(whole, 0, 1))
    assert not made.layout.records("mail").exists() and not made.layout.kept("mail").exists()
    shutil.copytree(made.layout.keys, copy / layout.KEYS)
    copy.chmod(0o700)
    with folder.opened(copy).unlock(SECRET) as again:
        assert again.grants() == ["chats"]
        assert places(again, "chats") == sorted(whole.catalog.records["locator"][9:12].tolist())
        with pytest.raises(NoKey):
            again.records.live("mail")
        again.keys.new("mail")  # and a new key of that name opens nothing of the old
        with pytest.raises(Corrupt):
            again.records.live("mail")
    assert not unlocked.destroy("mail")


def test_a_grant_revoked_in_another_process_is_gone_here_at_once(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 3))
    key = unlocked.keys.key("mail")
    with made.unlock(SECRET) as other:
        other.destroy("mail")
    with pytest.raises(NoKey):
        unlocked.records.live("mail")
    assert key.raw == bytes(32)


def test_revoking_waits_for_no_writer(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    with made.unlock(SECRET) as writer, writer.writing():
        assert unlocked.destroy("mail")
        with pytest.raises(Locked):
            unlocked.add("chats", part(whole, 0, 1))


def test_the_key_file_is_overwritten_before_it_is_unlinked(made: Vault, unlocked: Unlocked) -> None:
    path = made.layout.key("mail")
    link = made.layout.root.parent / "link"
    os.link(path, link)
    before = link.read_bytes()
    unlocked.keys.destroy("mail")
    assert not path.exists() and link.stat().st_size == len(before) and link.read_bytes() != before


def test_a_revocation_that_was_stopped_is_finished_by_the_next(made: Vault, unlocked: Unlocked) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    left = made.layout.keys / f".mail.key.{process.pid}.0123abcd.tmp"
    made.layout.key("mail").rename(left)
    with pytest.raises(NoKey):
        unlocked.records.live("mail")
    assert not unlocked.destroy("mail")
    assert not left.exists()


def test_keys_read_while_they_are_destroyed_are_there_or_gone_and_never_damaged(made: Vault) -> None:
    with made.unlock(SECRET) as writer, made.unlock(SECRET) as reader:
        stop, seen_ = threading.Event(), set()

        def read() -> None:
            while not stop.is_set():
                try:
                    seen_.add(len(reader.keys.key("mail").raw))
                except NoKey:
                    seen_.add(0)

        asking = threading.Thread(target=read)
        asking.start()
        for _ in range(30):
            writer.keys.new("mail")
            writer.keys.turn("mail")
            writer.keys.settle("mail")
            writer.keys.destroy("mail")
        stop.set()
        asking.join()
    assert seen_ == {0, 32}


def test_locking_wipes_the_keys(made: Vault) -> None:
    open_ = made.unlock(SECRET)
    open_.keys.new("mail")
    key = open_.keys.key("mail")
    open_.lock()
    assert key.raw == bytes(32)
    with pytest.raises(NoKey):
        open_.keys.key("mail")


def test_what_was_removed_cannot_be_read_in_older_copies_either(
    tmp_path: Path, made: Vault, unlocked: Unlocked, whole: Batch
) -> None:  # fmt: skip
    unlocked.add("mail", part(whole, 0, 9))
    unlocked.add("chats", part(whole, 9, 12))
    unlocked.notes.put("mail", "details", b"one")
    copy = tmp_path / "copy"
    shutil.copytree(made.layout.root, copy, ignore=shutil.ignore_patterns(layout.KEYS))
    unlocked.remove("mail", [_id(whole.catalog.records, 4)])
    left = [place for at, place in enumerate(whole.catalog.records["locator"][:9].tolist()) if at != 4]
    assert places(unlocked) == sorted(left)
    assert unlocked.notes.get("mail", "details") == b"one"
    shutil.copytree(made.layout.keys, copy / layout.KEYS)
    copy.chmod(0o700)
    with folder.opened(copy).unlock(SECRET) as again:
        assert len(places(again, "chats")) == 3
        for read in (again.records.live, again.leaves, lambda grant: again.notes.get(grant, "details")):
            with pytest.raises(Corrupt):
                read("mail")


def test_without_another_key_what_was_removed_stays_in_older_copies(
    tmp_path: Path, made: Vault, unlocked: Unlocked, whole: Batch
) -> None:  # fmt: skip
    unlocked.add("mail", part(whole, 0, 9))
    copy = tmp_path / "copy"
    shutil.copytree(made.layout.root, copy)
    unlocked.remove("mail", [_id(whole.catalog.records, 4)], renew=False)
    with folder.opened(copy).unlock(SECRET) as again:
        assert len(places(again)) == 9


@pytest.mark.parametrize("steps", range(3))
def test_a_change_of_key_that_was_interrupted_is_gone_on_with(
    made: Vault, unlocked: Unlocked, whole: Batch, steps: int
) -> None:  # fmt: skip
    unlocked.add("mail", part(whole, 0, 9))
    unlocked.notes.put("mail", "details", b"one")
    old = Key(unlocked.keys.key("mail").raw)
    unlocked.keys.turn("mail")
    for work in (unlocked.records.renew, unlocked.notes.renew)[:steps]:
        work("mail")
    with made.unlock(SECRET) as again:
        assert again.keys.turning() == ["mail"]
        assert len(places(again)) == 9 and again.notes.get("mail", "details") == b"one"
        with again.writing():
            pass
        assert again.keys.turning() == [] and again.keys.key("mail").raw != old.raw
        assert len(places(again)) == 9 and again.notes.get("mail", "details") == b"one"
        again.keys.destroy("mail")
        again.keys.new("mail", old)
        for read in (again.records.live, lambda grant: again.notes.get(grant, "details")):
            with pytest.raises(Corrupt):
                read("mail")


def test_a_change_of_key_does_not_bring_back_a_grant_that_was_revoked_meanwhile(
    made: Vault, unlocked: Unlocked
) -> None:
    unlocked.keys.turn("mail")
    with made.unlock(SECRET) as other:
        other.destroy("mail")
    with pytest.raises(NoKey):
        unlocked.keys.settle("mail")
    assert not unlocked.keys.has("mail")


# damage


def test_a_byte_flipped_in_any_region_of_any_file_is_found(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 4))
    unlocked.notes.put("mail", "details", b"one")
    for path in sorted(one for one in made.layout.root.rglob("*") if one.is_file() and one.stat().st_size):
        raw = path.read_bytes()
        step = max(1, len(raw) // 23)
        for at in {*range(0, min(60, len(raw))), *range(0, len(raw), step), len(raw) - 1}:
            path.write_bytes(raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :])
            with pytest.raises(Corrupt):
                read_all(made.layout.root)
        path.write_bytes(raw[:-1])
        with pytest.raises(Corrupt):
            read_all(made.layout.root)
        path.write_bytes(raw)
    read_all(made.layout.root)


def read_all(root: Path) -> None:
    with folder.opened(root).unlock(SECRET) as again:
        for grant in ("mail", "chats"):
            again.leaves(grant)
            for name in again.notes.names(grant):
                again.notes.get(grant, name)


def test_segments_notes_and_keys_swapped_between_grants_are_refused(
    made: Vault, unlocked: Unlocked, whole: Batch
) -> None:  # fmt: skip
    for at, grant in enumerate(("mail", "chats")):
        unlocked.add(grant, part(whole, at * 5, at * 5 + 5))
        unlocked.notes.put(grant, "details", grant.encode())
    names = [unlocked.records.live(grant).segments[0].name for grant in ("mail", "chats")]
    where = made.layout
    pairs = [
        (where.segment("mail", names[0]), where.segment("chats", names[1])),
        (where.live("mail"), where.live("chats")),
        (where.note("mail", "details"), where.note("chats", "details")),
        (where.key("mail"), where.key("chats")),
        (where.note("mail", "details"), where.live("mail")),
    ]
    for one, other in pairs:
        _swap(one, other)
        with pytest.raises(Corrupt):
            read_all(where.root)
        _swap(one, other)
    read_all(where.root)


def test_segments_of_one_grant_cannot_be_exchanged_or_left_out(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    for at in (0, 5):
        unlocked.add("mail", part(whole, at, at + 5))
    one, other = (made.layout.segment("mail", entry.name) for entry in unlocked.records.live("mail").segments)
    _swap(one, other)
    with pytest.raises(Corrupt):
        read_all(made.layout.root)
    _swap(one, other)
    one.rename(one.with_suffix(".away"))
    with pytest.raises(Corrupt, match="missing"):
        read_all(made.layout.root)


def _swap(one: Path, other: Path) -> None:
    aside = one.with_suffix(".aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def test_damage_to_one_grant_keeps_nobody_from_writing_to_another(
    made: Vault, unlocked: Unlocked, whole: Batch
) -> None:  # fmt: skip
    unlocked.add("mail", part(whole, 0, 3))
    for path in (made.layout.live("mail"), made.layout.key("mail")):
        path.write_bytes(path.read_bytes()[:-1])
        unlocked.add("chats", part(whole, 3, 5))
        with pytest.raises(Corrupt):
            unlocked.records.live("mail")
    assert unlocked.counts("chats").passages == 4


def test_files_that_others_put_into_the_folder_stop_nothing(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 3))
    unlocked.notes.put("mail", "details", b"one")
    where = made.layout
    strays = [where.segments / ".DS_Store", where.notes / "Thumbs.db", where.keys / "Old Key.key"]
    strays += [where.kept("mail") / "Copy of details.sealed", where.root / "desktop.ini"]
    for path in strays:
        path.write_bytes(b"x")
    (where.segments / "New Folder").mkdir()
    unlocked.remove("mail", [_id(whole.catalog.records, 1)])
    assert unlocked.counts("mail").passages == 2 and unlocked.grants() == ["chats", "mail"]
    assert unlocked.notes.names("mail") == ["details"]
    assert len(prove(where).wrong) == len(strays)


def test_an_id_of_another_size_is_refused(unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", part(whole, 0, 3))
    with pytest.raises(UsageError, match="16 bytes"):
        unlocked.remove("mail", [b"short"])


# a killed writer

WORK = """
import sys
import numpy as np
from pathlib import Path
from vaults import SECRET, batch
from small import prose
from indexers.personal.vault import folder
root = Path(sys.argv[1])
whole = batch(root.parent / "whole", prose(200))
unlocked = folder.opened(root).unlock(SECRET)
print("ready", flush=True)
for at in range(0, 200, 2):
    old = whole.catalog.records
    gone = [int(old["id_hi"][at - 2]).to_bytes(8, "big") + int(old["id_lo"][at - 2]).to_bytes(8, "big")] if at else []
    live = unlocked.add("mail", whole.take(np.arange(at, at + 2)), gone)
    print(live.commit, live.passages, flush=True)
"""


@pytest.mark.parametrize("seed", range(3))
def test_a_writer_killed_at_any_time_leaves_what_it_acknowledged(made: Vault, unlocked: Unlocked, seed: int) -> None:
    tests = Path(__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": f"{tests.parent}{os.pathsep}{tests}"}
    with subprocess.Popen(
        [sys.executable, "-c", WORK, str(made.layout.root)], stdout=subprocess.PIPE, text=True, env=env
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(random.Random(seed).uniform(0.05, 0.5))
        process.send_signal(signal.SIGKILL)
        told = [tuple(map(int, line.split())) for line in process.stdout.read().splitlines()]
    live = unlocked.records.live("mail")
    acknowledged = told[-1] if told else (0, 0)
    assert acknowledged[0] <= live.commit <= acknowledged[0] + 1
    assert live.passages == (live.commit + 1 if live.commit else 0)  # each commit adds two and takes one
    read_all(made.layout.root)
    with unlocked.writing():
        named = {f"{one.name}.sealed" for one in unlocked.records.live("mail").segments}
    there = {path.name for path in made.layout.records("mail").iterdir()} if live.commit else set()
    assert there - {"live.sealed"} == named
    assert seen(made.layout.root, "unique") == []


def test_what_a_killed_writer_left_of_a_note_is_swept(made: Vault, unlocked: Unlocked) -> None:
    unlocked.notes.put("mail", "details", b"one")
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    dead = made.layout.kept("mail") / f".details.sealed.{process.pid}.0123abcd.tmp"
    living = made.layout.kept("mail") / f".details.sealed.{os.getpid()}.0123abcd.tmp"
    for path in (dead, living):
        path.write_bytes(b"half")
    with unlocked.writing():
        pass
    assert (dead.exists(), living.exists()) == (False, True)
    assert unlocked.notes.names("mail") == ["details"]


def test_a_vault_whose_making_was_interrupted_can_be_made_again(tmp_path: Path) -> None:
    root = tmp_path / "vault"
    vault(root).layout.vault.unlink()
    with pytest.raises(NoVault):
        folder.opened(root)
    with vault(root, b"other").unlock(b"other") as open_:
        assert open_.grants() == []


def test_a_key_given_to_a_grant_is_the_one_it_has(made: Vault) -> None:
    with made.unlock(SECRET) as open_:
        open_.keys.new("mail", Key(bytes(range(32))))
        assert bytes(open_.keys.key("mail").raw) == bytes(range(32))


def _id(columns: dict[str, np.ndarray], at: int) -> bytes:
    return int(columns["id_hi"][at]).to_bytes(8, "big") + int(columns["id_lo"][at]).to_bytes(8, "big")


def test_ids_are_those_of_the_records(tmp_path: Path) -> None:
    three = prose(3)
    columns = batch(tmp_path / "index", three).catalog.records
    assert sorted(_id(columns, at) for at in range(3)) == sorted(ids(three))


# proof


def test_a_vault_is_proved_sealed_by_its_bytes(made: Vault, unlocked: Unlocked, whole: Batch) -> None:
    unlocked.add("mail", whole)
    unlocked.notes.put("mail", "details", bytes(5000))
    assert prove(made.layout) == (5, ())  # two keys, a segment, what is live, and a note


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("notes/mail/x.sealed", b"From: anna@example.org", "does not begin"),
        ("notes/mail/x.sealed", MAGIC + bytes(20), "no size"),
        ("notes/mail/x.sealed", MAGIC + bytes(4000), "can be read"),
        ("notes/mail/x.sealed", MAGIC + b"Dear Anna, thank you for your letter. " * 90, "can be read"),
        ("keys/mail.key", bytes(range(32)), "does not begin"),
        ("segments/mail/words.idx", b"x", "does not belong"),
        ("mail.mbox", b"x", "does not belong"),
        ("writer.lock", b"anna", "does not belong"),
    ],
)
def test_a_file_that_can_be_read_or_does_not_belong_is_named(
    made: Vault, unlocked: Unlocked, whole: Batch, name: str, raw: bytes, said: str
) -> None:  # fmt: skip
    unlocked.add("mail", part(whole, 0, 2))
    unlocked.notes.put("mail", "details", b"one")
    (made.layout.root / name).write_bytes(raw)
    (wrong,) = prove(made.layout).wrong
    assert name in wrong and said in wrong


def test_a_field_too_many_in_a_plain_file_is_named(made: Vault) -> None:
    said = json.loads(made.layout.vault.read_text())
    made.layout.vault.write_text(json.dumps({**said, "owner": "Anna"}))
    assert "vault.json holds more" in prove(made.layout).wrong[0]


@given(st.binary(max_size=200))
def test_bytes_that_are_no_packed_segment_are_refused(raw: bytes) -> None:
    for data in (raw, len(raw).to_bytes(8, "little") + raw, (2).to_bytes(8, "little") + b"[]" + raw):
        with pytest.raises(Corrupt):
            unpack(data)


def test_every_promise_of_privacy_names_a_test_that_there_is() -> None:
    root = Path(__file__).parents[2]
    text = (root / "docs" / "privacy.md").read_text("utf-8")
    promised = text.split("## Not promised")[0].split("\n- ")[1:]
    named = [re.findall(r"`(tests/\S+\.py)::(\w+)`", promise) for promise in promised]
    assert len(named) > 15 and all(named)
    for path, name in {pair for pairs in named for pair in pairs}:
        assert f"\ndef {name}(" in (root / path).read_text("utf-8"), name
