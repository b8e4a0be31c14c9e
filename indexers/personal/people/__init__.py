"""One address book across all sources: who is who, why two are taken for one, and what `from:anna` matches.

`Gathering` takes in items as they are read; its `book()` is a `Book`, which resolves words to persons and filters to
what a record must hold. Merging is conservative: two persons who stay apart are both found by their common name, but
two who are wrongly made one can never be told apart again.
"""

from indexers.personal.people.asking import Asked, Filter, Role, asked
from indexers.personal.people.book import Book, Known
from indexers.personal.people.gathering import Gathering

__all__ = ["Asked", "Book", "Filter", "Gathering", "Known", "Role", "asked"]
