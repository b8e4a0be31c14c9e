"""`cascade bench checks`: what the checksums cost a query: each question with them and without, in turn.

Without: the two functions that compare are replaced for the time of a question. Knows queries from outside.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cascade.engine import Engine
from cascade.index import files
from eval.intervals import spread
from eval.rows import Finding


def measure(opening: Callable[[], Engine], texts: Sequence[str], runs: int) -> Finding:
    """Each question `runs` times with checks and as often without, first one and then the other before.

    `first`: the first question of an engine just opened, which checks whole files; `later`: all others.
    """
    seen: list[dict[str, Any]] = []
    for checked in (False, True, False, True):  # the first round brings the files into memory
        engine = opening()
        with _checks(checked):
            ms = _timed(engine, texts[0])
        engine.close()
        seen.append({"which": "first", "checked": checked, "ms": ms})
    engine = opening()
    for text in texts:
        engine.search(text)
    for number in range(runs):
        for place, text in enumerate(texts):
            for checked in (True, False) if (number + place) % 2 else (False, True):
                with _checks(checked):
                    seen.append({"which": "later", "checked": checked, "question": text, "ms": _timed(engine, text)})
    engine.close()
    later = {checked: [one["ms"] for one in _of(seen, "later", checked)] for checked in (True, False)}
    ratios = [with_ / without for with_, without in zip(later[True], later[False], strict=True)]
    summary = {
        "first_with": _of(seen, "first", True)[-1]["ms"],
        "first_without": _of(seen, "first", False)[-1]["ms"],
        "with": spread(later[True]),
        "without": spread(later[False]),
        "ratio": spread(ratios),
    }
    return Finding({"questions": len(texts), "runs": runs}, summary, seen)


def _of(seen: list[dict[str, Any]], which: str, checked: bool) -> list[dict[str, Any]]:
    return [one for one in seen if one["which"] == which and one["checked"] == checked]


def _timed(engine: Engine, text: str) -> float:
    begin = time.perf_counter()
    engine.search(text)
    return (time.perf_counter() - begin) * 1000


@contextmanager
def _checks(on: bool) -> Iterator[None]:
    """As always, or with nothing compared."""
    touch, check = files.Mapped.touch, files.check
    try:
        if not on:
            _put(_nothing, _nothing)
        yield
    finally:
        _put(touch, check)


def _put(touch: Any, check: Any) -> None:
    for where, name, function in ((files.Mapped, "touch", touch), (files, "check", check)):
        setattr(where, name, function)


def _nothing(*_: Any) -> None:
    pass
