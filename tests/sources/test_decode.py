"""Bytes to text: exact where the encoding is known, told where it was guessed, refused where it is in doubt."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.sources.decode import binary, charset, clean, decode
from indexers.sources.faults import Unreadable

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), min_size=1)


@given(texts)
def test_utf8_comes_back_exactly(text):
    assert decode(text.encode()) == (text, "utf-8", "")
    assert decode(codecs.BOM_UTF8 + text.encode()).text == text


@given(texts, st.sampled_from(["utf-16", "utf-32"]))
def test_utf16_and_utf32_with_a_mark_come_back_exactly(text, encoding):
    assert decode(text.encode(encoding)).text == text


def test_line_ends_become_one_kind_and_nul_goes():
    assert decode(b"a\r\nb\rc\nd" + b"x" * 200 + b"\x00e").text == "a\nb\nc\nd" + "x" * 200 + "e"


def test_lone_surrogates_go():
    assert clean("a\ud800b\x00c") == "abc"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "François Pinard wrote this changelog entry for GNU tools."),
        ("cp1252", "Müller und Söhne liefern täglich frische Brötchen."),
        ("cp1252", "it’s a “quoted” dash – here"),
        ("cp1252", "Copyright © 2020 Foo"),
        ("cp1250", "Zażółć gęślą jaźń. Książka leży na stole, a dzieci bawią się w ogrodzie."),
        ("cp1251", "Привет, мир! Это простой текст на русском языке для проверки."),
        ("koi8_r", "Привет, мир! Это простой текст на русском языке для проверки."),
        ("shift_jis", "これは日本語のテキストです。検索エンジンのテストに使います。"),
        ("gb18030", "这是一个用于测试的中文文本。检索系统需要正确解码。"),
        ("euc_kr", "이것은 검색 시스템을 시험하기 위한 한국어 텍스트입니다."),
    ],
)
def test_an_old_encoding_is_found_and_the_guess_is_told(encoding, text):
    assert decode(text.encode(encoding)) == (text, encoding, f"{encoding} (guessed)")


@pytest.mark.parametrize(
    "data",
    [
        b"valid text \xff\xfe broken",
        b"hello w\xc3rld",
        b"abc \x80\x81\x82 def",
        "good ünïcode".encode() + b"\xff",
        "Москва".encode("cp1251"),
        "İstanbul'da güneşli bir gün. Çocuklar bahçede oynuyor, şarkı söylüyor.".encode("cp1254"),
    ],
)
def test_bytes_in_doubt_are_refused_rather_than_read_wrongly(data):
    with pytest.raises(Unreadable, match=r"fit no other encoding beyond doubt; name the right one with --encoding"):
        decode(data)


def test_one_bad_byte_in_a_long_text_is_bearable_and_told():
    long = "ünïcode " * 500
    decoded = decode(long.encode() + b"\xff")
    assert decoded == (long + "\ufffd", "utf-8", "utf-8 (1 characters lost)")


def test_the_users_encoding_wins_and_is_strict():
    assert decode("Москва".encode("cp1251"), force="cp1251").text == "Москва"
    with pytest.raises(Unreadable, match="not valid ascii"):
        decode("Москва".encode(), force="ascii")
    with pytest.raises(Unreadable, match="No encoding is called klingon"):
        decode(b"x", force="klingon")


def test_a_files_own_word_is_taken_where_utf8_does_not_fit():
    assert decode("Москва".encode("cp1251"), hint="windows-1251").text == "Москва"
    assert decode("Москва".encode(), hint="windows-1251").text == "Москва"


def test_binary_is_told_from_text():
    assert binary(bytes(range(256)))
    assert binary(b"\x7fELF\x02\x01\x01" + bytes(9))
    assert not binary(b"plain\ttext\x1b[0m\n")
    assert not binary("текст".encode("utf-16"))
    with pytest.raises(Unreadable, match="named like text but holds binary data"):
        decode(bytes(range(256)) * 4)


@pytest.mark.parametrize("hint", ["punycode", "idna", "unicode_escape", "raw-unicode-escape", "undefined", "rot13"])
def test_a_codec_of_python_that_is_no_charset_is_not_taken_for_one(hint):
    data = "Müller-\\x41 und Söhne liefern täglich".encode("cp1252")
    assert not charset(hint)
    assert decode(data, hint=hint) == (data.decode("cp1252"), "cp1252", "cp1252 (guessed)")
    with pytest.raises(Unreadable, match="No encoding is called"):
        decode(data, force=hint)


@pytest.mark.parametrize("label", ["", "a\x00b", "\ud800", "aliases", "no such thing"])
def test_what_names_no_encoding_is_no_charset(label):
    assert not charset(label)


@pytest.mark.parametrize("label", ["utf-8", "UTF_16", "windows-1252", "shift_jis", "iso2022_jp_ext", "koi8-r"])
def test_what_text_is_really_in_is_a_charset(label):
    assert charset(label)
