"""HTML: what a person reads of a page."""

from __future__ import annotations

import pytest

from indexers.records import Mark
from indexers.sources.faults import Unreadable
from indexers.sources.formats import html


def page(body: str, head: str = "", lang: str = "") -> bytes:
    return f"<!doctype html><html{lang and f' lang={lang}'}><head>{head}</head><body>{body}</body></html>".encode()


def only(data: bytes):
    (document,) = html.read(data)
    return document


def test_headings_paragraphs_lists_and_links_are_text():
    document = only(page("<h1>Top</h1><p>One <b>two</b>\n  <a href=x>three</a>.</p><h2>Sub</h2><ul><li>a<li>b</ul>end"))
    assert document.text == "Top\n\nOne two three.\n\nSub\n\n- a\n- b\n\nend"
    assert document.marks == (Mark(0, 1, "Top"), Mark(21, 2, "Sub"))
    assert [document.text[m.at : m.at + len(m.name)] for m in document.marks] == ["Top", "Sub"]


@pytest.mark.parametrize(
    "dropped",
    [
        "<script>x</script>",
        "<style>x</style>",
        "<nav>x</nav>",
        "<div role=navigation>x</div>",
        "<p hidden>x</p>",
        "<footer>x</footer>",
        "<button>x</button>",
        "<!-- x -->",
        "<template>x</template>",
    ],
)
def test_what_nobody_reads_is_dropped(dropped):
    assert only(page(f"<p>a</p>{dropped}<p>b</p>")).text == "a\n\nb"


def test_where_the_page_names_its_main_part_the_rest_goes():
    assert only(page("<div>menu</div><main><p>said</p></main><div>ads</div>")).text == "said"


def test_tables_go_row_by_row_and_code_stays_as_it_is():
    document = only(page("<table><tr><th>a<th>b<tr><td>1<td>2 <i>x</i></table><pre>def f():\n    return 1\n</pre>"))
    assert document.text == "a | b\n1 | 2 x\n\ndef f():\n    return 1"


def test_a_table_that_only_lays_out_is_read_as_blocks():
    assert only(page("<table><tr><td><h2>Part</h2><p>one</p></td></tr></table>")).text == "Part\n\none"


def test_title_time_and_language_come_from_the_head():
    head = "<title>A  page</title><meta property=article:published_time content=2024-01-31T10:00:00+02:00>"
    document = only(page("<h1>Top</h1>", head, "en-GB"))
    assert (document.title, document.time, document.language) == ("A page", "2024-01-31T08:00:00Z", "en")
    assert only(page("<h1>Top</h1>")).title == "Top"


def test_the_mark_that_links_to_a_heading_is_no_part_of_it():
    assert only(page('<h1>Top<a class="headerlink" href="#top">¶</a></h1>')).marks == (Mark(0, 1, "Top"),)


def test_a_page_is_decoded_by_its_own_charset():
    data = page("<p>Привет</p>", "<meta charset=windows-1251>").decode().encode("cp1251")
    assert only(data).text == "Привет"


def test_a_page_nested_deeper_than_pythons_stack_is_read():
    assert only(page("<div>" * 1900 + "deep" + "</div>" * 1900)).text == "deep"
    with pytest.raises(Unreadable, match="nested more than 2,000 deep"):
        only(page("<div>" * 3000))
