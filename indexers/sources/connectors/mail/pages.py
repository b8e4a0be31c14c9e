"""An HTML mail as text: what is to be seen of it, its own words apart from the mail it answers.

Mail programs mark what they quote: `blockquote[type=cite]` (Apple, Thunderbird), `.gmail_quote`, `.yahoo_quoted`,
`.protonmail_quote`, `#divRplyFwdMsg` and all after it (Outlook on the web), a `div` with a line above it and "From:" in
it and all after (Outlook). Links are text; their address follows
where it is short enough to be read (long ones only track). Nothing is ever fetched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexers.sources.connectors.mail import replies
from indexers.sources.connectors.mail.replies import Reply
from indexers.sources.connectors.pages import deep, unseen
from indexers.sources.document import Builder
from indexers.sources.formats.html import Writer

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_LARGEST = 8 << 20
_DEEPEST = 1_000
_TAG = re.compile(r"</?[a-z]{1,12}\b[^<>]*>", re.IGNORECASE)
_QUOTES = (
    "blockquote[type=cite], .gmail_quote, .gmail_extra blockquote, .yahoo_quoted, .protonmail_quote, .zmail_extra, "
    ".tutanota_quote, .moz-cite-prefix, .gmail_attr, .OutlookMessageHeader, .quoted-content, "
    ".ms-outlook-mobile-reference-message"
)
_DIVIDERS = "#divRplyFwdMsg, #appendonsend, hr#stopSpelling, #mail-editor-reference-message-container, #x_divRplyFwdMsg"
_LINE_ABOVE = re.compile(r"border-top\s*:\s*(?:solid|#|1)|border:none;\s*border-top", re.IGNORECASE)
_BREAK, _BROKEN = "\ue000", re.compile(" ?\ue000 ?")
"""Stands for a line end until the page is text, since that of HTML is no more than a space to the writer of pages."""
_MOST, _LINES = 2_000, 30
"""Quotations of a page, and elements with a border, that are looked at."""
_SHORT = 80


def read(text: str, forwarded: bool = False) -> Reply:
    """The words of a page, and what it quotes. `forwarded`: it forwards another mail, whose words are then text too."""
    if len(text) > _LARGEST or deep(text, _DEEPEST):
        return Reply(unseen.visible(_stripped(text)))
    try:
        return _read(text, forwarded)
    except Exception:  # noqa: BLE001  a foreign parser raises anything for a damaged page, and a mail is not lost for its layout
        return Reply(unseen.visible(_stripped(text)))


def _read(text: str, forwarded: bool) -> Reply:
    from selectolax.lexbor import LexborHTMLParser

    page = LexborHTMLParser(text.replace(_BREAK, ""))
    _prepare(page)
    body = page.body
    if body is None:
        return Reply("")
    quoted = "" if forwarded else "\n\n".join(_quotations(page, body))
    own = replies.split(_written(body), forwarded)
    return Reply(own.new, "\n\n".join(filter(None, (own.quoted, quoted))), own.signature)


def _prepare(page: LexborHTMLParser) -> None:
    """Take out what is not seen, and put in what the writer of pages would lose: addresses and line ends."""
    unseen.hide(page)
    _spell_links(page)
    for line_end in page.css("br"):
        line_end.insert_before(_BREAK)


def _written(node: LexborNode) -> str:
    builder = Builder()
    Writer(builder).write(node)
    text = builder.build().text.replace("\u00a0", " ")
    return unseen.visible(_BROKEN.sub("\n", text))


def _quotations(page: LexborHTMLParser, body: LexborNode) -> list[str]:
    """The text of what is quoted, which is then marked as hidden."""
    taken: list[str] = []
    for divider in _dividers(page):
        for node in _from_there_on(divider, body):
            taken.append(_written(node))
            node.remove()
    for quote in page.css(_QUOTES)[:_MOST]:
        if unseen.within_hidden(quote):
            continue
        text = _written(quote)
        if not any(map(replies.forwarded_here, text.split("\n", 3)[:3])):
            taken.append(text)
            quote.attrs["hidden"] = ""
    unseen.drop(page)
    return [text for text in taken if text.strip()]


def _dividers(page: LexborHTMLParser) -> list[LexborNode]:
    """Where the mail that is answered begins, for programs that only draw a line: the first such place."""
    if found := page.css_first(_DIVIDERS):
        return [found]
    for node in page.css("div[style*=border]")[:_LINES]:
        if _LINE_ABOVE.search(node.attributes.get("style") or "") and replies.headed(_written(node)):
            return [node]
    return []


def _from_there_on(node: LexborNode, body: LexborNode) -> list[LexborNode]:
    """An element and all that follows it in the page, as elements none of which holds another."""
    found: list[LexborNode] = []
    around: LexborNode | None = node
    first = True
    while around is not None and around.mem_id != body.mem_id:
        if first:
            found.append(around)
        after = around.next
        while after is not None:
            found.append(after)
            after = after.next
        around, first = around.parent, False
    return found


def _spell_links(page: LexborHTMLParser) -> None:
    for link in page.css("a[href]"):
        address = (link.attributes.get("href") or "").strip()
        if not address.lower().startswith(("http://", "https://")) or len(address) > _SHORT:
            continue
        said = (link.text() or "").strip()
        if said and said.rstrip("/") not in address and address not in said:
            link.insert_after(f" ({address})")


def _stripped(text: str) -> str:
    """A page that is too large or too deep to be parsed, without its tags."""
    import html

    text = re.sub(r"<(script|style)\b[^<>]*>[^<]*</\1\s*>", " ", text[: 2 * _LARGEST], flags=re.IGNORECASE)
    text = html.unescape(_TAG.sub(" ", text))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
