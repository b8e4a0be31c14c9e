"""Cascade: makes a language model behave as if a whole corpus were in its context window.

    from cascade import Engine
    engine = Engine.open("INDEX")
    engine.search("a question").passages
    engine.ask("a question").answer

Importing this loads no model and no heavy library.
"""

from __future__ import annotations

from typing import Any

__all__ = ["Engine", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Engine":
        from cascade.engine import Engine

        return Engine
    raise AttributeError(f"module 'cascade' has no attribute {name!r}")
