"""What the tests of sources share: reading a source to its end, and writing a small PDF by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from indexers.records import Record, Skipped
from indexers.sources.open import open_source
from indexers.sources.options import SourceOptions


@dataclass
class Outcome:
    """Everything a source gave, by locator."""

    things: list[Record | Skipped]

    @property
    def records(self) -> dict[str, Record]:
        return {thing.locator: thing for thing in self.things if isinstance(thing, Record)}

    @property
    def faults(self) -> dict[str, str]:
        return {thing.locator: thing.reason for thing in self.things if isinstance(thing, Skipped) and thing.fault}

    @property
    def passed(self) -> dict[str, str]:
        return {thing.locator: thing.reason for thing in self.things if isinstance(thing, Skipped) and not thing.fault}

    @property
    def only(self) -> Record:
        assert [type(thing) for thing in self.things] == [Record], self.things
        return next(iter(self.records.values()))


@pytest.fixture
def read() -> Callable[..., Outcome]:
    def run(spec: Path | str, **options: Any) -> Outcome:
        return Outcome(list(open_source(str(spec), SourceOptions(**options)).read()))

    return run


@pytest.fixture
def pdf() -> Callable[..., bytes]:
    """A PDF with one line of text on each page, as bytes."""

    def make(*pages: str, title: str = "", encrypt: str = "") -> bytes:
        kids = " ".join(f"{10 + 2 * i} 0 R" for i in range(len(pages)))
        objects = {
            1: "<< /Type /Catalog /Pages 2 0 R >>",
            2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
            3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            4: f"<< /Title ({title}) /CreationDate (D:20240131120000Z) >>",
        }
        for i, text in enumerate(pages):
            drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
            objects[10 + 2 * i] = (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {11 + 2 * i} 0 R "
                "/Resources << /Font << /F1 3 0 R >> >> >>"
            )
            objects[11 + 2 * i] = f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream"
        out, places = "%PDF-1.4\n", {}
        for number, body in objects.items():
            places[number] = len(out)
            out += f"{number} 0 obj\n{body}\nendobj\n"
        start = len(out)
        out += "xref\n0 1\n0000000000 65535 f \n"
        for number, place in places.items():
            out += f"{number} 1\n{place:010d} 00000 n \n"
        out += f"trailer\n<< /Size {max(objects) + 1} /Root 1 0 R /Info 4 0 R {encrypt} >>\nstartxref\n{start}\n%%EOF\n"
        return out.encode("latin-1")

    return make
