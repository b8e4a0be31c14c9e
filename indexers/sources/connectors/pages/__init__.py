"""Pages and their addresses: HTML to the text a person sees, a page cut into blocks, an address without its secrets.

Knows HTML and URLs; knows nothing of any export.
"""

from __future__ import annotations

from indexers.sources.connectors.pages.blocks import blocks
from indexers.sources.connectors.pages.links import Link, cleaned, query_of, search_id, searched
from indexers.sources.connectors.pages.text import deep, plain

__all__ = ["Link", "blocks", "cleaned", "deep", "plain", "query_of", "search_id", "searched"]
