"""HTML that cannot be broken by what it says: every text is escaped unless it was made here. Knows tags only."""

from __future__ import annotations

from html import escape

VOID = {"meta", "link", "br"}


class Safe(str):
    """Markup that is already HTML. Only this module and trusted constants make it."""

    __slots__ = ()


def element(name: str, /, *inside: str, **attributes: str | bool) -> Safe:
    """An element; texts inside are escaped, elements are not. `class_` and `aria_label` lose and change underscores.

    An attribute that is False or "" is left out, one that is True has no value.
    """
    said = []
    for key, value in attributes.items():
        title = key.rstrip("_").replace("_", "-")
        if value is True:
            said.append(f" {title}")
        elif value:
            said.append(f' {title}="{escape(str(value))}"')
    opened = f"<{name}{''.join(said)}>"
    return Safe(opened if name in VOID else f"{opened}{join(*inside)}</{name}>")


def join(*inside: str) -> Safe:
    """Texts, escaped, and elements, as they are, one after the other."""
    return Safe("".join(one if isinstance(one, Safe) else escape(one) for one in inside))
