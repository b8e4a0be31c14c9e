"""The whole report: files, links, what a screen reader is told, hostile questions, and results that are not whole."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

import pytest
import synthetic

from cascade.errors import UsageError
from eval.report.build import Written, write

RANDOM = Random(5)
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp; | `x` $y$ \n# z"
VOID = {"meta", "br", "link", "img"}
NO_END = {"path", "use", "rect"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and whether each was closed in its place."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def page(written: Written) -> Page:
    return Page(written.page.read_text("utf-8"))


def rendered(out: Path, *rows: Any) -> tuple[Page, str]:
    done = write([synthetic.write(rows, out / "x.jsonl")], out / "report")
    return Page(done.page.read_text("utf-8")), done.summary.read_text("utf-8")


def test_a_page_a_summary_and_a_png_of_each_picture_are_written(written: Written) -> None:
    assert written.rows == len(synthetic.everything())
    assert written.unread == 0
    names = {path.name for path in written.page.parent.iterdir()}
    assert names == {"index.html", "summary.md", *(path.name for path in written.pictures)}
    assert {path.stem for path in written.pictures} == {
        "means", "differences", "survival", "map-class", "map-position", "map-length", "map-list-size", "answers",
        "latency", "reliability",
    }  # fmt: skip
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written.pictures)


def test_every_element_is_closed_in_its_place(page: Page) -> None:
    assert page.open == []


def test_the_page_needs_nothing_from_outside(written: Written, page: Page) -> None:
    assert not page.all("script") + page.all("link") + page.all("img") + page.all("iframe")
    text = written.page.read_text("utf-8")
    assert set(re.findall(r"https?://[^\"'\s<)]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)


def test_ids_are_unique_and_every_link_within_the_page_arrives(page: Page) -> None:
    ids = Counter(attributes["id"] for _, attributes in page.found if attributes.get("id"))
    assert [one for one, count in ids.items() if count > 1] == []
    targets = {str(one["href"])[1:] for one in page.all("a") if str(one["href"]).startswith("#")}
    assert targets
    assert targets <= set(ids)
    named = [attributes.get("aria-labelledby") for _, attributes in page.found]
    assert {one for one in named if one} <= set(ids)


def test_links_to_files_arrive(written: Written, page: Page) -> None:
    files = {str(one["href"]) for one in page.all("a") if not str(one["href"]).startswith("#")}
    assert files
    assert all((written.page.parent / one).is_file() for one in files)


def test_every_table_has_a_caption_and_headings_with_scope(page: Page) -> None:
    assert len(page.all("table")) == len(page.all("caption")) > 30
    assert {one.get("scope") for one in page.all("th")} == {"col", "row"}


def test_every_picture_is_named_for_who_cannot_see_it(page: Page) -> None:
    pictures = [attributes for _, attributes in page.found if attributes.get("role") == "img"]
    assert len(pictures) == len(page.all("svg")) == 6
    assert all(len(str(one["aria-label"])) > 60 for one in pictures)


def test_what_scrolls_can_be_reached_by_keyboard(page: Page) -> None:
    scrolls = [attributes for _, attributes in page.found if "scroll" in str(attributes.get("class")).split()]
    assert all(one["tabindex"] == "0" and (one.get("aria-label") or one.get("aria-labelledby")) for one in scrolls)
    assert page.found[[tag for tag, _ in page.found].index("body") + 1] == ("a", {"class": "skip", "href": "#results"})


def test_a_verdict_is_a_sign_and_words_not_colour_alone(page: Page) -> None:
    said = Counter(text for text in page.said if text.startswith("cascade better"))
    marks = [one for one in page.all("span") if str(one.get("class")).startswith("mark better")]
    assert sum(said.values()) == len(marks) > 0


def test_dark_mode_print_and_little_motion_are_provided_for(written: Written) -> None:
    text = written.page.read_text("utf-8")
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "prefers-reduced-motion" in text


def test_the_same_rows_give_the_same_report(tmp_path: Path) -> None:
    made = [synthetic.needle_row(Random(1), "single", 1_000), synthetic.latency_row(Random(1), 1_000)]
    file = synthetic.write(made, tmp_path / "x.jsonl")
    first, again = (write([file], tmp_path / name) for name in ("a", "b"))
    names = [path.name for path in (first.page, first.summary, *first.pictures)]
    assert [(first.page.parent / name).read_bytes() for name in names] == [
        (again.page.parent / name).read_bytes() for name in names
    ]


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    def spoilt(kind: str) -> Any:
        made: Any = {
            "sets": lambda: synthetic.sets_row(RANDOM, HOSTILE, 0.5, 4),
            "needles": lambda: synthetic.needle_row(RANDOM, "single", 1_000, 4),
            "answers": lambda: synthetic.answers_row(RANDOM, "single", 1_000, 4),
            "latency": lambda: synthetic.latency_row(RANDOM, 1_000),
        }[kind]()
        made |= {"suite": HOSTILE, "condition": f"{kind} {HOSTILE}", "commit": HOSTILE, "versions": {HOSTILE: HOSTILE}}
        made["settings"] |= {"class": HOSTILE, "reader": HOSTILE, "encoder": HOSTILE, "kind_of_query": HOSTILE}
        made["summary"] |= {HOSTILE: 1, "blame": {HOSTILE: 3}}
        for query in made["queries"]:
            query |= {"_id": HOSTILE, "question": HOSTILE}
            for link in query.get("links", []):
                link |= {"blame": HOSTILE, "key": HOSTILE}
        return made

    page, summary = rendered(tmp_path, *(spoilt(kind) for kind in ("sets", "needles", "answers", "latency")))
    assert page.open == []
    assert not page.all("script") + page.all("img")
    assert not [key for _, attributes in page.found for key in attributes if key.startswith("on")]
    assert "".join(page.said).count("<script>alert(1)</script>") > 10
    assert "<script" not in summary
    assert "<img" not in summary


def test_the_summarys_tables_are_whole_whatever_they_say(tmp_path: Path) -> None:
    made = synthetic.needle_row(RANDOM, "no-overlap", 1_000_000, 40)
    for query in made["queries"]:
        query["question"] = HOSTILE
    made["queries"][0]["links"][0]["blame"] = "retrieve"
    _, summary = rendered(tmp_path, made)
    tables = [part for part in summary.strip().split("\n\n") if part.startswith("|")]
    for lines in (part.split("\n") for part in tables):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
        assert len(widths) == 1
        assert re.fullmatch(r"\|( -{2,3}:? \|)+", lines[1])
    assert r"\| \`x\` \$y\$ \# z" in summary


def test_the_summary_holds_the_tables_and_links_the_pictures(written: Written) -> None:
    text = written.summary.read_text("utf-8")
    assert set(re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text)) == {path.name for path in written.pictures}
    assert "**Needles left after each stage, by class and size**" in text
    assert "Every row of the kind" not in text


PARTIAL: dict[str, Any] = {
    "one needle": lambda: [synthetic.needle_row(RANDOM, "single", 1_000, 1)],
    "one set": lambda: [synthetic.sets_row(RANDOM, "cosqa", 0.5, 3)],
    "answers": lambda: [synthetic.answers_row(RANDOM, "single", 1_000, 5)],
    "one size": lambda: [synthetic.needle_row(RANDOM, kind, 1_000, 5) for kind in synthetic.CLASSES],
    "latency": lambda: [synthetic.latency_row(RANDOM, 1_000)],
    "nothing": lambda: [synthetic.row(kind, kind, {}, {}) for kind in ("sets", "needles", "answers", "latency")],
    "no queries": lambda: [{**synthetic.needle_row(RANDOM, "single", size), "queries": []} for size in (1_000, 10_000)],
    "bare numbers": lambda: [synthetic.but(synthetic.needle_row(RANDOM, "single", 1_000), _bare)],
    "no size": lambda: [synthetic.but(synthetic.answers_row(RANDOM, "single", 1_000), _unsized)],
}


def _bare(made: Any) -> None:
    made["queries"] = []
    made["summary"]["stages"] = {stage: found[0] for stage, found in made["summary"]["stages"].items()}


def _unsized(made: Any) -> None:
    del made["settings"]["passages"]


@pytest.mark.parametrize("name", PARTIAL)
def test_results_that_are_not_whole_have_a_report(tmp_path: Path, name: str) -> None:
    rows = PARTIAL[name]()
    page, summary = rendered(tmp_path, *rows)
    assert page.open == []
    absent = next(text for text in page.said if text.startswith("These results hold no rows for"))
    assert "Special queries" in absent
    assert sum(str(one.get("id")).startswith("row-full-") for one in page.all("th")) == len(rows)
    assert summary.startswith("# Evaluation: full\n\n")


def test_lines_that_could_not_be_read_are_named_on_the_page(tmp_path: Path) -> None:
    file = synthetic.write([synthetic.latency_row(RANDOM, 1_000)], tmp_path / "x.jsonl")
    file.write_text(file.read_text("utf-8") + "{broken\n", "utf-8")
    done = write([file], tmp_path / "out")
    assert done.unread == 1
    said = Page(done.page.read_text("utf-8")).said
    assert "1 line of 1 file, named below" in said
    assert "x.jsonl:2" in said


def test_a_file_is_no_folder_to_write_to(tmp_path: Path) -> None:
    file = synthetic.write([synthetic.latency_row(RANDOM, 1_000)], tmp_path / "x.jsonl")
    with pytest.raises(UsageError, match="--out FOLDER"):
        write([file], file)
