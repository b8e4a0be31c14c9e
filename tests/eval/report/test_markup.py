"""Nothing that is said can become markup."""

from __future__ import annotations

from eval.report.markup import Safe, element, join


def test_a_text_is_escaped_and_an_element_is_not() -> None:
    assert element("p", "a < b & c", element("b", '"')) == "<p>a &lt; b &amp; c<b>&quot;</b></p>"


def test_an_attribute_cannot_be_left() -> None:
    said = element("a", "x", href='"><script>alert(1)</script>', aria_label="it's")
    assert said == '<a href="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" aria-label="it&#x27;s">x</a>'


def test_empty_attributes_are_left_out_and_true_ones_have_no_value() -> None:
    assert element("details", class_="", open=True, hidden=False) == "<details open></details>"


def test_void_elements_have_no_end() -> None:
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_joining_escapes_texts_only() -> None:
    assert join("<", Safe("<br>"), ">") == "&lt;<br>&gt;"
