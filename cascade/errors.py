"""Everything that can go wrong, as one tree. Each error is a sentence with a next step.

    CascadeError
    ├── UsageError            the request itself cannot be taken (exit code 2)
    │   ├── BadFilter             a filter that does not parse
    │   ├── BadConfig             an unknown or impossible setting
    │   └── UnknownName           no such model, source kind, effort
    ├── NotFound              the thing named is not there (exit code 3)
    │   ├── NoIndex               the folder holds no index
    │   ├── NoPassage             no such passage or record in this snapshot
    │   ├── NoVault               the folder holds no vault            (indexers.personal.layout)
    │   └── NoKey                 locked, or its key was destroyed     (indexers.personal.sealing)
    ├── UnusableIndex         the index cannot be used as asked (exit code 4)
    │   ├── WrongEncoder          built with another encoder, tokenizer or token table
    │   ├── WrongFormat           written by a newer or foreign version
    │   ├── Locked                another writer is at work
    │   ├── Unwritable            no room, no permission, a read-only disk
    │   ├── Unreadable            no permission, too many open files
    │   ├── Corrupt               a checksum does not match
    │   ├── WrongKey              not the passphrase of the vault      (indexers.personal.sealing)
    │   └── Exposed               others may read or change the vault  (indexers.personal.layout)
    ├── ModelError            a model cannot be had or does not answer (exit code 5)
    │   ├── ModelMissing          not installed, and it cannot be fetched
    │   ├── ModelTampered         its files are not the pinned ones
    │   └── ReaderFailed          the endpoint refused, timed out or sent nonsense
    ├── SourceError           a source cannot be read (exit code 6)
    │   └── SomeFilesFailed       --fail-on-error was given and files were left out
    ├── NotAllowed            personal data that nobody has consented to (exit code 7)
    │   ├── NoGrant               no grant, or one that is revoked, expired, or must be asked again
    │   └── OutsideScope          a file, archive member or purpose that the grant does not take in
    ├── Unreachable           machines that hold a part of the index do not answer (exit code 8)
    │   ├── Crowded               they have all the work that they take at once
    │   └── Overdue               they have not answered in the time that the question has
    └── Cancelled             whoever asked no longer wants it (exit code 130)

The edges turn a class into an exit code or a status by `exit_code`; nothing else decides.
Knows nothing of the rest of the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class CascadeError(Exception):
    """The root. Catch it at an edge; its message is fit to print."""

    exit_code: ClassVar[int] = 1


class UsageError(CascadeError):
    """The request cannot be taken as it stands."""

    exit_code = 2


class BadFilter(UsageError):
    """A filter expression that does not parse, or names an unknown field."""


class BadConfig(UsageError):
    """A setting that is unknown or out of range."""


class UnknownName(UsageError):
    """A model, source kind or effort that does not exist."""


class NotFound(CascadeError):
    """The thing named is not there."""

    exit_code = 3


class NoIndex(NotFound):
    """The folder is not an index."""


class NoPassage(NotFound):
    """No such passage or record in this snapshot."""


class UnusableIndex(CascadeError):
    """The index cannot be used as asked."""

    exit_code = 4


class WrongEncoder(UnusableIndex):
    """The index was built with another encoder, tokenizer or token table."""


class WrongFormat(UnusableIndex):
    """The index was written by a newer or a foreign version."""


class Locked(UnusableIndex):
    """Another process is writing to the index."""


class Unwritable(UnusableIndex):
    """The system refuses to write: no room, no permission, a read-only disk."""


class Unreadable(UnusableIndex):
    """The system refuses to read what is there: no permission, too many open files."""


class Corrupt(UnusableIndex):
    """Bytes on disk are not the bytes that were written.

    `path`: the file, where it is one. `spans`: from which byte to which it is damaged; none: as a whole.
    """

    def __init__(self, message: str, path: Path | None = None, spans: tuple[tuple[int, int], ...] = ()) -> None:
        super().__init__(message)
        self.path, self.spans = path, spans


class ModelError(CascadeError):
    """A model cannot be had or does not answer."""

    exit_code = 5


class ModelMissing(ModelError):
    """The model is not installed and could not be fetched."""


class ModelTampered(ModelError):
    """The model's files differ from the pinned ones."""


class ReaderFailed(ModelError):
    """A reader refused, timed out or sent something that cannot be read."""


class SourceError(CascadeError):
    """A source cannot be read at all."""

    exit_code = 6


class SomeFilesFailed(SourceError):
    """Files were left out, and the caller asked that this be an error."""


class NotAllowed(CascadeError):
    """Personal data may not be read or used so: nobody has consented to it."""

    exit_code = 7


class NoGrant(NotAllowed):
    """There is no grant for this, or it is revoked, expired, or must be asked again."""


class OutsideScope(NotAllowed):
    """The thing lies outside of what the grant takes in."""


class Unreachable(CascadeError):
    """Machines that hold a part of the index do not answer."""

    exit_code = 8

    def __init__(self, message: str, shard: int | None = None) -> None:
        """`shard`: the number of the part; None where it is none in particular."""
        super().__init__(message)
        self.shard = shard


class Crowded(Unreachable):
    """The machines that hold the index have all the work that they take at once."""


class Overdue(Unreachable):
    """Machines that hold a part of the index have not answered in the time that the question has."""

    shards: tuple[int, ...] = ()
    """The numbers of the parts."""

    @classmethod
    def of(cls, shards: Sequence[int]) -> Overdue:
        """The error that says it of these parts."""
        named = ", ".join(map(str, sorted(shards)))
        error = cls(f"No answer in time from shards {named}. Ask again with a later deadline.", shards[0])
        error.shards = tuple(shards)
        return error


class Cancelled(CascadeError):
    """The work was withdrawn by whoever asked for it."""

    exit_code = 130
