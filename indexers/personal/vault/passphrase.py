"""Where a passphrase comes from: a prompt, an open file descriptor, or the keyring of the system.

Never from an argument or the environment: other processes can read both. A person's text is brought to one form (NFC),
so that the same letters typed on another machine are the same passphrase.
Knows passphrases; knows nothing of what they open.
"""

from __future__ import annotations

import getpass
import os
import unicodedata
from collections.abc import Callable
from typing import Any

from cascade.errors import UsageError

SERVICE = "cascade vault"
MOST = 4096
"""Bytes of the longest passphrase."""


def asked(what: str, twice: bool = False, ask: Callable[[str], str] = getpass.getpass) -> bytearray:
    """Ask a person at the terminal, twice for a new one. Raises UsageError where the two differ."""
    said = ask(f"{what}: ")
    if twice and ask(f"{what} once more: ") != said:
        raise UsageError("The two passphrases differ. Try again.")
    return _bytes(said)


def handed(descriptor: int) -> bytearray:
    """Read one from a file descriptor that the caller has open: its first line. Raises UsageError."""
    raw = bytearray()
    try:
        while b"\n" not in raw and len(raw) <= MOST and (part := os.read(descriptor, MOST)):
            raw += part
    except OSError as error:
        raise UsageError(f"The passphrase cannot be read from descriptor {descriptor} ({error.strerror}).") from error
    line = raw.partition(b"\n")[0].removesuffix(b"\r")
    try:
        return _bytes(line.decode())
    except UnicodeDecodeError:
        raise UsageError("The passphrase that was handed over is not text in UTF-8.") from None


def kept(vault: str) -> bytearray | None:
    """The passphrase of a vault in the system's keyring; None where there is none, or no keyring."""
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        found = keyring.get_password(SERVICE, vault)
    except keyring.errors.KeyringError:
        return None
    return None if found is None else _bytes(found)


def keep(vault: str, secret: bytes | bytearray) -> None:
    """Put the passphrase of a vault into the system's keyring. Raises UsageError where there is none."""
    if (keyring := _keyring()) is None:
        raise UsageError("This system has no keyring that can be used. Type the passphrase, or hand it over.")
    try:
        keyring.set_password(SERVICE, vault, bytes(secret).decode())
    except UnicodeDecodeError:
        raise UsageError("The passphrase is not text, which a keyring wants.") from None
    except keyring.errors.KeyringError as error:
        raise UsageError(f"The keyring refuses ({error}). Type the passphrase, or hand it over.") from error


def forget(vault: str) -> bool:
    """Take the passphrase of a vault out of the system's keyring; False where there was none."""
    keyring = _keyring()
    if keyring is None or kept(vault) is None:
        return False
    keyring.delete_password(SERVICE, vault)
    return True


def _keyring() -> Any:
    """The library, where it is installed and finds a keyring."""
    try:
        import keyring
        import keyring.errors
        from keyring.backends import fail
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), fail.Keyring) else keyring


def _bytes(said: str) -> bytearray:
    raw = bytearray(unicodedata.normalize("NFC", said).encode())
    if not raw:
        raise UsageError("The passphrase is empty.")
    if len(raw) > MOST:
        raise UsageError(f"The passphrase is longer than {MOST:,} bytes.")
    return raw
