"""API keys: made, read, revoked, and recognised. A file holds their digests, never the keys.

A key is `cascade_ID_SECRET`. The ID finds its row; of the secret, 256 random bits, the file has a scrypt digest.
What has been recognised once is remembered in memory by a quick digest, so that a request costs microseconds. A change
of the file (a key revoked) is seen at the next request, in every process. Knows nothing of HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import stat
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock

from cascade.errors import BadConfig, NotFound

PREFIX = "cascade"
COST = {"n": 1 << 14, "r": 8, "p": 1, "dklen": 32}
"""Of scrypt: 16 MB and about 50 ms (RFC 7914, section 2)."""

EVERY = "*"
"""As the name of an index: all of them."""


class Right(StrEnum):
    """What a key may do with its indexes; each includes those before it."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    def covers(self, other: Right) -> bool:
        """Whether this right includes another."""
        return list(Right).index(self) >= list(Right).index(other)


@dataclass(frozen=True, slots=True)
class Key:
    """One row of the file. `rate`: requests a minute; `concurrent`: requests at once; 0: the server's own limits."""

    id: str
    name: str
    right: Right
    indexes: tuple[str, ...] = (EVERY,)
    rate: int = 0
    concurrent: int = 0
    created: str = ""
    revoked: str = ""
    salt: str = field(default="", repr=False)
    digest: str = field(default="", repr=False)

    def sees(self, index: str) -> bool:
        """Whether an index is there, for this key."""
        return EVERY in self.indexes or index in self.indexes

    def may(self, right: Right) -> bool:
        """Whether this key has a right."""
        return self.right.covers(right)

    def shown(self) -> dict[str, Any]:
        """All that may be shown: neither salt nor digest."""
        return {name: value for name, value in asdict(self).items() if name not in ("salt", "digest")}


LOCAL = Key("local", "whoever is at this machine", Right.ADMIN)
"""Who asks where no keys are asked for."""


class Keys:
    """The keys in one file, which only its owner may read."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen: tuple[int, int, int] | None = None
        self._rows: dict[str, Key] = {}
        self._known: dict[str, tuple[Key, bytes]] = {}
        self._pepper = secrets.token_bytes(32)
        self._one = threading.Lock()  # scrypt takes memory and a core: one at a time
        self._none = Key("", "", Right.READ, salt=secrets.token_hex(16), digest=secrets.token_hex(32))

    def all(self) -> list[Key]:
        """Every key, oldest first. Raises BadConfig."""
        self._look()
        return list(self._rows.values())

    def create(
        self, name: str, right: Right = Right.READ, indexes: Sequence[str] = (EVERY,), rate: int = 0,
        concurrent: int = 0,
    ) -> tuple[Key, str]:  # fmt: skip
        """A new key, and its only spelling: it cannot be shown again. Raises BadConfig."""
        token_id, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(32), secrets.token_hex(16)
        made = Key(
            token_id, name, right, tuple(indexes) or (EVERY,), rate, concurrent, _now(), "", salt, _digest(secret, salt)
        )  # fmt: skip
        with self._writing():
            self._write([*self.all(), made])
        return made, f"{PREFIX}_{token_id}_{secret}"

    def revoke(self, key_id: str) -> Key:
        """Make a key useless, at once and in every process. Raises NotFound, BadConfig."""
        with self._writing():
            rows = {key.id: key for key in self.all()}
            if key_id not in rows:
                raise NotFound(f"There is no key {key_id!r} in {self.file}. `cascade keys list` shows them.")
            rows[key_id] = replace(rows[key_id], revoked=rows[key_id].revoked or _now())
            self._write(list(rows.values()))
        return rows[key_id]

    def known(self, token: str) -> Key | None:
        """The key that a token was recognised as before, if it was and still is one. Costs microseconds."""
        self._look()
        found = self._known.get(_id(token))
        return found[0] if found and hmac.compare_digest(found[1], self._quick(token)) else None

    def recognise(self, token: str) -> Key | None:
        """The key a token is, or None. Costs what scrypt costs, whether or not there is a key of that id."""
        self._look()
        row = self._rows.get(_id(token), self._none)
        secret = token.removeprefix(f"{PREFIX}_").partition("_")[2]
        with self._one:
            same = hmac.compare_digest(_digest(secret, row.salt), row.digest)
        if not same or row.revoked or not token.startswith(f"{PREFIX}_") or row is self._none:
            return None
        self._known[row.id] = (row, self._quick(token))
        return row

    def _quick(self, token: str) -> bytes:
        return hmac.digest(self._pepper, token.encode("utf-8", "replace"), "sha256")

    def _look(self) -> None:
        """Read the file where it is not the one that was read last. Raises BadConfig."""
        try:
            found = self.file.stat()
        except FileNotFoundError:
            self._seen, self._rows, self._known = None, {}, {}
            return
        seen = (found.st_mtime_ns, found.st_ino, found.st_size)
        if seen == self._seen:
            return
        if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
            raise BadConfig(f"{self.file} can be read by others. Make it yours alone: chmod 600 {self.file}")
        try:
            body = json.loads(self.file.read_text("utf-8"))
            if not isinstance(body, list):
                raise TypeError("it is no list")
            rows = [Key(**{**row, "right": Right(row["right"]), "indexes": tuple(row["indexes"])}) for row in body]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise BadConfig(f"{self.file} holds no keys that can be read ({error}). Restore it, or make new.") from None
        self._rows, self._known, self._seen = {row.id: row for row in rows}, {}, seen

    def _write(self, rows: Sequence[Key]) -> None:
        aside = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump([asdict(row) for row in rows], out, indent=1, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(self.file)

    def _writing(self) -> FileLock:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise BadConfig(f"{self.file.parent} cannot be made: {error.strerror}. Name another file.") from error
        return FileLock(self.file.with_name(f".{self.file.name}.lock"), timeout=10)


def _id(token: str) -> str:
    return token.removeprefix(f"{PREFIX}_").partition("_")[0]


def _digest(secret: str, salt: str) -> str:
    return hashlib.scrypt(secret.encode("utf-8", "replace"), salt=bytes.fromhex(salt), **COST).hex()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
