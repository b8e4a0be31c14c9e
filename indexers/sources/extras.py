"""Parsers that are installed only on request, and the sentence that names the extra when one is missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from indexers.sources.faults import Unreadable


def need(module: str, extra: str) -> ModuleType:
    """The module, imported now. Raises `Unreadable` naming the extra where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Unreadable(
            f"Reading it takes the extra `{extra}`, which is not installed: pip install 'cascade-retrieval[{extra}]'."
        ) from error
