"""`cascade me init`, `unlock`, `lock`, `passphrase`, `export-keys`, `import-keys`, `backup`, `restore`."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from personal.living import MAILS, allow, box, cascade, read, typed
from vaults import SECRET

from indexers.personal import home as homes
from indexers.personal.grants import State
from indexers.personal.vault import agent, folder

TERMINAL = pytest.mark.skipif(os.name == "nt", reason="this system has no pseudo-terminals")
AGENT = pytest.mark.skipif(not agent.possible(), reason="this system has no sockets for an agent")
OTHER = "another passphrase"


def handed(*words: object, root: Path) -> tuple[object, ...]:
    return ("me", words[0], "--vault", root, *words[1:], "--passphrase-fd", "FD")


def search(root: Path, *more: object) -> tuple[object, ...]:
    return ("search", "--me", "garden", "--vault", root, *more)


@pytest.fixture
def granted(place: Path, tmp_path: Path) -> str:
    with homes.unlocked(place, SECRET) as home:
        grant = allow(home, "mail", box(tmp_path / "a.mbox", *MAILS))
        read(home, grant)
    return grant


@pytest.fixture
def ended(place: Path) -> Iterator[None]:
    """No agent outlives its test."""
    yield
    if running := agent.reach(place):
        running.lock()


def test_init_makes_a_private_vault_that_its_passphrase_opens(tmp_path: Path) -> None:
    root = tmp_path / "vault"
    ran = cascade(*handed("init", "--encoder", "toy", root=root))
    assert ran.code == 0 and "Nobody can reset its passphrase" in ran.out and "cascade me sources" in ran.out
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in root.rglob("*") if path.is_file()} == {0o600}
    assert cascade(*handed("audit", root=root)).code == 0
    assert cascade(*handed("audit", root=root), secret=b"wrong").code == 4
    again = cascade(*handed("init", "--encoder", "toy", root=root))
    assert again.code == 4 and "already holds a vault" in again.error


def test_init_makes_no_vault_of_what_it_cannot_mean(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    assert cascade(*handed("init", root=tmp_path / "full")).code == 4
    assert cascade(*handed("init", "--encoder", "nothing", root=tmp_path / "vault")).code == 2
    elsewhere = cascade(*handed("init", "--encoder", "https://models.example.org/v1#embed", root=tmp_path / "vault"))
    assert elsewhere.code == 7 and "--encoder static" in elsewhere.error
    assert cascade(*handed("init", "--encoder", "toy", root=tmp_path / "vault"), secret=b"").code == 2
    assert not (tmp_path / "vault").exists()


def test_a_vault_that_others_may_read_is_refused(place: Path, granted: str) -> None:
    place.chmod(0o750)
    for words in (handed("ingest", root=place), ("me", "grants", "--vault", place), search(place)):
        ran = cascade(*words)
        assert ran.code == 4 and "chmod" in ran.error


@AGENT
def test_between_unlock_and_lock_no_passphrase_is_asked(place: Path, granted: str, ended: None) -> None:
    assert cascade(*search(place)).code == 2
    ran = cascade(*handed("unlock", "--minutes", "1", root=place))
    assert ran.code == 0 and "locked after 1 minutes" in ran.out
    found = cascade(*search(place, "--json")).json
    with_passphrase = cascade(*search(place, "--json", "--passphrase-fd", "FD")).json
    assert [one["id"] for one in found["passages"]] == [one["id"] for one in with_passphrase["passages"]]
    assert found["passages"][0]["metadata"]["grant"] == granted
    assert cascade("me", "seen", "--vault", place, "--json").json == []
    assert cascade("me", "lock", "--vault", place).out == "Locked.\n"
    assert cascade("me", "lock", "--vault", place).out == "It was locked.\n"
    assert cascade(*search(place)).code == 2


@AGENT
def test_a_wrong_passphrase_starts_no_agent(place: Path, granted: str, ended: None) -> None:
    ran = cascade(*handed("unlock", root=place), secret=b"wrong")
    assert ran.code == 4 and "not the passphrase" in ran.error
    assert agent.reach(place) is None


@AGENT
def test_what_another_process_takes_in_or_revokes_takes_effect_in_the_agent_at_once(
    place: Path, granted: str, tmp_path: Path, ended: None
) -> None:
    with homes.unlocked(place, SECRET) as home:
        other = allow(home, "mail", box(tmp_path / "b.mbox", "harbour"), source="other")
        read(home, other)
    assert cascade(*handed("unlock", root=place)).code == 0
    assert "News of the garden" in cascade(*search(place)).out
    box(tmp_path / "a.mbox", *MAILS, "canal")
    assert cascade(*handed("ingest", granted, "--json", root=place)).json["records"] == 1
    assert "News of the canal" in cascade(*search(place)).out
    assert cascade("me", "revoke", granted, "--vault", place).code == 0
    ran = cascade(*search(place))
    assert ran.code == 0 and "News of the garden" not in ran.out and "News of the harbour" in ran.out
    running = agent.reach(place)
    assert running is not None and granted not in running.request("status")["held"]
    homes.at(place).grants.revoke(other)  # the ledger alone: its key is still there
    assert cascade(*search(place)).code == 7


def written(root: Path, since: float) -> bytes:
    """What was written below a folder since then; other programs come and go in folders for temporary files."""
    out = b""
    for path in (root, *root.rglob("*")):
        with suppress(OSError):
            out += path.read_bytes() if path.is_file() and path.stat().st_mtime >= since - 1 else b""
    return out


@AGENT
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so")
def test_an_agent_that_is_killed_leaves_nothing_that_can_be_read(
    place: Path, granted: str, tmp_path: Path, ended: None
) -> None:
    began = time.time()
    cascade(*handed("unlock", root=place))
    assert "News of the garden" in cascade(*search(place)).out
    running = agent.reach(place)
    assert running is not None
    pid = running.request("status")["pid"]
    os.kill(pid, signal.SIGKILL)
    for _ in range(500):
        if agent.reach(place) is None:
            break
        time.sleep(0.02)
    assert agent.reach(place) is None
    assert cascade(*search(place)).code == 2  # a passphrase is wanted again
    places = [place, *Path("/dev/shm").glob("cascade*"), *Path(tempfile.gettempdir()).glob("cascade*")]
    assert [path for path in places if b"News of the garden" in written(path, began)] == []
    assert all(one["good"] for one in cascade("me", "doctor", "--vault", place, "--json").json)
    assert "News of the garden" in cascade(*search(place, "--passphrase-fd", "FD")).out


def test_a_backup_holds_no_keys_and_a_restored_one_permits_nothing(place: Path, granted: str, tmp_path: Path) -> None:
    ran = cascade("me", "backup", tmp_path / "backup", "--vault", place)
    assert ran.code == 0 and "no keys" in ran.out
    assert not [path for path in (tmp_path / "backup").rglob("*") if path.suffix == ".key"]
    assert cascade("me", "backup", tmp_path / "backup", "--vault", place).code == 4  # not empty any more
    ran = cascade("me", "restore", tmp_path / "backup", tmp_path / "restored")
    assert ran.code == 0 and "import-keys" in ran.out
    (one,) = cascade("me", "grants", "--vault", tmp_path / "restored", "--json").json
    assert one["state"] == "pending" and "restored" in one["why"]
    assert cascade(*handed("ingest", root=tmp_path / "restored")).code == 3  # it has no keys
    assert cascade("me", "restore", tmp_path / "nothing", tmp_path / "again").code == 3


def exported(place: Path, file: Path) -> None:
    ours, again = ("Passphrase of the exported keys: ", OTHER), ("once more", OTHER)
    answers = [(f"Passphrase of {place}", SECRET.decode()), ours, again]
    code, screen = typed("me", "export-keys", file, "--vault", place, answers=answers)
    assert code == 0 and "Keep it apart" in screen and OTHER not in screen, screen


@TERMINAL
def test_exported_keys_open_a_restored_vault_and_bring_no_revoked_grant_back(
    place: Path, granted: str, tmp_path: Path
) -> None:
    with homes.unlocked(place, SECRET) as home:
        other = allow(home, "mail", box(tmp_path / "b.mbox", "harbour"), source="other")
        read(home, other)
    cascade("me", "backup", tmp_path / "backup", "--vault", place)
    exported(place, tmp_path / "keys.txt")
    assert stat.S_IMODE((tmp_path / "keys.txt").stat().st_mode) == 0o600
    (receipt,) = cascade("me", "revoke", granted, "--vault", place, "--json").json
    assert "exported keys" in {one["name"] for one in receipt["stores"]}

    asked = ("Passphrase of the exported keys", OTHER)
    words = ("me", "import-keys", tmp_path / "keys.txt", "--vault", place)
    code, screen = typed(*words, answers=[asked, (f"Passphrase of {place}", SECRET.decode())])
    assert code == 0 and "Brought back the keys of 0 grants" in screen, screen
    layout = folder.opened(place).layout
    assert not layout.key(granted).exists() and layout.key(other).exists()
    assert homes.at(place).grants.standing(granted).state is State.REVOKED

    restored = tmp_path / "restored"
    cascade("me", "restore", tmp_path / "backup", restored)
    words = ("me", "import-keys", tmp_path / "keys.txt", "--vault", restored)
    code, screen = typed(*words, answers=[asked, ("New passphrase of the vault", "new"), ("once more", "new")])
    assert code == 0 and "Brought back the keys of 2 grants" in screen, screen
    ran = cascade(*handed("ingest", root=restored), secret=b"new")
    assert ran.code == 7  # every grant must be given anew
    assert cascade(*handed("audit", root=restored), secret=b"new").code == 0


@TERMINAL
def test_a_passphrase_is_changed_at_a_terminal(place: Path, granted: str) -> None:
    before = shutil.copytree(place, place.with_name("before"))
    answers = [("Passphrase now", SECRET.decode()), ("New passphrase", OTHER), ("once more", OTHER)]
    code, screen = typed("me", "passphrase", "--vault", place, answers=answers)
    assert code == 0 and "Changed." in screen and OTHER not in screen, screen
    assert cascade(*handed("audit", root=place)).code == 4
    assert cascade(*handed("audit", root=place), secret=OTHER.encode()).code == 0
    assert cascade(*handed("audit", root=before)).code == 0


@TERMINAL
def test_two_passphrases_that_differ_make_no_vault(tmp_path: Path) -> None:
    answers = [("New passphrase", "one"), ("once more", "two")]
    code, screen = typed("me", "init", "--encoder", "toy", "--vault", tmp_path / "vault", answers=answers)
    assert code == 2 and "differ" in screen
    assert not (tmp_path / "vault").exists()


@pytest.mark.parametrize("minutes", ["0", "soon", "1441"])
def test_a_time_that_is_none_unlocks_nothing(place: Path, minutes: str) -> None:
    ran = cascade(*handed("unlock", "--minutes", minutes, root=place))
    assert ran.code == 2 and "--minutes" in ran.error
    assert agent.reach(place) is None


def test_a_file_that_holds_no_keys_is_said(place: Path, granted: str) -> None:
    assert cascade("me", "import-keys", place / "none", "--vault", place).code == 2
    assert cascade("me", "export-keys", place, "--vault", place).code == 2
