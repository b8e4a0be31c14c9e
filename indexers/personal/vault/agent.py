"""The agent: one process that keeps a vault open between commands, so that a passphrase is typed once.

It holds keys and records in its own memory, listens on a socket that its user alone may use, and answers what its
handlers know. It ends when it is told to, when nobody has asked for a while, and when it is killed; of it stays an
empty socket. A handler is the same function that a command calls by itself where there is no agent.

    pid = launch(root, secret, "indexers.personal.asking:HANDLERS")     agent = reach(root)
    agent.request("search", text="...")                                 agent.lock()

On systems without such sockets `possible()` is False, and each command unlocks the vault by itself.
Knows requests and the desk; knows nothing of what handlers do.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cascade.errors import CascadeError, ModelError, NotFound, UnusableIndex, UsageError
from indexers.personal.layout import Layout
from indexers.personal.vault import folder, hardening, wire

if TYPE_CHECKING:
    from indexers.personal.vault.desk import Desk

Handler = Callable[..., Any]
"""Called with the desk and the arguments of the request; gives what JSON can say. Raises CascadeError."""

IDLE = 15 * 60.0
"""Seconds without a question after which the vault is locked."""

LONGEST = 100
"""Bytes of a socket's path that every system takes."""


class Serving:
    """The agent's side: one thread for each connection, one look a second at what was revoked."""

    def __init__(self, desk: Desk, handlers: Mapping[str, Handler], idle: float = IDLE) -> None:
        self.desk, self.idle = desk, idle
        self._handlers = {**handlers, "status": status, "lock": self._lock}
        self._asked = time.monotonic()
        self._busy = 0
        self._ended = threading.Event()
        self._counting = threading.Lock()

    def run(self, listening: socket.socket) -> None:
        """Answer until locked, or idle for too long."""
        listening.settimeout(min(1.0, self.idle / 4))
        while not self._ended.is_set():
            try:
                peer, _ = listening.accept()
            except TimeoutError:
                self.desk.look()
                with self._counting:
                    if not self._busy and time.monotonic() - self._asked > self.idle:
                        self._ended.set()
                continue
            peer.settimeout(None)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()
        self.desk.close()

    def _serve(self, peer: socket.socket) -> None:
        with peer, suppress(OSError, wire.Garbled):
            if not wire.mine(peer):
                return
            while (message := wire.receive(peer)) is not None:
                wire.send(peer, self._answer(message))

    def _answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        with self._counting:
            self._busy += 1
        try:
            self.desk.look()
            handler = self._handlers.get(str(message.get("name")))
            if handler is None:
                raise UsageError(
                    f"The agent knows nothing named {message.get('name')!r}. Lock the vault, and unlock it."
                )
            return {"value": handler(self.desk, **dict(message.get("arguments") or {}))}
        except CascadeError as error:
            return wire.failed(error)
        except Exception as error:  # noqa: BLE001  whatever a handler meets, the vault stays open and the asker is told
            return wire.failed(
                ModelError(f"The agent failed: {type(error).__name__}: {error}. Lock the vault, and retry.")
            )
        finally:
            with self._counting:
                self._busy -= 1
                self._asked = time.monotonic()

    def _lock(self, desk: Desk) -> bool:
        self._ended.set()
        return True


def status(desk: Desk) -> dict[str, Any]:
    """What is open: grants with a key, and which of them are in memory."""
    return {"pid": os.getpid(), "grants": desk.unlocked.grants(), "held": [grant for grant, _ in desk.held]}


class Agent:
    """A command's side."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def request(self, name: str, **arguments: Any) -> Any:
        """What a handler gives. Raises what it raised, or UnusableIndex where the agent is gone."""
        try:
            with _connected(self.place) as peer:
                wire.send(peer, {"name": name, "arguments": arguments})
                said = wire.receive(peer)
        except OSError as error:
            raise UnusableIndex(f"The vault was locked meanwhile ({error}). Unlock it: cascade me unlock") from error
        if said is None:
            raise UnusableIndex("The vault was locked meanwhile. Unlock it: cascade me unlock")
        if "error" in said:
            raise wire.raised(said)
        return said.get("value")

    def lock(self) -> None:
        """End the agent, and wait until its socket is gone."""
        self.request("lock")
        for _ in range(200):
            if not self.place.exists():
                return
            time.sleep(0.02)


def possible() -> bool:
    """Whether this system has the sockets that an agent needs."""
    return hasattr(socket, "AF_UNIX") and os.name != "nt"


def place(root: Path) -> Path:
    """Where the agent of a vault listens: in its folder, or in the user's runtime folder if that path is too long."""
    where = Layout(root.resolve())
    if len(os.fsencode(where.socket)) <= LONGEST:
        return where.socket
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not runtime or len(os.fsencode(runtime)) > LONGEST - 40:
        raise UnusableIndex(f"{where.socket} is too long for a socket. Move the vault to a shorter path.")
    return Path(runtime) / f"cascade-{folder.opened(root).id}.sock"


def reach(root: Path) -> Agent | None:
    """The agent that keeps this vault open; None where there is none."""
    if not possible():
        return None
    try:
        at = place(root)
        with _connected(at):
            return Agent(at)
    except (OSError, NotFound, UnusableIndex):
        return None


def launch(root: Path, secret: bytes | bytearray, handlers: str, idle: float = IDLE) -> Agent:
    """Start an agent, and wait until it has unlocked the vault. `handlers`: `module:name` of a mapping.

    The passphrase goes through a pipe, never through arguments or the environment. Raises WrongKey, UsageError.
    """
    if not possible():
        raise UsageError("This system has no sockets for an agent: each command unlocks the vault by itself.")
    if (running := reach(root)) is not None:
        return running
    code = "from indexers.personal.vault.agent import main; main()"
    paths = os.pathsep.join(os.path.abspath(path) for path in sys.path)  # noqa: PTH100  keeps links
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True, cwd=Path(root.resolve().anchor), env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    given = json.dumps({"root": str(root.resolve()), "secret": bytes(secret).hex(), "handlers": handlers, "idle": idle})
    assert process.stdin is not None and process.stdout is not None
    with process.stdin, process.stdout:
        with suppress(BrokenPipeError):
            process.stdin.write(given.encode() + b"\n")
            process.stdin.flush()
        told = process.stdout.readline()
    said = json.loads(told) if told else {"said": "The agent did not start. Use the commands without it."}
    if "error" in said or "value" not in said:
        process.wait()
        raise wire.raised(said)
    process.returncode = 0  # it goes on by itself, and nobody waits for it
    return Agent(Path(said["value"]))


def main() -> None:
    """The agent's process: read what to open from standard input, say that it is open, and serve."""
    from indexers.personal.vault.desk import Desk

    hardening.no_dumps()
    os.umask(0o077)
    given = json.loads(sys.stdin.readline())
    try:
        module, _, name = given["handlers"].partition(":")
        handlers = getattr(importlib.import_module(module), name)
        unlocked = folder.opened(Path(given["root"])).unlock(bytes.fromhex(given.pop("secret")))
        at = place(Path(given["root"]))
        listening = _listening(at)
    except CascadeError as error:
        _tell(wire.failed(error))
        return
    _tell({"value": str(at)})
    try:
        Serving(Desk(unlocked), handlers, given["idle"]).run(listening)
    finally:
        listening.close()
        at.unlink(missing_ok=True)


def _tell(said: Mapping[str, Any]) -> None:
    """Tell who started this, and say nothing more."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    silent = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silent, stream)


def _listening(at: Path) -> socket.socket:
    """A socket that this user alone may use, in place of one that an agent left that was killed."""
    at.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(at))
    at.chmod(0o600)
    listening.listen(16)
    return listening


def _connected(at: Path) -> socket.socket:
    """A connection to an agent of this user. Raises OSError."""
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        peer.connect(str(at))
        if not wire.mine(peer):
            raise ConnectionRefusedError(f"{at} belongs to another user")
    except BaseException:
        peer.close()
        raise
    return peer
