"""How a command and the agent speak: a length of 4 bytes, big-endian, then so many bytes of JSON; one each way.

    {"name": "search", "arguments": {...}}   ->   {"value": ...}   or   {"error": "NoKey", "said": "..."}

Knows sockets and messages; knows nothing of what is asked.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any

from cascade.errors import CascadeError

MOST = 256 << 20
"""Bytes of the longest message."""


class Garbled(CascadeError):
    """What came is no message."""


def send(peer: socket.socket, message: dict[str, Any]) -> None:
    """Send a message whole."""
    raw = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogatepass")
    peer.sendall(len(raw).to_bytes(4, "big") + raw)


def receive(peer: socket.socket) -> dict[str, Any] | None:
    """The next message; None where the other has nothing more to say. Raises Garbled."""
    head = _exactly(peer, 4, b"")
    if not head:
        return None
    size = int.from_bytes(head, "big")
    if size > MOST:
        raise Garbled(f"A message of {size:,} bytes is too long (the most is {MOST:,}).")
    try:
        said = json.loads(_exactly(peer, size, None).decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        raise Garbled("What came is not JSON.") from None
    if not isinstance(said, dict):
        raise Garbled("What came is not an object.")
    return said


def _exactly(peer: socket.socket, size: int, end: bytes | None) -> bytes:
    """So many bytes; `end` where there are none at all. Raises Garbled where it breaks off."""
    out = bytearray()
    while len(out) < size:
        part = peer.recv(min(size - len(out), 1 << 20))
        if not part:
            if not out and end is not None:
                return end
            raise Garbled("The message broke off.")
        out += part
    return bytes(out)


def mine(peer: socket.socket) -> bool:
    """Whether the other end belongs to this user. Where the system does not tell, the socket's own mode has to do."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    size = struct.calcsize("3i")
    _, user, _ = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return bool(user == os.getuid())


def failed(error: CascadeError) -> dict[str, Any]:
    """An error as a message."""
    return {"error": type(error).__name__, "said": str(error), "exit_code": error.exit_code}


def raised(message: dict[str, Any]) -> CascadeError:
    """The error that a message stands for, of its own class where this program has it."""
    kind = _classes().get(str(message.get("error")))
    said = str(message.get("said", "The agent failed."))
    if kind is not None:
        return kind(said)
    error = CascadeError(said)
    error.exit_code = int(message.get("exit_code", 1))  # type: ignore[misc]
    return error


def _classes() -> dict[str, type[CascadeError]]:
    found, left = {}, [CascadeError]
    while left:
        kind = left.pop()
        found[kind.__name__] = kind
        left += kind.__subclasses__()
    return found
