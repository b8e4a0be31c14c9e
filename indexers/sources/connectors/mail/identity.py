"""By what a mail is known: its own id, the same in every export that holds it, and that of its conversation.

`native` is the Message-ID and a hash of the text parts' bytes, decoded, without white space and `>` before `From `: the
same in mbox, Maildir and emlx, with CRLF or LF; another where a list added its footer. Without a Message-ID, the hash
is over sender, date and subject too. The conversation is Gmail's (`X-GM-THRID`) where there is one, else the first of
`References`, else `In-Reply-To`, else the mail itself.
"""

from __future__ import annotations

import hashlib
import re

from indexers.sources.connectors.mail.headers import Headers
from indexers.sources.connectors.mail.parts import Part

_ID = re.compile(r"<\s*([^<>\s]{1,400})\s*>")
_BARE = re.compile(r"[^\s<>,;]{1,400}@[^\s<>,;]{1,400}")
_ESCAPED = re.compile(rb"^>+(?=From )", re.MULTILINE)
_READ = 4 << 20


def message_id(headers: Headers) -> str:
    """The Message-ID without its brackets; empty where there is none."""
    return next(iter(ids(headers.raw("message-id"))), "")


def ids(value: str) -> list[str]:
    """The ids in a field like `References`, in their order."""
    return _ID.findall(value[:20_000]) or _BARE.findall(value[:2_000])


def native(headers: Headers, texts: list[Part]) -> str:
    """What names this mail in every export."""
    own = message_id(headers)
    state = hashlib.blake2b(digest_size=8)
    if not own:
        for field in ("from", "date", "subject", "to"):
            state.update(f"{headers.raw(field)}\0".encode("utf-8", "replace"))
    for part in texts:
        state.update(_ESCAPED.sub(b"", part.body[:_READ]).translate(None, b" \t\r\n\xa0"))
    return f"{own or 'mail'}#{state.hexdigest()}"


def thread(headers: Headers, own: str) -> str:
    """What names its conversation."""
    if gmail := headers.raw("x-gm-thrid").strip()[:40]:
        return f"gmail:{gmail}"
    for field in ("references", "in-reply-to"):
        if known := ids(headers.raw(field)):
            return known[0]
    return message_id(headers) or own
