"""Numbers that prove themselves: each scheme against examples of numbers that were given out, and against others."""

from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.personal.scrub import Profile, Sensitive, find_secrets, nationals, takes
from indexers.personal.scrub.banking import is_iban, luhn
from indexers.personal.scrub.findings import CONTACTS, NUMBERS, SECRETS, Finding, around, lower, parted, spots
from indexers.personal.scrub.values import filled, keylike, mixed, quoted, strong


@pytest.mark.parametrize(
    ("proof", "number"),
    [
        (nationals.ssn, "219099999"), (nationals.cpr, "0707614285"), (nationals.personnummer, "8112189876"),
        (nationals.personnummer, "198112189876"), (nationals.fodselsnummer, "01010750160"),
        (nationals.henkilotunnus, "131052308T"), (nationals.steuer_id, "86095742719"),
        (nationals.steuer_id, "47036892816"),
        (nationals.nir, "185057800608491"), (nationals.dni, "12345678Z"), (nationals.dni, "X1234567L"),
        (nationals.codice_fiscale, "RSSMRA85T10A562S"), (nationals.bsn, "111222333"), (nationals.pesel, "44051401359"),
        (nationals.nino, "AB123456C"), (nationals.cpf, "52998224725"),
    ],
)  # fmt: skip
def test_a_number_that_was_given_out_is_proved(proof: Callable[[str], bool], number: str) -> None:
    assert proof(number)


@pytest.mark.parametrize(
    ("proof", "number"),
    [
        (nationals.ssn, "000123456"), (nationals.ssn, "666123456"), (nationals.ssn, "900123456"),
        (nationals.ssn, "219009999"), (nationals.ssn, "219090000"), (nationals.cpr, "0707614286"),
        (nationals.cpr, "3207614285"), (nationals.personnummer, "8113189876"), (nationals.personnummer, "8112189875"),
        (nationals.fodselsnummer, "01010750161"), (nationals.henkilotunnus, "131052308U"),
        (nationals.steuer_id, "06095742719"), (nationals.steuer_id, "12345678901"),
        (nationals.steuer_id, "11111111111"), (nationals.nir, "185057800608492"), (nationals.dni, "12345678A"),
        (nationals.codice_fiscale, "RSSMRA85T10A562T"),
        (nationals.bsn, "111222334"), (nationals.bsn, "000000000"), (nationals.pesel, "44051401358"),
        (nationals.pesel, "44991401359"), (nationals.nino, "GB123456C"), (nationals.cpf, "52998224726"),
        (nationals.cpf, "11111111111"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_have_been_given_out_is_not(proof: Callable[[str], bool], number: str) -> None:
    assert not proof(number)


@given(st.text(string.digits, min_size=10, max_size=18), st.integers(1, 9), st.integers(0, 200))
def test_luhn_sees_any_one_digit_that_is_wrong(body: str, by: int, at: int) -> None:
    number = next(body + check for check in string.digits if luhn(body + check))
    at %= len(number)
    wrong = f"{number[:at]}{(int(number[at]) + by) % 10}{number[at + 1 :]}"
    assert luhn(number) and not luhn(wrong)


@pytest.mark.parametrize(
    "number",
    ["GB82WEST12345698765432", "DE89370400440532013000", "DK5000400440116243", "FR1420041010050500013M02606",
     "NO9386011117947", "NL91ABNA0417164300"],
)  # fmt: skip
def test_an_account_of_the_registry_is_proved_and_its_neighbour_is_not(number: str) -> None:
    assert is_iban(number)
    assert not is_iban(number[:-1] + str((int(number[-1]) + 1) % 10))
    assert not is_iban(number + "0")


def test_words_in_capitals_after_an_account_are_not_part_of_it() -> None:
    text = "PAY GB82 WEST 1234 5698 7654 32 NOW PLEASE"
    assert [text[one.start : one.stop] for one in find_secrets(text)] == ["GB82 WEST 1234 5698 7654 32"]


@pytest.mark.parametrize("number", ["4111111111111112", "1111111111111111", "4444444444444444", "5999999999999999"])
def test_sixteen_digits_alone_are_no_card(number: str) -> None:
    assert find_secrets(f"nr {number} here") == []


def test_a_number_within_a_longer_one_or_a_word_is_none() -> None:
    card = "4111111111111111"
    for text in (f"x{card}", f"{card}0000000", f"{card}-2", f"1.{card}", f"a-{card}", f"{card}x"):
        assert find_secrets(text) == [], text
    assert len(find_secrets(card)) == 1


@pytest.mark.parametrize("value", ["hunter2", "Skagen2023!", "1234", "p@ssword", "aBcDeF", "blaa-baad-77"])
def test_what_is_made_like_a_password(value: str) -> None:
    assert mixed(value)


@pytest.mark.parametrize(
    "value",
    ["word", "Word", "WORD", "required", "getpass()", "args.password", "config['x']", "${TOKEN}", "<password>", "****",
     "xxx", "userName", "your-password", "/etc/passwd", "https://a.b", "argv[0]", "self.token", "&amp;"],
)  # fmt: skip
def test_what_stands_where_a_password_would(value: str) -> None:
    assert not mixed(value)


def test_the_less_a_place_says_the_more_is_asked_of_a_value() -> None:
    assert quoted("correct horse battery staple") and not quoted("The password is required")
    assert strong("Fisk1234") and not any(map(strong, ("fisk", "12345", "SHA256", "sha-256", "MD5-encrypted", "utf8")))
    assert keylike("8f14e45fceea167a") and not any(map(keylike, ("8f14e45f", "abcdefghijklmnop", "two words 12")))
    assert filled("anything") and not any(map(filled, ("***", "<secret>", "none")))


def test_text_around_places_does_not_overlap_and_ends_before_a_space() -> None:
    text = "aaaa " * 100
    parts = around(text, [10, 12, 300], before=5, after=7)
    assert parts == [(5, 19), (295, 309)]
    assert around("x" * 50, [0, 40], before=5, after=5) == [(0, 50)]


def test_literals_are_found_in_ascending_order_and_lower_case_keeps_every_place() -> None:
    assert list(spots("key pass key", ["pass", "key"])) == [0, 4, 9]
    assert len(lower("İİ ẞ Σ")) == len("İİ ẞ Σ")


def test_findings_that_overlap_become_one_that_covers_all() -> None:
    kind = Sensitive.TOKEN
    made = parted([Finding(kind, 4, 9), Finding(kind, 0, 5), Finding(kind, 1, 2), Finding(kind, 9, 10)])
    assert made == [Finding(kind, 0, 9), Finding(kind, 9, 10)]


def test_each_profile_takes_what_the_one_before_it_does() -> None:
    assert takes(Profile.SECRETS) == SECRETS
    assert takes(Profile.NUMBERS) == SECRETS | NUMBERS
    assert takes(Profile.CONTACTS) == SECRETS | NUMBERS | CONTACTS == frozenset(Sensitive)
