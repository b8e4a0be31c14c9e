"""What of a message's parts is its text, what is attached, and what is neither: every part once.

The text is that of the inline parts in their order. Of alternatives (RFC 2046, 5.1.4) one is taken: plain text, unless
it is empty or only says that there is HTML. A plain text with a file name is a file unless it is all the text there is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from indexers.sources.connectors.mail import charsets, pages, replies
from indexers.sources.connectors.mail.parts import Part
from indexers.sources.connectors.mail.replies import Reply
from indexers.sources.connectors.pages import unseen

_LARGEST = 16 << 20
"""Bytes of a text that are read."""
_STUB = 200
"""Characters of plain text beside HTML that may be a mere word about it."""
_TEXTS = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "message/delivery-status",
                    "message/disposition-notification", "message/feedback-report",
                    "message/global-delivery-status"})  # fmt: skip


@dataclass
class Body:
    """A message's text as it is gathered. `twins` are parts that say in another form what the text says.

    `left` are parts that were not read, with the reason.
    """

    texts: list[Reply] = field(default_factory=list)
    used: list[Part] = field(default_factory=list)
    twins: list[Part] = field(default_factory=list)
    attached: list[Part] = field(default_factory=list)
    messages: list[Part] = field(default_factory=list)
    left: list[tuple[Part, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def reply(self) -> Reply:
        """The texts as one."""
        return Reply(
            "\n\n".join(text.new for text in self.texts if text.new),
            "\n\n".join(text.quoted for text in self.texts if text.quoted),
            "\n\n".join(text.signature for text in self.texts if text.signature),
        )


def gathered(leaves: list[Part], forwarded: bool) -> Body:
    """The parts of a message sorted. `forwarded`: it forwards another mail, whose words are then text."""
    body = Body()
    inline: list[Part] = []
    for part in leaves:
        if part.over:
            body.left.append((part, part.over))
        elif part.type in {"message/rfc822", "message/global"}:
            body.messages.append(part)
        elif part.type in _TEXTS and not part.attached and not (part.name and inline):
            inline.append(part)
        else:
            body.attached.append(part)
    for group in _alternatives(inline):
        _take(body, group, forwarded)
    return body


def _alternatives(inline: list[Part]) -> list[list[Part]]:
    """Inline parts, alternatives of one another together: the outermost multipart/alternative decides."""
    groups: dict[str, list[Part]] = {}
    for part in inline:
        key = part.number
        if "multipart/alternative" in part.within:
            depth = part.within.index("multipart/alternative")
            key = ".".join([*part.number.split(".")[:depth], "*"])
        groups.setdefault(key, []).append(part)
    return list(groups.values())


def _take(body: Body, group: list[Part], forwarded: bool) -> None:
    plains = [part for part in group if part.type != "text/html"]
    others = [part for part in group if part.type == "text/html"]
    if not any("multipart/alternative" in part.within for part in group):
        plains, others = group, []
    made = [_read(body, part, forwarded) for part in plains]
    length = sum(len(text.new) + len(text.quoted) for text in made)
    if others and length < _STUB:
        rich = [_read(body, part, forwarded) for part in others]
        if sum(len(text.new) + len(text.quoted) for text in rich) > max(4 * length, length + 40) or not length:
            plains, others, made = others, plains, rich
    body.used += plains
    body.twins += others
    body.texts += made


def _read(body: Body, part: Part, forwarded: bool) -> Reply:
    data = part.body
    if len(data) > _LARGEST:
        body.left.append((part, f"Its text is larger than {_LARGEST >> 20} MiB; the beginning was read."))
        data = data[:_LARGEST]
    text, note = charsets.text(data, part.params.get("charset", ""))
    if note:
        body.notes.append(note)
    if part.type == "text/html":
        return pages.read(text, forwarded)
    if part.type in {"text/enriched", "text/richtext"}:
        text = re.sub(r"<[^<>]*>", "", re.sub(r"(?i)<param>[^<]*</param>", "", text))
    if part.params.get("format", "").lower() == "flowed":
        text = _flowed(text, part.params.get("delsp", "").lower() == "yes")
    return replies.split(unseen.visible(text), forwarded)


def _flowed(text: str, joined: bool) -> str:
    """Paragraphs whose lines were broken for the wire made whole (RFC 3676); `joined` is its `DelSp`."""
    made: list[str] = []
    level, open_ = 0, False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        soft = content.endswith(" ") and content != "-- "
        kept = content[:-1] if soft and joined else content
        if open_ and depth == level and content != "-- ":
            made.append(kept)
        else:
            made.append(f"{chr(10) if made else ''}{'>' * depth}{' ' if depth else ''}{kept}")
        level, open_ = depth, soft
    return "".join(made)
