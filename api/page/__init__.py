"""The pages at `/` and `/docs`: which files they are made of, and what a browser may do. Knows files; knows no route.

Plain HTML, CSS and JavaScript, read from the package as they are. The policy lets the page run its own script and talk
to its own server, and nothing else: no inline script, no other site, and no text that becomes HTML (trusted types).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

MEDIA = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

FILES = (
    "index.html", "docs.html", "page.css", "icon.svg", "page.js", "asking.js", "adding.js", "sheets.js", "funnel.js",
    "wire.js", "dom.js", "docs.js",
)  # fmt: skip

PATHS = {
    "/": "index.html", "/docs": "docs.html",
    **{f"/page/{name}": name for name in FILES if not name.endswith(".html")},
}  # fmt: skip
"""Where each file is served. There is nothing in them that is anybody's."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


@cache
def content(name: str) -> bytes:
    """One of the files."""
    return files(__name__).joinpath(name).read_bytes()


def media(name: str) -> str:
    """What kind of file it is, as a header says it."""
    return f"{MEDIA[name.rpartition('.')[2]]}; charset=utf-8"
