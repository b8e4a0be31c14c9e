"""Logseq graphs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Caution
from indexers.sources.connectors.notes.logseq import CONNECTOR
from tests.connectors.gathered import items, mutations, read, skips, survives, write

PAGE = """title:: The Gull
tags:: boats, [[harbour]]

- TODO Paint the [[Keel]] #soon
  id:: 64f0c0de-0000-4000-8000-000000000001
  collapsed:: true
  price:: 40
  :LOGBOOK:
  CLOCK: [2024-05-01 Wed 08:30:00]
  :END:
\t- as in ((64f0c0de-0000-4000-8000-000000000002)) {{embed [[x]]}}
"""


def test_a_page_is_an_outline_without_logseqs_own_lines(tmp_path: Path) -> None:
    write(tmp_path, {"logseq/config.edn": "{}", "pages/boats___gull.md": PAGE})
    [item] = items(read(CONNECTOR, tmp_path))
    assert item.title == "The Gull" and item.native == "logseq:pages/boats___gull.md"
    assert item.labels == ("boats", "harbour", "soon")
    lines = item.text.splitlines()
    assert lines[-3:] == ["- TODO Paint the Keel #soon", "  price:: 40", "\t- as in  "]


def test_a_journal_is_of_its_day_and_a_name_holds_slashes(tmp_path: Path) -> None:
    write(tmp_path, {"journals/2024_05_01.md": "- rain", "pages/a%2Fb.md": "- sun", "pages/c.org": "* wind"})
    day, slashed, org = items(read(CONNECTOR, tmp_path))
    assert (day.moment.iso, day.moment.basis) == ("2024-05-01", Basis.DATE)
    assert slashed.title == "a/b" and (org.title, org.text) == ("c", "* wind")


def test_old_versions_are_passed_over_and_the_bin_carries_its_caution(tmp_path: Path) -> None:
    write(tmp_path, {
        "logseq/bak/pages/a.md": "old", "logseq/.recycle/b.md": "gone", "pages/empty.md": "-\n", "README.md": "no page",
    })  # fmt: skip
    things = read(CONNECTOR, tmp_path)
    assert [skipped.locator for skipped in skips(things)] == ["pages/empty.md"]
    [item] = [thing for thing in things if thing not in skips(things)]
    assert item.cautions == {Caution.TRASH}  # type: ignore[union-attr]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    survives(CONNECTOR, tmp_path_factory.mktemp("l"), "pages/a.md", data.draw(mutations(PAGE.encode())))
