"""The agent keeps a vault open for its user alone, and takes everything with it when it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from small import prose
from vaults import HANDLERS, SECRET, batch, search, vault

from cascade.errors import Corrupt, ModelError, NotFound, UnusableIndex, UsageError
from indexers.personal.sealing import NoKey, WrongKey
from indexers.personal.vault import agent, wire
from indexers.personal.vault.agent import Agent, Serving, launch, reach
from indexers.personal.vault.desk import Desk
from indexers.personal.vault.folder import Vault

pytestmark = pytest.mark.skipif(not agent.possible(), reason="this system has no unix sockets")

WHERE = "vaults:HANDLERS"


@pytest.fixture
def made(tmp_path: Path) -> Vault:
    """A vault with two grants of ten records each."""
    return filled(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """An agent of such a vault, for tests that change nothing of it."""
    started = launch(filled(tmp_path_factory.mktemp("agent")).layout.root, SECRET, WHERE)
    yield started
    started.lock()


def filled(folder: Path) -> Vault:
    made = vault(folder / "vault")
    whole = batch(folder / "index", prose(20))
    with made.unlock(SECRET) as unlocked:
        for at, grant in enumerate(("mail", "chats")):
            unlocked.keys.new(grant)
            unlocked.add(grant, whole.take(np.arange(at * 10, at * 10 + 10)))
    return made


@pytest.fixture
def running(made: Vault) -> Iterator[Agent]:
    """An agent of that vault, ended after the test if it is still there."""
    started = launch(made.layout.root, SECRET, WHERE)
    yield started
    if (still := reach(made.layout.root)) is not None:
        still.lock()


def pid(running: Agent) -> int:
    return int(running.request("status")["pid"])


def gone(process: int) -> bool:
    """Whether a process that was ended is no more (or is only waited for)."""
    for _ in range(1500):
        with suppress(ChildProcessError):
            os.waitpid(process, os.WNOHANG)
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_a_question_is_answered_as_it_is_without_an_agent(made: Vault, running: Agent) -> None:
    with made.unlock(SECRET) as unlocked:
        desk = Desk(unlocked)
        for text, grants in (("unique7", None), ("river boat", ["chats"]), ("violin", ["mail"])):
            assert running.request("search", text=text, grants=grants) == search(desk, text, grants)
        assert running.request("search", text="unique7")[0] == {"locator": "f00007", "grant": "mail"}


def test_only_the_grants_that_are_asked_are_searched(running: Agent) -> None:
    found = running.request("search", text="unique7", grants=["chats"])
    assert {one["grant"] for one in found} == {"chats"}
    assert running.request("status")["held"] == ["chats"]


def test_a_second_unlocking_finds_the_agent_that_is_there(made: Vault, running: Agent) -> None:
    again = launch(made.layout.root, b"whatever", WHERE)
    assert pid(again) == pid(running)


def test_locking_ends_the_process_and_removes_its_socket(made: Vault, running: Agent) -> None:
    process = pid(running)
    running.lock()
    assert gone(process) and not running.place.exists()
    assert reach(made.layout.root) is None
    with pytest.raises(UnusableIndex, match="locked"):
        running.request("status")


def test_a_wrong_passphrase_is_told_and_nothing_runs(made: Vault) -> None:
    with pytest.raises(WrongKey):
        launch(made.layout.root, b"wrong", WHERE)
    assert reach(made.layout.root) is None and not made.layout.socket.exists()


def test_an_agent_that_nobody_asks_ends(made: Vault) -> None:
    started = launch(made.layout.root, SECRET, WHERE, idle=0.4)
    process = pid(started)
    assert gone(process) and not started.place.exists()


def test_an_agent_does_not_end_while_it_answers(made: Vault) -> None:
    started = launch(made.layout.root, SECRET, WHERE, idle=2.0)
    assert started.request("slow", seconds=4.0) == "done"


def test_a_grant_that_was_revoked_is_gone_from_a_running_agent_at_once(made: Vault, running: Agent) -> None:
    assert running.request("search", text="unique7")
    with made.unlock(SECRET) as unlocked:
        unlocked.destroy("mail")
    assert {one["grant"] for one in running.request("search", text="unique7")} == {"chats"}
    with pytest.raises(NoKey):
        running.request("search", text="unique7", grants=["mail"])
    assert running.request("status")["grants"] == ["chats"]


def test_what_is_held_of_a_revoked_grant_is_dropped_though_nobody_asks(made: Vault) -> None:
    with made.unlock(SECRET) as unlocked:
        desk = Desk(unlocked)
        desk.engine()
        assert desk.held == (("chats", 1), ("mail", 1))
        unlocked.keys.destroy("mail")
        desk.look()
        assert desk.held == ()


def test_choices_of_grants_share_what_is_in_memory(made: Vault) -> None:
    with made.unlock(SECRET) as unlocked:
        desk = Desk(unlocked)
        mail = desk.engine(["mail"])
        assert desk.held == (("mail", 1),) and desk.engine(["mail"]) is mail
        both = desk.engine(["mail", "chats"])
        again = desk.engine(["mail"])
        assert [len(engine.snapshot) for engine in (mail, both, again)] == [10, 20, 10]
        assert again.snapshot.segments[0].tokens is both.snapshot.segments[1].tokens
        for text in ("unique7", "river", "violin sonata"):
            found = [[(one.passage.id, one.score) for one in engine.search(text).ranked] for engine in (mail, again)]
            assert found[0] == found[1]
        assert desk.engine(["chats"]).search("unique7 river").passages[0].metadata["grant"] == "chats"
        assert again.search("river", k=20, filter="grant = chats").ranked == ()


def test_what_was_added_since_is_found(tmp_path: Path, made: Vault, running: Agent) -> None:
    assert not any(one["locator"] == "f00025" for one in running.request("search", text="unique25"))
    whole = batch(tmp_path / "more", prose(30))
    with made.unlock(SECRET) as unlocked:
        unlocked.add("mail", whole.take(np.arange(20, 30)))
    assert running.request("search", text="unique25")[0]["locator"] == "f00025"


def test_a_killed_agent_leaves_nothing_that_can_be_read(made: Vault, running: Agent) -> None:
    running.request("search", text="unique7")
    process = pid(running)
    os.kill(process, signal.SIGKILL)
    assert gone(process)
    assert reach(made.layout.root) is None
    for path in made.layout.root.rglob("*"):
        assert not path.is_file() or b"unique" not in path.read_bytes()
    started = launch(made.layout.root, SECRET, WHERE)  # in the place of the socket that was left
    assert started.request("search", text="unique7")[0]["locator"] == "f00007"
    started.lock()


def test_the_socket_is_the_users_alone(shared: Agent) -> None:
    mode = shared.place.stat().st_mode
    assert stat.S_ISSOCK(mode) and mode & 0o777 == 0o600
    assert shared.place.parent.stat().st_mode & 0o777 == 0o700


def test_the_agent_dumps_no_core_and_has_no_passphrase_in_its_arguments_or_environment(shared: Agent) -> None:
    process = Path("/proc") / str(pid(shared))
    if not process.exists():
        pytest.skip("only Linux tells so much of a process")
    limits = (process / "limits").read_text()
    assert next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()[4:6] == [
        "0",
        "0",
    ]
    assert (
        SECRET.decode() not in (process / "cmdline").read_text()
        and SECRET.hex() not in (process / "cmdline").read_text()
    )
    try:
        environment = (process / "environ").read_bytes()
    except PermissionError:  # it lets nobody look
        return
    assert SECRET not in environment and SECRET.hex().encode() not in environment


def test_nothing_that_is_held_lies_in_a_file_of_any_kind(
    tmp_path_factory: pytest.TempPathFactory, shared: Agent
) -> None:
    shared.request("search", text="violin")
    process = Path("/proc") / str(pid(shared))
    try:
        mapped = {line.split(maxsplit=5)[5] for line in (process / "maps").read_text().splitlines() if "/" in line}
        handles = [str(one.readlink()) for one in (process / "fd").iterdir()]
    except OSError:
        pytest.skip("this system does not let one look at an agent")
    files = {one for one in (*mapped, *handles) if not one.endswith((".so", ".nbc"))}
    here = str(Path(__file__).parents[2])  # a checkout may lie in a folder of temporary files
    assert not [
        one for one in files
        if "memfd" in one or "/dev/shm" in one or (one.startswith(("/tmp/", "/var/tmp/")) and not one.startswith(here))
    ]  # fmt: skip
    assert not [one for one in files if str(tmp_path_factory.getbasetemp()) in one]


@pytest.mark.parametrize("error", [NotFound, UsageError, WrongKey, NoKey, Corrupt])
def test_an_error_comes_through_as_what_it_is(error: type[NotFound]) -> None:
    came = wire.raised(json.loads(json.dumps(wire.failed(error("A sentence.")))))
    assert type(came) is error and str(came) == "A sentence." and came.exit_code == error.exit_code


def test_an_error_of_an_unknown_class_keeps_its_sentence_and_code() -> None:
    came = wire.raised({"error": "FromTheFuture", "said": "A sentence.", "exit_code": 21})
    assert str(came) == "A sentence." and came.exit_code == 21


def test_a_handler_that_fails_leaves_the_vault_open(shared: Agent) -> None:
    with pytest.raises(ModelError, match="RuntimeError: on purpose"):
        shared.request("fail")
    with pytest.raises(UsageError, match="knows nothing named 'dance'"):
        shared.request("dance")
    with pytest.raises(ModelError, match="TypeError"):
        shared.request("search", nonsense=1)
    assert shared.request("search", text="unique7")


@pytest.mark.parametrize(
    "raw", [b"", b"\0", b"\0\0\0\5abc", b"\xff\xff\xff\xff", b"\0\0\0\2[]", b"\0\0\0\1{", b"GET / HTTP/1.1\r\n\r\n"]
)
def test_bytes_that_are_no_request_end_the_connection_and_nothing_else(shared: Agent, raw: bytes) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        peer.connect(str(shared.place))
        peer.sendall(raw)
        peer.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):  # where it did not read all that was sent
            assert peer.recv(100) == b""
    assert shared.request("status")["grants"] == ["chats", "mail"]


def test_another_user_is_not_answered(made: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(socket, "SO_PEERCRED"):
        pytest.skip("this system does not tell whose connection it is")
    here, there = socket.socketpair(socket.AF_UNIX)
    with here, there:
        assert wire.mine(here)
        monkeypatch.setattr(os, "getuid", lambda: 54_321)
        assert not wire.mine(here)
        with made.unlock(SECRET) as unlocked:
            Serving(Desk(unlocked), HANDLERS)._serve(there)
        assert here.recv(10) == b""


def test_questions_are_answered_beside_one_that_takes_long(shared: Agent) -> None:
    shared.request("search", text="violin")
    waiting = threading.Thread(target=shared.request, args=("slow",), kwargs={"seconds": 4.0})
    waiting.start()
    assert shared.request("status")["held"] == ["chats", "mail"]
    assert waiting.is_alive()
    waiting.join()


def test_a_path_too_long_for_a_socket_goes_to_the_runtime_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / ("v" * 90)
    made = vault(root)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/1")
    assert agent.place(root) == Path("/run/user/1") / f"cascade-{made.id}.sock"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    with pytest.raises(UnusableIndex, match="too long for a socket"):
        agent.place(root)
