"""What keeps the personal half of grants: a seam, so that the ledger can be read, and a grant revoked, without a key.

Knows bytes by a grant's id and a name; knows nothing of what they say.
"""

from __future__ import annotations

from typing import Protocol


class Store(Protocol):
    """Sealed, where it is the vault's: each grant's bytes under a key that is the grant's own.

    Each method raises an error of ours where the vault is locked, unless it says otherwise.
    """

    def put(self, grant: str, name: str, data: bytes) -> None:
        """Keep bytes of a grant; on the disk when this returns. Makes the grant's key where there is none."""
        ...

    def get(self, grant: str, name: str) -> bytes | None:
        """Bytes of a grant; None where there are none, or where the grant's key is gone."""
        ...

    def remove(self, grant: str, name: str) -> None:
        """Forget bytes of a grant. No error where there are none."""
        ...

    def remember(self, head: bytes) -> None:
        """Keep a copy of where the ledger ends, in place of the one before."""
        ...

    def remembered(self) -> bytes | None:
        """That copy; None where there is none, or while the vault is locked."""
        ...
