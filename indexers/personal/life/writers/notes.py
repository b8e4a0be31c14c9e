"""Notes: an Obsidian vault, an Evernote file (ENEX), a Notion export.

Obsidian: front matter, links, tags, comments, with the program's own folders beside the notes. ENEX: ENML in CDATA,
to-dos,
an entity, a resource. Notion: a zip in a zip, HTML pages whose file names are cut and end in an id.
Knows these three formats.
"""

from __future__ import annotations

import hashlib
from html import escape

from indexers.personal.life.cast import slug
from indexers.personal.life.things import App, Thing
from indexers.personal.life.writers.zips import dumped, pack
from indexers.personal.life.written import Desk

SPACE = "0f3b2c1d-aaaa-4bbb-8ccc-1234567890ab"


def write(desk: Desk) -> None:
    """All three programs."""
    _obsidian(desk)
    _enex(desk)
    _notion(desk)


def _obsidian(desk: Desk) -> None:
    for thing in desk.life.of(App.OBSIDIAN):
        path = desk.file("obsidian", "Vault", thing.room or "Inbox", f"{slug(thing.title)}-{thing.number}.md")
        tags = f"tags: [{', '.join(thing.labels)}]\n" if thing.labels else ""
        head = f"---\ntitle: {thing.title}\n{tags}created: {thing.at:%Y-%m-%dT%H:%M:%S}+00:00\n---\n\n"
        link = f"[[{thing.room}|the {thing.room.lower()} page]]"
        body = f"# {thing.title}\n\n{thing.text}\n\nSee {link}. %%not for print%%\n"
        path.write_text(f"{head}{body}\nref {thing.canary} #{slug(thing.room) or 'inbox'}\n", "utf-8")
        desk.put("obsidian", path, [thing])
    desk.file("obsidian", "Vault", ".obsidian", "app.json").write_bytes(dumped({"alwaysUpdateLinks": True}))
    desk.file("obsidian", "Vault", ".trash", "old.md").write_text("# Old\n\nThrown away.\n", "utf-8")
    desk.export("obsidian", "obsidian", desk.folder / "obsidian" / "Vault")


def _enex(desk: Desk) -> None:
    things = desk.life.of(App.ENEX)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<!DOCTYPE en-export SYSTEM "http://xml.evernote.com/pub/evernote-export4.dtd">',
        '<en-export export-date="20260701T090000Z" application="Evernote" version="10.0">',
        *(_enote(thing) for thing in things), "</en-export>", "",
    ]  # fmt: skip
    path = desk.file("enex", "Notes.enex")
    path.write_text("\n".join(lines), "utf-8")
    desk.put("enex", path, things)
    desk.export("enex", "enex", path)


def _enote(thing: Thing) -> str:
    body = "".join(f"<div>{escape(part, quote=False)}</div>" for part in thing.text.split("\n") if part)
    todo = '<div><en-todo checked="true"/>done</div>' if thing.number % 2 else ""
    enml = (
        '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE en-note SYSTEM "http://xml.evernote.com/pub/enml2.dtd">'
        f"<en-note>{body}<div>ref&nbsp;{thing.canary}</div>{todo}</en-note>"
    )
    tags = "".join(f"<tag>{escape(one)}</tag>" for one in thing.labels)
    return (
        f"<note><title>{escape(thing.title)}</title><content><![CDATA[{enml}]]></content>"
        f"<created>{thing.at:%Y%m%dT%H%M%SZ}</created><updated>{thing.at:%Y%m%dT%H%M%SZ}</updated>{tags}"
        f"<note-attributes><author>{escape(thing.room)}</author></note-attributes>"
        '<resource><data encoding="base64">aGVsbG8=</data><mime>text/plain</mime>'
        "<resource-attributes><file-name>hello.txt</file-name></resource-attributes></resource></note>"
    )


def _notion(desk: Desk) -> None:
    pages: dict[str, bytes] = {}
    path = desk.file("notion", f"{SPACE}_Export.zip")
    part = f"Export-{SPACE}-Part-1.zip"
    for thing in desk.life.of(App.NOTION):
        key = hashlib.md5(thing.canary.encode(), usedforsecurity=False).hexdigest()
        name = f"Export-{SPACE}/{thing.title[:40]} {key}.html".replace("?", "")
        pages[name] = _page(thing, key).encode("utf-8")
        desk.put("notion", f"notion/{path.name}!{part}!{name}", [thing])
    pack(path, {part: pack(None, pages), "index.html": b"<html><body>Export</body></html>"})
    desk.export("notion", "notion", path)


def _page(thing: Thing, key: str) -> str:
    dashed = "-".join((key[:8], key[8:12], key[12:16], key[16:20], key[20:]))
    body = "".join(f"<p>{escape(part)}</p>" for part in thing.text.split("\n\n"))
    at = f"{thing.at:%B} {thing.at.day}, {thing.at.year} {thing.at.hour % 12 or 12}:{thing.at:%M %p}"
    return (
        f"<html><head><meta charset='utf-8'/><title>{escape(thing.title)}</title>"
        "<style>p { margin: 0 }</style></head>"
        f'<body><article id="{dashed}" class="page sans"><header><h1 class="page-title">{escape(thing.title)}</h1>'
        '<table class="properties"><tbody>'
        f'<tr class="property-row property-row-created_time"><th>Created</th><td><time>@{at}</time></td></tr>'
        f'</tbody></table></header><div class="page-body">{body}<p>ref {thing.canary}</p></div></article></body></html>'
    )
