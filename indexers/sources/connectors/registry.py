"""The connectors by name; a module is imported when its connector is asked for, not before.

Knows names and where they live; a connector that this installation does not have is one that cannot be asked for.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from cascade.errors import UnknownName
from indexers.sources.connectors.base import Connector

_HOME = "indexers.sources.connectors"
_WHERE = {
    "mail": "mail",
    "calendars": "calendars",
    "contacts": "contacts",
    "takeout": "takeout",
    "videos": "videos",
    "browsers": "browsers",
    "photos": "photos",
    "documents": "documents",
    "whatsapp": "chats.whatsapp",
    "telegram": "chats.telegram",
    "signal": "chats.signal",
    "slack": "chats.slack",
    "discord": "chats.discord",
    "meta": "chats.meta",
    "sms": "chats.sms",
    "imessage": "chats.imessage",
    "googlechat": "chats.googlechat",
    "assistants": "assistants",
    "obsidian": "notes.obsidian",
    "logseq": "notes.logseq",
    "keep": "notes.keep",
    "notion": "notes.notion",
    "enex": "notes.enex",
    "applenotes": "notes.applenotes",
    "folder": "notes.folder",
    "shell": "shell",
    "music": "music",
    "reading": "music:READING",
    "location": "location",
}
"""Name -> module, and the attribute where it is not CONNECTOR. In the order they are shown in; places come last."""


def names() -> tuple[str, ...]:
    """The connectors that this installation has."""
    return tuple(name for name, where in _WHERE.items() if _there(where))


def connector(name: str) -> Connector:
    """The connector of that name. Raises UnknownName."""
    where = _WHERE.get(name)
    if where is None or not _there(where):
        raise UnknownName(f"No connector is called {name!r}. There are: {', '.join(names())}.")
    module, _, attribute = where.partition(":")
    found = getattr(import_module(f"{_HOME}.{module}"), attribute or "CONNECTOR")
    assert isinstance(found, Connector), f"{where} is no connector"
    return found


def _there(where: str) -> bool:
    module = f"{_HOME}.{where.partition(':')[0]}"
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is not there
        return False
