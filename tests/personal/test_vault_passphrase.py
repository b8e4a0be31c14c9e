"""A passphrase is asked for, handed over, or kept by the system."""

from __future__ import annotations

import os
from collections.abc import Iterator

import keyring
import keyring.backend
import pytest
from keyring.backends import fail

from cascade.errors import UsageError
from indexers.personal.vault import passphrase


class Memory(keyring.backend.KeyringBackend):
    """A keyring in memory, of the library's own kind."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture(params=[Memory, fail.Keyring])
def ring(request: pytest.FixtureRequest) -> Iterator[keyring.backend.KeyringBackend]:
    before = keyring.get_keyring()
    keyring.set_keyring(request.param())
    yield keyring.get_keyring()
    keyring.set_keyring(before)


def handed(raw: bytes) -> bytearray:
    out, into = os.pipe()
    try:
        os.write(into, raw)
        os.close(into)
        return passphrase.handed(out)
    finally:
        os.close(out)


@pytest.mark.parametrize("raw", [b"four words", b"four words\n", b"four words\r\n", b"four words\nsecond line\n"])
def test_the_first_line_of_a_descriptor_is_the_passphrase(raw: bytes) -> None:
    assert handed(raw) == b"four words"


@pytest.mark.parametrize("raw", [b"", b"\n", b"\xff\xfe\n", b"x" * 5000])
def test_what_is_no_passphrase_is_refused(raw: bytes) -> None:
    with pytest.raises(UsageError):
        handed(raw)


def test_a_descriptor_that_is_not_open_is_told() -> None:
    with pytest.raises(UsageError, match="descriptor 987"):
        passphrase.handed(987)


def test_the_same_letters_are_the_same_passphrase_however_they_are_composed() -> None:
    assert handed("caf\u00e9".encode()) == handed("cafe\u0301".encode()) == "café".encode()


def test_a_new_passphrase_is_asked_twice() -> None:
    said = iter(["one", "one", "one", "two", "alone"])
    ask = lambda _: next(said)  # noqa: E731
    assert passphrase.asked("New passphrase", twice=True, ask=ask) == b"one"
    with pytest.raises(UsageError, match="differ"):
        passphrase.asked("New passphrase", twice=True, ask=ask)
    assert passphrase.asked("Passphrase", ask=ask) == b"alone"


def test_a_keyring_keeps_and_forgets_and_without_one_that_is_told(ring: keyring.backend.KeyringBackend) -> None:
    if isinstance(ring, fail.Keyring):
        assert passphrase.kept("v1") is None and not passphrase.forget("v1")
        with pytest.raises(UsageError, match="no keyring"):
            passphrase.keep("v1", b"four words")
        return
    assert passphrase.kept("v1") is None
    passphrase.keep("v1", b"four words")
    assert passphrase.kept("v1") == b"four words" and passphrase.kept("v2") is None
    assert passphrase.forget("v1") and not passphrase.forget("v1")
    with pytest.raises(UsageError, match="not text"):
        passphrase.keep("v1", b"\xff")
