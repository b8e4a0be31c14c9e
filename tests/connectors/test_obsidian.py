"""Obsidian vaults, and plain folders of notes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.records import Kind as Text
from indexers.sources.connectors.base import Basis, Caution, Origin
from indexers.sources.connectors.notes import folder
from indexers.sources.connectors.notes.obsidian import CONNECTOR
from indexers.sources.connectors.notes.wiki import page
from tests.connectors.gathered import items, mutations, read, skips, survives, write

NOTE = """---
created: 2024-05-01
tags: [harbour, boats/sail]
aliases: [The Gull]
---
# Hull

Paint the [[Keel|keel]] with [[Anna]]. #todo ^abc123
%% not for readers %%
![[plan.pdf]] ![chart](maps/chart.png)

## Below

`[[code]] #notatag`
"""


def test_a_note_is_read_without_the_programs_signs(tmp_path: Path) -> None:
    [item] = items(read(CONNECTOR, write(tmp_path, {"Sea/Gull.md": NOTE, ".obsidian/app.md": "settings"})))
    assert item.text == (
        "# Hull\n\nPaint the keel with Anna. #todo\n\n[plan.pdf] [chart.png]\n\n## Below\n\n`[[code]] #notatag`"
    )
    assert (item.title, item.native, item.form) == ("Gull", "obsidian:Sea/Gull.md", Text.MARKDOWN)
    assert item.labels == ("harbour", "boats/sail", "todo") and item.attachments == ("plan.pdf", "maps/chart.png")
    assert [(mark.level, mark.name, item.text[mark.at]) for mark in item.marks] == [(1, "Hull", "#"), (2, "Below", "#")]
    assert (item.moment.iso, item.moment.basis) == ("2024-05-01", Basis.DATE)
    assert dict(item.extra) == {"aliases": "The Gull"} and item.origin is Origin.MINE


def test_a_daily_note_is_of_its_day_and_others_are_of_their_files_time(tmp_path: Path) -> None:
    write(tmp_path, {"2024-05-01.md": "rain", "b.md": "sun"})
    daily, other = items(read(CONNECTOR, tmp_path))
    assert (daily.moment.iso, daily.moment.basis) == ("2024-05-01", Basis.DATE)
    assert other.moment.basis is Basis.FILE and other.moment.iso.endswith("+00:00")


def test_what_lies_in_the_trash_carries_its_caution_and_an_empty_note_is_no_fault(tmp_path: Path) -> None:
    things = read(CONNECTOR, write(tmp_path, {".trash/old.md": "gone", "empty.md": "---\ntags: x\n---\n"}))
    assert [thing.cautions for thing in things if not hasattr(thing, "reason")] == [{Caution.TRASH}]  # type: ignore[union-attr]
    assert [(skipped.locator, skipped.fault) for skipped in skips(things)] == [("empty.md", False)]


def test_the_cards_of_a_canvas_are_read(tmp_path: Path) -> None:
    nodes = [{"type": "text", "text": "first"}, {"type": "file", "file": "x.md"}, {"type": "text", "text": "second"}]
    [item] = items(read(CONNECTOR, write(tmp_path, {"Plan.canvas": json.dumps({"nodes": nodes})})))
    assert (item.text, item.title) == ("first\n\nsecond", "Plan")


@pytest.mark.parametrize("canvas", ["5", '{"nodes": 5}', '{"nodes": ["x", {"text": 5}]}', "[", "{}"])
def test_a_canvas_of_another_shape_is_no_fault(tmp_path: Path, canvas: str) -> None:
    assert read(CONNECTOR, write(tmp_path, {"Plan.canvas": canvas})) is not None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[[A#heading]]", "A#heading"),
        ("[[A|]]", "A"),
        ("![[Note]]", "[Note]"),
        ("```\n[[kept]] %% x\n```", "```\n[[kept]] %% x\n```"),
        ("price #1 and a#b and http://x/#c", "price #1 and a#b and http://x/#c"),
    ],
)
def test_links_embeds_and_code(text: str, shown: str) -> None:
    found = page(text)
    assert found.document.text == shown and found.tags == ()


def test_a_folder_of_plain_notes_is_read_by_its_endings(tmp_path: Path) -> None:
    write(tmp_path, {
        "a.md": "---\ntitle: Keel\ndate: 2024-05-01\n---\nwords", "b.txt": "plain\r\nlines", "c.pdf": b"%PDF",
        "d.org": "#+TITLE: Rig\n* TODO Mast :wood:\n:PROPERTIES:\n:ID: 1\n:END:\nsee [[http://x][this]]\n",
        ".hidden/e.md": "no", "node_modules/f.md": "no",
    })  # fmt: skip
    found = {item.title: item for item in items(read(folder.CONNECTOR, tmp_path))}
    assert {title: item.text for title, item in found.items()} == {
        "Keel": "words", "b": "plain\nlines", "Rig": "* TODO Mast :wood:\nsee this"
    }  # fmt: skip
    assert found["Keel"].moment.iso == "2024-05-01" and found["b"].native == "note:b.txt"
    assert [(mark.at, mark.level, mark.name) for mark in found["Rig"].marks] == [(0, 1, "Mast")]


def test_a_file_that_holds_no_text_is_named(tmp_path: Path) -> None:
    [skipped] = read(folder.CONNECTOR, write(tmp_path, {"a.txt": b"\x00\x01\x02" * 100}))
    assert "binary" in skipped.reason  # type: ignore[union-attr]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    where = tmp_path_factory.mktemp("o")
    survives(CONNECTOR, where, "a.md", data.draw(mutations(NOTE.encode())))
    survives(CONNECTOR, where, "b.canvas", data.draw(mutations(b'{"nodes":[{"type":"text","text":"x"}]}')))
    survives(folder.CONNECTOR, where, "c.org", data.draw(mutations(b"#+TITLE: x\n* A :b:\n:LOGBOOK:\n:END:\n[[x][y]]")))
