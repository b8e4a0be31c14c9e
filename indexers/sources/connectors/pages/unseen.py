"""What is in a text or a page but not to be seen: characters without width, elements hidden by style.

Hidden text is how senders pad a preview, and how instructions for a machine are put into a mail that a person reads.
Seen in mails: `display:none`, `visibility:hidden`, `font-size:0`, `opacity:0`, `max-height:0`, `mso-hide:all`, text
indented off the page, white text without a background or on a white one, classes that do any of this; U+200B and its
like, soft hyphens, tag characters (which spell ASCII invisibly).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_WIDTHLESS = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\U000e0000-\U000e0fff]|(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])"
)
"""Joiners (U+200C, U+200D) stay between letters that are not ASCII: Persian, Hindi and emoji are spelt with them."""

_HIDES = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|font-size\s*:\s*0*(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:!|;|$)|font-size\s*:\s*0*[01](?:\.\d+)?(?:px|pt)\s*(?:!|;|$)"
    r"|(?:^|[;\s])opacity\s*:\s*0*(?:\.0+)?\s*(?:!|;|$)"
    r"|max-height\s*:\s*0(?:px)?\s*(?:!|;|$)|max-width\s*:\s*0(?:px)?\s*(?:!|;|$)|text-indent\s*:\s*-\d{3,}"
    r"|(?:left|top)\s*:\s*-\d{4,}px|color\s*:\s*transparent|clip\s*:\s*rect\(0[^)]{0,40}\)",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]{1,40})", re.IGNORECASE)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;!]{1,200})", re.IGNORECASE)
_WHITE = re.compile(
    r"white|#fff(?:fff)?|rgba?\(\s*255\s*,\s*255\s*,\s*255\s*(?:,\s*[\d.]+\s*)?\)|#f[ef]f[ef]f[ef]", re.IGNORECASE
)
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,2000})\}")
_SELECTOR = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9]{0,10})?(?:[.#][A-Za-z_][\w-]{0,60}){1,2}")
_MOST = 60
"""Selectors of a page that are followed; further ones are passed over."""
_DEEPEST = 1_000


def visible(text: str) -> str:
    """The text without characters that have no width."""
    return text if text.isascii() else _WIDTHLESS.sub("", text)


def hide(page: LexborHTMLParser, also: str = "title") -> None:
    """Take from a page what its styles hide, and elements that `also`, a selector, names."""
    if selectors := _hidden_selectors(page):
        _mark(page.css(", ".join(selectors)))
    _mark([node for node in page.css("[style]") if _HIDES.search((node.attributes.get("style") or "").strip())])
    _mark([node for node in page.css("[style*=olor], font[color]") if _on_its_own_colour(node)])
    _mark(page.css(f'[width="0"][height="0"], {also}'))
    drop(page)


def _mark(nodes: list[LexborNode]) -> None:
    for node in nodes:
        if node.tag not in {"html", "body"}:
            node.attrs["hidden"] = ""


def drop(page: LexborHTMLParser) -> None:
    """Take elements with `hidden` from a page, those within others first: what is freed must not be touched again."""
    for node in reversed(page.css("[hidden]")):
        node.remove()


def within_hidden(node: LexborNode | None) -> bool:
    """Whether an element or one around it is hidden."""
    for _ in range(_DEEPEST):
        if node is None:
            return False
        if "hidden" in node.attributes:
            return True
        node = node.parent
    return False


def _hidden_selectors(page: LexborHTMLParser) -> list[str]:
    """Classes and ids that a style sheet hides on every screen: what only a `@media` rule hides is seen on another."""
    sheet = _without_at_rules("".join(node.text() for node in page.css("style"))[:200_000])
    found: list[str] = []
    for rule in _RULE.finditer(sheet):
        if _HIDES.search(rule.group(2).strip()):
            names = (name.strip() for name in rule.group(1).split(","))
            found.extend(name for name in names if _SELECTOR.fullmatch(name))
    return found[:_MOST]


def _without_at_rules(sheet: str) -> str:
    """A style sheet without comments and without `@media { ... }` and its like."""
    first, *others = sheet.split("/*")
    sheet = first + "".join(piece.partition("*/")[2] for piece in others)
    kept: list[str] = []
    depth, inside = 0, False
    for token in re.findall(r"@[^{};@]*|[{};]|[^{};@]+", sheet):
        if token.startswith("@") and depth == 0:
            inside = True
        elif token == "{":
            depth += 1
        elif token == "}":
            depth = max(0, depth - 1)
        if not inside:
            kept.append(token)
        elif depth == 0 and token in {"}", ";"}:
            inside = False
    return "".join(kept)


def _on_its_own_colour(node: LexborNode) -> bool:
    """Whether its text is white, and what it stands on too: nothing around it has another background."""
    style = node.attributes.get("style") or ""
    found = _COLOUR.search(style)
    colour = found.group(1).strip() if found else (node.attributes.get("color") or "").strip()
    if not _WHITE.fullmatch(colour):
        return False
    around: LexborNode | None = node
    for _ in range(60):
        if around is None:
            return True
        ground = _ground(around)
        if ground:
            return bool(_WHITE.fullmatch(ground))
        around = around.parent
    return False


def _ground(node: LexborNode) -> str:
    about = node.attributes
    found = _GROUND.search(about.get("style") or "")
    ground = (found.group(1) if found else about.get("bgcolor") or about.get("background") or "").strip()
    return "" if ground.lower() in {"transparent", "none", "inherit", "initial"} else ground
