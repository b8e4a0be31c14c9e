"""HTML as a person sees it, blocks of a large page, addresses without their secrets."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.sources.connectors.pages import blocks, cleaned, plain, searched


def test_what_a_person_does_not_see_is_no_text():
    html = (
        "<style>p{}</style><p>Hello&nbsp;<b>you</b></p><script>x()</script><p style='DISPLAY : none'>ignore this</p>"
        "<span style='font-size:0px'>tiny</span><span style='font-size:0.9em'>shown</span><div hidden>h</div>a\u200bb"
    )
    assert plain(html) == "Hello you\nshown\nab"


def test_letters_and_emoji_that_are_spelt_with_joiners_keep_them():
    assert plain("<p>می\u200cخواهم 👩\u200d👧 pass\u200bword</p>") == "می\u200cخواهم 👩\u200d👧 password"


def test_what_is_hidden_by_a_class_or_by_its_colour_is_no_text():
    html = "<style>.x{display:none}</style><p class=x>ignore this</p><p style='color:#fff'>and this</p><p>Seen.</p>"
    assert plain(html) == "Seen."


def test_what_is_hidden_within_what_is_hidden_goes_with_it():
    inner = "<svg><title>t</title></svg><p hidden>b<span style='display:none'>c</span></p>"
    assert plain(f"<div aria-hidden=true>{inner * 3}</div>" * 3_000 + "<p>Seen.</p>") == "Seen."


def test_entities_without_a_tag_are_read():
    assert plain("Tom &amp; Jerry &lt;3") == "Tom & Jerry <3"


def test_a_tower_of_elements_is_read_without_its_tree():
    assert plain("<div>" * 100_000 + "deep" + "</div>" * 100_000) == "deep"


@given(st.text(alphabet="<>/ divstyle=\"'&;!-\x00ab", max_size=200))
def test_no_html_breaks_the_reading(html):
    assert "\x00" not in plain(html)


class Slow(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        return super().read(3)


@pytest.mark.parametrize("kind", [io.BytesIO, Slow])
def test_a_page_is_cut_where_a_block_opens(kind):
    assert list(blocks(kind(b"head<c>one<c>two"), b"<c>")) == [(4, b"<c>one"), (10, b"<c>two")]
    assert list(blocks(kind(b"nothing"), b"<c>")) == []


@pytest.mark.parametrize("kind", [io.BytesIO, Slow])
def test_a_block_that_is_too_large_is_cut_and_the_next_is_whole(kind):
    found = list(blocks(kind(b"<c>" + b"x" * 100 + b"<c>two"), b"<c>", limit=20))
    assert found[0] == (0, b"<c>" + b"x" * 17)
    assert found[1] == (103, b"<c>two")


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://www.example.com/a/b?session=abc#top", "https://www.example.com/a/b"),
        ("https://anna:hunter2@example.com/", "https://example.com/"),
        ("https://example.com/cb?code=4/0AX4&access_token=ya29.x", "https://example.com/cb"),
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=4s&si=xyz", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"),
        ("https://www.google.co.uk/search?q=best+tent&ei=zzz", "https://www.google.co.uk/search?q=best+tent"),
        ("https://example.com/reset/eyJhbGciOiJIUzI1NiJ9abcdef123456", "https://example.com/reset/…"),
        ("https://example.com/u/anna@example.org/inbox", "https://example.com/u/…/inbox"),
        ("https://example.com/how-to-bake-12-cakes-in-2024", "https://example.com/how-to-bake-12-cakes-in-2024"),
        ("HTTP://Example.COM:80", "http://example.com/"),
        ("http://example.com:8080/x;jsessionid=1", "http://example.com:8080/x"),
        ("https://de.wikipedia.org/wiki/K%C3%B6ln", "https://de.wikipedia.org/wiki/K%C3%B6ln"),
    ],
)
def test_of_an_address_only_the_place_is_kept(url, kept):
    link = cleaned(url)
    assert link is not None
    assert link.url == kept


@pytest.mark.parametrize(
    "url",
    [
        "file:///home/anna/letter.pdf", "chrome://settings", "about:blank", "http://localhost:8888/lab", "javascript:1",
        "http://192.168.1.1/admin", "http://[::1]/", "http://router/", "http://printer.local/", "data:text/html,x", "",
        "http://[bad", "http://a:99999999/",
    ],
)  # fmt: skip
def test_what_is_not_of_the_web_is_no_address(url):
    assert cleaned(url) is None


def test_a_search_is_told_by_its_address():
    assert searched("https://www.google.de/search?q=zelt+kaufen&hl=de") == "zelt kaufen"
    assert searched("https://www.youtube.com/results?search_query=lofi") == "lofi"
    assert searched("https://duckduckgo.com/?q=rain") == "rain"
    assert searched("https://www.youtube.com/watch?v=dQw4w9WgXcQ") == ""
    assert searched("https://www.google.com/url?q=https://example.com/a") == ""
    assert searched("https://example.com/?q=mine") == ""


@given(st.text(max_size=200))
def test_no_text_breaks_the_cleaning_of_addresses(text):
    for url in (text, "http://" + text, "https://example.com/" + text):
        link = cleaned(url)
        assert link is None or link.url.startswith(("http://", "https://"))
        searched(url)


@pytest.mark.parametrize(
    "html",
    [
        "<" * 2_000_000, "<div>" * 600 + "<" * 2_000_000, "&" * 2_000_000, " \n" * 1_000_000,
        "<p style='display:" * 100_000, *(f"<{name}>" * 50_000 for name in ("section", "menu", "rt", "x hidden")),
        "<div></b>" * 50_000,
    ],
    ids=["open", "deep", "and", "space", "style", "section", "menu", "rt", "hidden", "unopened"],
)  # fmt: skip
def test_hostile_html_takes_no_long_time(html):
    begun = time.perf_counter()
    plain(html)
    assert time.perf_counter() - begun < 15


@pytest.mark.parametrize(
    "path", ["a" * 9_000, "a@" * 4_000, "%41" * 3_000, "a1" * 4_000 + "@b.c", ";" * 9_000, "a-" * 4_000]
)
def test_hostile_addresses_take_no_long_time(path):
    begun = time.perf_counter()
    for url in (f"https://example.com/{path}", f"https://www.google.com/search?q={path}", f"https://{path}/"):
        cleaned(url)
        searched(url)
    assert time.perf_counter() - begun < 2
