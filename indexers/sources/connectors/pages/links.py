"""Addresses without what must not be kept.

An address often carries more than a place: session and access tokens, mail addresses, what was typed into a form.
Of a query only what names the page on well-known sites is kept (the video, the search, the item); fragments, user
names and passwords never. A part of a path that looks like a secret (a reset link, a share token) becomes `…`.
Addresses of the machine itself and of its programs (`file:`, `chrome:`, `localhost`, private networks) are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from indexers.sources.decode import clean

_LONGEST = 8_192
_LONGEST_SEGMENT = 300
_KEPT: dict[str, tuple[str, ...]] = {
    "youtube.com": ("v", "list", "search_query"),
    "google": ("q",),
    "bing.com": ("q",),
    "duckduckgo.com": ("q",),
    "ecosia.org": ("q",),
    "startpage.com": ("query",),
    "search.yahoo.com": ("p",),
    "yandex": ("text",),
    "baidu.com": ("wd",),
    "qwant.com": ("q",),
    "kagi.com": ("q",),
    "search.brave.com": ("q",),
    "news.ycombinator.com": ("id",),
    "wikipedia.org": ("search", "title"),
    "github.com": ("q",),
    "stackoverflow.com": ("q",),
    "amazon": ("k",),
    "ebay": ("_nkw",),
    "imdb.com": ("q",),
    "openstreetmap.org": ("query",),
}
"""Site (a whole name, or the part before its country) -> parameters that name a page there."""

_SEARCHES = frozenset({"q", "query", "search_query", "p", "text", "wd", "search", "k", "_nkw"})
_ASKS = re.compile(r"[?&](?:" + "|".join(sorted(_SEARCHES)) + ")=")
_LONG = re.compile(r"[A-Za-z0-9_\-.~+=%]{24,}")
_SLUG = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2,}(?![A-Za-z0-9])")
_WORDS = re.compile(r"[A-Za-z]{3,}")
_MAIL = re.compile(r"[^/\s@]+@[^/\s@]+\.[^/\s@]+")
_LOCAL = (".local", ".localhost", ".internal", ".lan", ".home", ".home.arpa", ".test", ".onion")


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be kept: `url` as it is kept, `site` without `www.`, `path` in words for a search."""

    url: str
    site: str
    path: str


def cleaned(url: str) -> Link | None:
    """The address without its secrets; None where it is none of the web, or of this machine or network alone."""
    try:
        parts = urlsplit(clean(url.strip())[:_LONGEST])
        host = (parts.hostname or "").casefold().rstrip(".")
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.casefold() not in ("http", "https") or not host or _private(host):
        return None
    site = host.removeprefix("www.")
    path = "/".join(_segment(segment) for segment in parts.path.split("/"))
    kept = [(name, value) for name, value in _pairs(parts.query) if name in _parameters(site) and not _secret(value)]
    address = f"{parts.scheme.casefold()}://{host}" + (f":{port}" if port and port not in (80, 443) else "")
    query = f"?{urlencode(kept)}" if kept else ""
    return Link(f"{address}{path or '/'}{query}", site, " ".join(_WORDS.findall(unquote(path)))[:200])


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address, the first of each name."""
    try:
        pairs = _pairs(urlsplit(url[:_LONGEST]).query)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def searched(url: str) -> str:
    """What was searched for, where the address is that of a search; empty where it is not."""
    if not _ASKS.search(url):
        return ""
    link = cleaned(url)
    if link is None:
        return ""
    allowed = _SEARCHES.intersection(_parameters(link.site))
    if link.site == "youtube.com" or link.site.endswith(".youtube.com"):
        allowed = frozenset({"search_query"})
    found = query_of(url)
    words = next((found[name] for name in sorted(allowed) if found.get(name)), "")
    if words.startswith(("http:", "https:")) or _secret(words):  # a redirect names a page there
        return ""
    return clean(" ".join(words.split()))[:1_000]


def search_id(site: str, words: str, day: str) -> str:
    """The id of a search: the same words on the same site on the same day are one, in whatever export they stand.

    A site is the same in every country and on a phone: `google.de` is `google.com`.
    """
    labels = site.split(".")
    site = next((f"{name}.com" for name in ("google", "youtube") if name in labels[-3:]), site)
    return f"search:{site.removeprefix('www.')}:{words.casefold()[:300]}@{day[:10]}"


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, max_num_fields=100)
    except ValueError:
        return []


def _parameters(site: str) -> tuple[str, ...]:
    """The parameters kept for a site: by its whole name or a parent's, or by the name before its country."""
    labels = site.split(".")
    for start in range(len(labels)):
        if found := _KEPT.get(".".join(labels[start:])):
            return found
    return next((_KEPT[label] for label in labels[-3:-1] if label in _KEPT), ())


def _segment(segment: str) -> str:
    said = unquote(segment.partition(";")[0])
    if len(said) > _LONGEST_SEGMENT or _secret(said) or _MAIL.search(said):
        return "…"
    return quote(said, safe="-._~!$&'()*+,=:@")


def _secret(text: str) -> bool:
    """Whether a part looks like a key: long, letters and digits mixed, without words that a slug is made of."""
    for found in _LONG.finditer(text):
        word = found.group()
        mixed = any(char.isdigit() for char in word) and any(char.isalpha() for char in word)
        if mixed and 2 * sum(map(len, _SLUG.findall(word))) < len(word):
            return True
    return False


def _private(host: str) -> bool:
    if host == "localhost" or host.endswith(_LOCAL) or ("." not in host and ":" not in host):
        return True
    if not host[-1].isdigit() and ":" not in host:
        return False
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False
