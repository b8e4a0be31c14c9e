"""Notion's export: a zip in a zip, pages as HTML or Markdown, databases as CSV."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis
from indexers.sources.connectors.notes.notion import CONNECTOR
from tests.connectors.gathered import Things, items, mutations, read, skips, survives, write

ID, CHILD, TABLE = "a" * 32, "b" * 32, "c" * 32
HTML = """<html><head><title>Boat</title></head><body><article id="x"><header><h1 class="page-title">Boat</h1>
<table class="properties"><tbody><tr class="property-row property-row-created_time"><th>Created</th>
<td><time>@May 1, 2024 8:30 AM</time></td></tr></tbody></table></header><div class="page-body"><h2>Hull</h2>
<ul class="to-do-list"><li><div class="checkbox checkbox-on"></div><span>rope</span></li>
<li><div class="checkbox checkbox-off"></div><span>paint</span></li></ul></div></article></body></html>"""
MARKDOWN = f"# Keel\n\nCreated: May 1, 2024 8:30 AM\n\nSee [Boat](../Boat%20{ID}.md) and [a site](https://x.example).\n"
ROOT = "Export-1111"


def zipped(files: dict[str, str | bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


PAGES: dict[str, str | bytes] = {
    f"{ROOT}/Boat {ID}.html": HTML,
    f"{ROOT}/Boat {ID}/Keel {CHILD}.md": MARKDOWN,
    f"{ROOT}/Rigs {TABLE}.csv": "Name\nshown\n",
    f"{ROOT}/Rigs {TABLE}_all.csv": "\ufeffName,Price,Note\nMast,40,\nBoom,,oak\n",
    f"{ROOT}/index.html": "<html></html>",
    f"{ROOT}/Boat {ID}/keel.png": b"png",
}


def told(things: Things) -> dict[str, str]:
    return {item.native: item.text for item in items(things)}


def test_pages_in_a_zip_in_a_zip_are_read_as_those_in_a_folder(tmp_path: Path) -> None:
    nested = write(tmp_path / "a", {"Export-1111.zip": zipped({"Export-1111-Part-1.zip": zipped(PAGES)})})
    flat = write(tmp_path / "b", PAGES)
    assert told(read(CONNECTOR, nested)) == told(read(CONNECTOR, flat)) == {
        f"notion:{ID}": "Boat\n\nCreated | @May 1, 2024 8:30 AM\n\nHull\n\n- [x] rope\n- [ ] paint",
        f"notion:{CHILD}": "# Keel\n\nCreated: May 1, 2024 8:30 AM\n\nSee Boat and [a site](https://x.example).\n",
        f"notion:{TABLE}/table": "Name: Mast | Price: 40\nName: Boom | Note: oak",
    }  # fmt: skip


def test_titles_times_and_places_come_from_the_pages(tmp_path: Path) -> None:
    found = {item.title: item for item in items(read(CONNECTOR, write(tmp_path, PAGES)))}
    assert set(found) == {"Boat", "Keel", "Rigs"}
    assert (found["Boat"].moment.iso, found["Boat"].moment.basis) == ("2024-05-01T08:30:00", Basis.LOCAL)
    assert found["Keel"].moment.iso == "2024-05-01T08:30:00" and dict(found["Keel"].extra) == {"under": "Boat"}
    assert [mark.name for mark in found["Boat"].marks] == ["Boat", "Hull"]
    assert found["Rigs"].moment.basis is Basis.FILE


def test_a_damaged_zip_is_told_of_with_a_next_step_and_an_empty_page_is_no_fault(tmp_path: Path) -> None:
    outer = zipped({"Export-1-Part-1.zip": zipped(PAGES)[:-30], "Export-1-Part-2.zip": zipped({f"x {ID}.md": "  "})})
    things = read(CONNECTOR, write(tmp_path, {"x.zip": outer}))
    assert [(skipped.locator, skipped.fault) for skipped in skips(things)] == [
        ("x.zip!Export-1-Part-1.zip", True), (f"x.zip!Export-1-Part-2.zip!x {ID}.md", False)
    ]  # fmt: skip
    assert "Unpack it" in skips(things)[0].reason


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    assert read(CONNECTOR, write(tmp_path, {"README.md": "x", "data.csv": "a,b", "site.html": "<p>x</p>"})) == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_bytes_make_it_fail(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("n")
    survives(CONNECTOR, folder, f"a {ID}.html", data.draw(mutations(HTML.encode())))
    survives(CONNECTOR, folder, f"a {CHILD}.md", data.draw(mutations(MARKDOWN.encode())))
    survives(CONNECTOR, folder, f"a {TABLE}.csv", data.draw(mutations(b'a,b\n"c",d\n')))
    survives(CONNECTOR, folder, "Export-1.zip", zipped({"Export-2.zip": data.draw(mutations(zipped(PAGES)))}))
