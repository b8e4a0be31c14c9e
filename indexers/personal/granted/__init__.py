"""Reading by leave: a reader that is bound to a grant, and the gate that every item passes.

    with Reading(grants.permit(name, connector), connector) as reading:
        for thing in reading.things(): ...

Nothing is read but by a `Permit`, and that is given by a ledger that says the grant stands. It is asked anew before
each file, each piece of a file and each item: a revocation ends what is being read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from types import TracebackType

from cascade.errors import NoGrant
from indexers.personal.granted.gate import Gate, day, is_meant, outlived
from indexers.personal.granted.reader import GrantedReader, Log, Opened
from indexers.personal.granted.roots import Barred, barred
from indexers.personal.grants import Permit
from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, Item

__all__ = ["Gate", "GrantedReader", "Opened", "Reading", "barred", "day", "is_meant", "outlived"]


class Reading:
    """One reading of one grant: its `reader`, and the `gate` that counts what is left out."""

    def __init__(
        self,
        permit: Permit,
        connector: Connector,
        log: Log = lambda _: None,
        marks: Mapping[str, bytes] | None = None,
        barred: Barred = frozenset(),
    ) -> None:
        terms = permit.grant.terms
        if (terms.connector, terms.version) != (connector.name, connector.version):
            raise NoGrant(f"Grant {terms.id} is for {terms.connector}, not for {connector.name} {connector.version}.")
        self.permit, self.connector = permit, connector
        self.reader = GrantedReader(permit, log, marks, barred)
        self.gate = Gate(permit.grant)

    def __enter__(self) -> Reading:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reader.close()

    def things(self) -> Iterator[Item | Skipped]:
        """Every item that the grant takes in, and what could not be read. Raises NoGrant once the grant ends."""
        self.permit.check()
        read = self.connector.read(self.reader)
        try:
            for thing in read:
                self.permit.check()
                yield from self.reader.told()
                if isinstance(thing, Skipped):
                    yield thing
                elif admitted := self.gate.admit(thing):
                    yield admitted
                if self.gate.full:
                    break
        finally:
            if isinstance(read, Generator):
                read.close()  # which closes the file it was reading
        yield from self.reader.told()

    def mark(self, item: Item) -> tuple[str, bytes] | None:
        """How far its file is read once this item is safe: a name and bytes for `marks` of a later reading."""
        return self.reader.mark(item.locator, item.after)
