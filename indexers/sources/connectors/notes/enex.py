"""Evernote's export: `<notebook>.enex`, XML.

`<en-export><note><title/><content>ENML in CDATA</content><created>20240112T072527Z</created><updated/><tag/>*
<note-attributes><author/><source/><source-url/><latitude/><longitude/>...</note-attributes>
<task><title/><taskStatus/></task>* <resource><data encoding="base64"/><mime/><resource-attributes><file-name/>
</resource-attributes></resource>*</note></en-export>`. Order and presence of all but title and content vary.

- resources are files in base64, most of the export by far: they are passed over as they stream by, never held.
- a note has no id: its is the second of its creation and its title, and which one it is where there are several.
- `source` begins with `web.clip` for pages clipped from the web: other people's words, at `source-url`.
- the text is told in `enml`. Entities are refused (`defusedxml`); the external DTD is never loaded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from indexers.records import Skipped
from indexers.sources.connectors.base import Connector, File, Item, Kind, Moment, Origin, Person, Reader, Things
from indexers.sources.connectors.clock import written
from indexers.sources.connectors.notes import enml
from indexers.sources.connectors.notes.noted import LARGEST, moment_of, note, stem
from indexers.sources.document import Document
from indexers.sources.faults import FAULTS, Unreadable, sentence

_CHUNK = 1 << 16
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
_LISTED = {"tag": "tags", "file-name": "files", "mime": "kinds"}
_SAID = frozenset({"title", "content", "created", "updated", "author", "source", "source-url", "taskStatus"})
_MOST = 1_000
_FAULTS: tuple[type[Exception], ...] = (*FAULTS, ValueError)
"""Also what the parser of HTML raises where nothing is left."""


@dataclass(slots=True)
class _Note:
    """The fields of one note, as they come."""

    about: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    large: bool = False


class _Notes:
    """What the XML parser calls: gathers text of the elements that are wanted, and lets the rest go by."""

    def __init__(self) -> None:
        self.whole: list[_Note] = []
        self._path: list[str] = []
        self._text: list[str] = []
        self._size = 0
        self._note = _Note()

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._path.append(tag)
        if tag == "note" and len(self._path) == 2:
            self._note = _Note()
        self._text, self._size = [], 0

    def data(self, text: str) -> None:
        if self._path and self._path[-1] != "data" and self._size <= LARGEST:
            self._text.append(text)
            self._size += len(text)

    def end(self, tag: str) -> None:
        self._path.pop()
        text, large = "".join(self._text).strip(), self._size > LARGEST
        self._text, self._size = [], 0
        if tag == "note" and len(self._path) == 1:
            self.whole.append(self._note)
        elif large:
            self._note.large = True
        elif self._path[-1:] == ["task"] and tag == "title":
            self._note.tasks.append(f"[ ] {text}")
        elif tag == "taskStatus" and self._note.tasks and text == "completed":
            self._note.tasks[-1] = f"[x]{self._note.tasks[-1][3:]}"
        elif tag in _LISTED:
            listed: list[str] = getattr(self._note, _LISTED[tag])
            listed += [text] if text and len(listed) < _MOST else []
        elif tag in _SAID and "resource" not in self._path:
            self._note.about.setdefault(tag, text)

    def close(self) -> None:
        """Nothing is left to be told."""


def _read(reader: Reader) -> Things:
    for file in reader.files("*.enex"):
        number, twins = 0, Counter[str]()
        try:
            for number, found in enumerate(_notes(reader, file), 1):
                item = _item(reader, file, number, found)
                if isinstance(item, Item):
                    twins[item.native] += 1
                    again = twins[item.native]
                    item = replace(item, native=f"{item.native}#{again}") if again > 1 else item
                yield item
        except FAULTS as error:
            yield Skipped(reader.source, f"{file.name}#{number + 1}", sentence(error))


def _notes(reader: Reader, file: File) -> Iterator[_Note]:
    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import ParseError, XMLParser  # type: ignore[import-untyped]

    notes = _Notes()
    parser = XMLParser(target=notes)
    try:
        with reader.open(file) as stream:
            while piece := stream.read(_CHUNK):
                parser.feed(piece)
                yield from notes.whole
                notes.whole.clear()
        parser.close()
        yield from notes.whole
    except ParseError as error:
        yield from notes.whole
        line, column = error.position
        where = f"line {line}, column {column}"
        raise Unreadable(f"It is not valid XML from {where} on; what came before was read.") from error
    except DefusedXmlException as error:
        raise Unreadable("It defines entities of its own, as no export of Evernote does.") from error
    except (LookupError, ValueError) as error:  # expat asks Python for the encoding that the file names
        raise Unreadable(f"It names an encoding that cannot be read ({error}).") from error


def _item(reader: Reader, file: File, number: int, found: _Note) -> Item | Skipped:
    locator = f"{file.name}#{number}"
    if found.large:
        return Skipped(reader.source, locator, f"A part of the note is larger than {LARGEST >> 20} MiB.")
    try:
        document = enml.document(found.about.get("content", ""))
    except _FAULTS as error:
        return Skipped(reader.source, locator, sentence(error))
    if found.tasks:
        document = replace(document, text="\n".join([document.text, *found.tasks]).strip())
    files, title = tuple(found.files) or tuple(found.kinds), found.about.get("title", "")
    if not document.text.strip():
        document = Document(title)  # a reminder, say: its title is all it says
    if not document.text.strip() and not files:
        return Skipped(reader.source, locator, "The note is empty.", fault=False)
    about = found.about
    created, updated = _moment(about, "created"), _moment(about, "updated")
    moment = created if created.iso else updated if updated.iso else moment_of("", file)
    clipped = about.get("source", "").startswith("web.clip")
    author = Person(about["author"]) if about.get("author") and not clipped else None
    extra = {"notebook": stem(file.path), **({"edited": updated.iso} if updated.iso else {})}
    return replace(
        note(f"evernote:{created.iso or updated.iso}/{title}", document, locator, moment),
        title=title, author=author, origin=Origin.OTHER if clipped else Origin.MINE, labels=tuple(found.tags),
        url=about.get("source-url", ""), attachments=files, extra=extra,
    )  # fmt: skip


def _moment(about: dict[str, str], key: str) -> Moment:
    found = _TIME.fullmatch(about.get(key, ""))
    return written("{}-{}-{}T{}:{}:{}Z".format(*found.groups())) if found else Moment()


CONNECTOR = Connector(
    "enex",
    1,
    "The notes of an Evernote export: text, tags, when, addresses of clipped pages, names of files; no files.",
    (Kind.NOTE,),
    _read,
    places=("Downloads/*.enex", "Documents/*.enex"),
)
