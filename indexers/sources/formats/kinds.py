"""Which format a thing is in, told by its name and, where that says nothing, by its first bytes.

Knows names and magic numbers; reads nothing.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum

from indexers.sources.decode import binary
from indexers.sources.words import words


class Format(StrEnum):
    """Formats that are read; the value is what a person calls them."""

    TEXT = "text"
    MARKDOWN = "Markdown"
    RST = "reStructuredText"
    CODE = "source code"
    HTML = "HTML"
    PDF = "PDF"
    DOCX = "DOCX"
    PPTX = "PPTX"
    XLSX = "XLSX"
    EPUB = "EPUB"
    TABLE = "CSV"
    JSONL = "JSONL"
    PARQUET = "Parquet"
    MAIL = "mail"
    MBOX = "mbox"
    ZIP = "zip"
    TAR = "tar"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    UNREAD = "a format that is not read"
    UNKNOWN = "binary data"


PACKED = {
    ".gz": Format.GZIP, ".bz2": Format.BZIP2, ".xz": Format.XZ, ".zst": Format.ZSTD,
    ".tgz": Format.GZIP, ".tbz2": Format.BZIP2, ".txz": Format.XZ, ".tzst": Format.ZSTD,
}
"""Suffixes of single compressed files; those of the second line hold a tar."""

LANGUAGES = {
    "py": "python", "pyi": "python", "pyw": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript",
    "jsx": "javascript", "ts": "typescript", "mts": "typescript", "cts": "typescript", "tsx": "tsx", "go": "go",
    "rs": "rust", "java": "java", "c": "c", "h": "cpp", "cc": "cpp", "cpp": "cpp", "cxx": "cpp", "hh": "cpp",
    "hpp": "cpp", "hxx": "cpp", "cs": "c_sharp", "rb": "ruby", "php": "php", "sh": "bash", "bash": "bash",
}
"""Suffix -> language whose definitions become marks. A header is read as C++, which takes nearly all of C."""

_LINES = words(
    """ada adb ads asm awk bat bzl cabal cfg clj cljs cmake cmd conf css csproj cu cuh d dart dockerfile el elm erl ex
    exs f f90 fish fs fsx gradle graphql groovy hcl hs ini ipynb jl json json5 jsonc kt kts less lisp lua m4 mk ml mli
    mm nim nix pas pl pm proto ps1 psm1 pxd pyx r rake rkt s sass scala scm scss sed service sql svelte swift tcl tf
    toml v vb vhd vhdl vim vue xml xsd xsl xslt yaml yml zig zsh"""
)
"""Suffixes of code and settings of which only the lines are known."""

_OFFICE = "It is in an office format that is not read; save it as DOCX, PPTX, XLSX or PDF."
_NOTES = "It is a mail of Outlook, a calendar, contacts or a note export, which cannot be read here."
_PACKED = "It is an archive of a kind that is not read; unpack it, or pack it anew as zip or tar."

UNREAD = {
    **dict.fromkeys(("doc", "ppt", "xls", "odt", "odp", "ods", "rtf", "pages", "numbers", "key"), _OFFICE),
    **dict.fromkeys(("msg", "enex", "ics", "vcf"), _NOTES),
    **dict.fromkeys(("7z", "rar", "cab", "lz4", "lzma", "z"), _PACKED),
}
"""Suffixes of what a person would miss, and why it is left out: a fault, unlike what `passed.py` lists."""

_SUFFIXES: dict[str, Format] = {
    **dict.fromkeys(("txt", "text", "log", "tex", "org", "adoc", "asciidoc", "srt", "vtt"), Format.TEXT),
    **dict.fromkeys(("md", "markdown", "mdown", "mkd", "mdx", "rmd", "qmd"), Format.MARKDOWN),
    **dict.fromkeys(("rst", "rest"), Format.RST),
    **dict.fromkeys(("html", "htm", "xhtml", "xht"), Format.HTML),
    **dict.fromkeys(("csv", "tsv", "tab"), Format.TABLE),
    **dict.fromkeys(("jsonl", "ndjson"), Format.JSONL),
    **dict.fromkeys(("parquet", "pq"), Format.PARQUET),
    **dict.fromkeys(UNREAD, Format.UNREAD),
    **dict.fromkeys(LANGUAGES, Format.CODE),
    **dict.fromkeys(_LINES, Format.CODE),
    "eml": Format.MAIL, "mbox": Format.MBOX, "mbx": Format.MBOX,
    "pdf": Format.PDF, "docx": Format.DOCX, "docm": Format.DOCX, "pptx": Format.PPTX, "pptm": Format.PPTX,
    "xlsx": Format.XLSX, "xlsm": Format.XLSX, "epub": Format.EPUB, "zip": Format.ZIP, "tar": Format.TAR,
}  # fmt: skip

_NAMES = frozenset({"makefile", "gnumakefile", "dockerfile", "containerfile", "rakefile", "gemfile", "jenkinsfile"})

_MAGIC = (
    (b"%PDF-", Format.PDF),
    (b"\x1f\x8b", Format.GZIP),
    (b"BZh", Format.BZIP2),
    (b"\xfd7zXZ\x00", Format.XZ),
    (b"\x28\xb5\x2f\xfd", Format.ZSTD),
    (b"PAR1", Format.PARQUET),
)
_INTERPRETERS = re.compile(rb"#!.*?\b(python|bash|sh|node|ruby|php)[\d.]*\b")
_MARKUP = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)


def suffix(name: str) -> str:
    """What follows the last dot, in lower case; empty for `.profile` and `README`."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def packing(name: str) -> tuple[Format | None, str]:
    """The compression a name tells of, and the name of what is inside (`a.txt.gz` -> gzip, `a.txt`)."""
    end = f".{suffix(name)}"
    packed = PACKED.get(end)
    if packed is None:
        return None, name
    stem = name[: -len(end)]
    return packed, f"{stem}.tar" if end.startswith(".t") else stem


def choose(name: str, head: bytes) -> Format:
    """The format of a thing: by its suffix, else by its first bytes; `UNKNOWN` for binary data no reader takes."""
    end = suffix(name)
    known = _SUFFIXES.get(end)
    if end == "json" and b"\n{" in head and _is_jsonl(head):
        return Format.JSONL
    if known is not None:
        return known
    if name.lower() in _NAMES:
        return Format.CODE
    return PACKED.get(f".{end}") or sniff(head)


def sniff(head: bytes) -> Format:
    """The format that first bytes tell of; text where they are text of no other kind."""
    if found := next((known for magic, known in _MAGIC if head.startswith(magic)), None):
        return found
    if head.startswith(b"PK\x03\x04"):
        return _zip_kind(head)
    if head[257:262] == b"ustar":
        return Format.TAR
    if binary(head):
        return Format.UNKNOWN
    if _INTERPRETERS.match(head):
        return Format.CODE
    if _MARKUP.match(head):
        return Format.HTML
    return Format.JSONL if _is_jsonl(head) else Format.TEXT


def language(name: str, text: str) -> str:
    """The language whose definitions can be found, by suffix or by the `#!` of the first line; else empty."""
    if found := LANGUAGES.get(suffix(name)):
        return found
    shebang = _INTERPRETERS.match(text[:200].encode())
    if not shebang or suffix(name):
        return ""
    word = shebang.group(1).decode()
    return {"sh": "bash", "node": "javascript"}.get(word, word)


def _zip_kind(head: bytes) -> Format:
    if b"mimetypeapplication/epub+zip" in head[:200]:
        return Format.EPUB
    if b"[Content_Types].xml" not in head and b"_rels/.rels" not in head:
        return Format.ZIP
    inside = ((b"word/", Format.DOCX), (b"ppt/", Format.PPTX), (b"xl/", Format.XLSX))
    return next((known for folder, known in inside if folder in head), Format.ZIP)


def _is_jsonl(head: bytes) -> bool:
    """Whether the first line is a whole JSON object and another follows, or it is all there is."""
    first, _, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if not first.startswith(b"{") or (rest.strip() and not rest.lstrip().startswith(b"{")):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False
