"""Text messages of Android, as the app "SMS Backup & Restore" writes them: `sms-20240501083000.xml`.

- `<smses count backup_set backup_date>` holds `<sms address date type body contact_name readable_date/>` and
  `<mms address date msg_box m_id sub contact_name><parts><part seq ct name cl text data/></parts><addrs><addr address
  type/></addrs></mms>`.
- `date` is milliseconds since 1970, but `date_sent` of an mms is in seconds: it is not used. `type` (sms) and `msg_box`
  (mms): 1 received, 2 sent, 3 draft, 4 to be sent, 5 failed, 6 queued.
- the address of a group is `number~number~number`. In addrs, type 137 is the sender. `contact_name` may be `(Unknown)`.
- text of an mms is in parts of type `text/plain`; `application/smil` is layout; others are files in base64 (`data`),
  which are never held (see `unloaded`).
- characters beyond U+FFFF are written as two numbers (`&#55357;&#56832;`), which is no XML; they are mended on the way,
  and so are control characters.

There are no ids: a message's is its millisecond and its direction (an mms has `m_id`). The file is read once; the
conversations in it lie among one another, and mms come after sms, in stretches of their own.
Call logs (`calls-*.xml`) and backups encrypted by the paid version are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from indexers.records import Skipped
from indexers.sources.connectors.base import Caution, Connector, File, Kind, Person, Reader, Things
from indexers.sources.connectors.chats.streamed import Repaired
from indexers.sources.connectors.chats.stretches import Chat, Message, Stretches
from indexers.sources.connectors.chats.unloaded import Unloaded
from indexers.sources.connectors.clock import unix
from indexers.sources.faults import FAULTS, Unreadable, sentence

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NUMBERED = re.compile(rb"(?:&#(?:x[0-9a-fA-F]{1,7}|[0-9]{1,9});)+")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SENDER, _SENT = "137", frozenset("23456")
_OPEN = 2_000
"""Conversations with an open stretch, before the oldest is closed."""


def _read(reader: Reader) -> Things:
    for file in reader.files("*.xml"):
        name = file.path.rpartition("/")[2].lower()
        if name.startswith("calls"):
            yield Skipped(reader.source, file.name, "It is a log of calls, which holds no messages.", fault=False)
        else:
            yield from _file(reader, file, named=name.startswith("sms"))


def _file(reader: Reader, file: File, named: bool) -> Things:
    chats: dict[str, Stretches] = {}
    problem = ""
    known = False
    try:
        with reader.open(file) as stream:
            for number, element in _messages(Repaired(Unloaded(stream), _repair)):
                known = True
                chat, message = _read_one(reader, file, number, element)
                if message is None or isinstance(message, Skipped):
                    yield from [message] if message else ()
                    continue
                if chat.thread not in chats:
                    if len(chats) >= _OPEN:
                        yield from chats.pop(next(iter(chats))).close()
                    chats[chat.thread] = Stretches(chat)
                yield from chats[chat.thread].add(message)
    except FAULTS as error:
        problem = sentence(error) if named or known else ""
    for held in chats.values():
        yield from held.close()
    if problem:
        yield Skipped(reader.source, file.name, problem)


def _messages(stream: Repaired) -> Iterator[tuple[int, Element]]:
    """The sms and mms elements with their numbers; nothing where the root is not `smses`."""
    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import ParseError, iterparse  # type: ignore[import-untyped]

    root: Element | None = None
    number = 0
    try:
        for event, element in iterparse(stream, events=("start", "end")):
            if root is None:
                root = element
                if root.tag != "smses":
                    return
            elif event == "end" and element.tag in {"sms", "mms"}:
                number += 1
                yield number, element
                root.clear()
    except ParseError as error:
        line, column = error.position
        where = f"line {line}, column {column}"
        raise Unreadable(f"It is not valid XML from {where} on; what came before was read.") from error
    except DefusedXmlException as error:
        raise Unreadable("It defines entities of its own, as no backup of messages does.") from error
    except (LookupError, ValueError) as error:  # expat asks Python for the encoding that the file names
        raise Unreadable(f"It names an encoding that cannot be read ({error}).") from error


def _read_one(reader: Reader, file: File, number: int, element: Element) -> tuple[Chat, Message | Skipped | None]:
    numbers = [part for part in _attribute(element, "address").split("~") if part]
    shown = _attribute(element, "contact_name")
    names = [name.strip() for name in shown.split(",")] if len(numbers) > 1 else [shown]
    kind = _attribute(element, "type") if element.tag == "sms" else _attribute(element, "msg_box")
    people = _people(numbers, names)
    chat = _chat(people)
    locator = f"{file.name}#{number}"
    if kind == "3":
        return chat, Skipped(reader.source, locator, "It is a draft that was never sent.", fault=False)
    mine = kind in _SENT
    stamp = _attribute(element, "date")
    own = f"{stamp}|{kind}" if element.tag == "sms" else f"{_attribute(element, 'm_id') or stamp}|mms"
    text, files, sender = _parts(element) if element.tag == "mms" else (_attribute(element, "body"), (), "")
    author = Person(reader.choices.get("me") or "Me") if mine else _author(people, sender)
    if not text.strip() and not files:
        return chat, None
    return chat, Message(own, unix(stamp), text, locator, author, mine, files)


def _attribute(element: Any, name: str) -> str:
    value = str(element.get(name) or "")
    return "" if value in {"null", "(Unknown)"} else value


def _people(numbers: list[str], names: list[str]) -> list[Person]:
    """Names in the order of the numbers, where there are as many of them."""
    shown = names if len(names) == len(numbers) else [""] * len(numbers)
    return [Person(name or number, number) for name, number in zip(shown, numbers, strict=True)]


def _chat(people: list[Person]) -> Chat:
    thread = "~".join(sorted(_digits(person.address) for person in people)) or "unknown"
    title = ", ".join(person.name for person in people)
    cautions = frozenset({Caution.GROUP}) if len(people) > 1 else frozenset()
    return Chat(f"sms:{thread}", title, tuple(people) if len(people) == 1 else (), (), cautions)


def _digits(address: str) -> str:
    """A number without spaces and signs, so that two ways to write it are one conversation; a word as it is."""
    digits = re.sub(r"[\s().\-/]", "", address)
    return digits if re.fullmatch(r"\+?\d+", digits) else address.casefold()


def _author(people: list[Person], sender: str) -> Person | None:
    known = next((person for person in people if _digits(person.address) == _digits(sender)), None)
    if known or sender:
        return known or Person(sender, sender)
    return people[0] if len(people) == 1 else None


def _parts(element: Element) -> tuple[str, tuple[str, ...], str]:
    """Text, names of files and sender of an mms."""
    texts = [_attribute(element, "sub")]
    files = []
    for part in element.iter("part"):
        kind = _attribute(part, "ct")
        if kind == "text/plain":
            texts.append(_attribute(part, "text"))
        elif kind != "application/smil":
            name = next((_attribute(part, key) for key in ("name", "fn", "cl") if _attribute(part, key)), kind)
            files.append(name)
    senders = (_attribute(each, "address") for each in element.iter("addr") if each.get("type") == _SENDER)
    sender = next((each for each in senders if each != "insert-address-token"), "")
    return "\n".join(text for text in texts if text), tuple(files), sender


def _repair(lines: bytes) -> bytes:
    """XML of the lines: pairs of surrogates as one character, lone ones as U+FFFD, control characters left out."""
    return _CONTROL.sub(b"", _NUMBERED.sub(_mended, lines))


def _mended(run: re.Match[bytes]) -> bytes:
    """Characters written as numbers, one after another, as XML may hold them."""
    digits = run.group()[2:-1].split(b";&#")
    codes = [int(each[1:], 16) if each[:1] == b"x" else int(each) for each in digits]
    units = "".join(chr(code) for code in codes if code in {9, 10, 13} or 32 <= code < 0x110000)
    text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return b"".join(b"&#%d;" % ord(char) for char in text if ord(char) not in {0xFFFE, 0xFFFF})


CONNECTOR = Connector(
    "sms",
    1,
    "Text messages in backups of SMS Backup & Restore: text, numbers, names, when, names of files; no call logs.",
    (Kind.CHAT,),
    _read,
    places=("Downloads/sms-*.xml",),
    asks={"me": "your name, for the messages you sent"},
)
