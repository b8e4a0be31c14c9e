"""Times as exports write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.sources.connectors.base import Basis, Moment
from indexers.sources.connectors.clock import Epoch, Order, day, localised, order_of, since, stamp, unix, written
from indexers.sources.connectors.clock.months import _TABLE
from indexers.sources.decode import clean


@pytest.mark.parametrize(
    ("said", "iso", "basis"),
    [
        ("Jan 31, 2018, 10:54:50 PM", "2018-01-31T22:54:50", Basis.LOCAL),
        ("Jan 22, 2020, 8:34:00\u202fPM UTC", "2020-01-22T20:34:00+00:00", Basis.UTC),
        ("6 Oct 2020, 14:32:28 PDT", "2020-10-06T14:32:28-07:00", Basis.OFFSET),
        ("15 jun 2026, 20:30:41 CEST", "2026-06-15T20:30:41+02:00", Basis.OFFSET),
        ("31.01.2018, 22:54:50 MEZ", "2018-01-31T22:54:50+01:00", Basis.OFFSET),
        ("31\xa0janv. 2018, 22:54:50 CET", "2018-01-31T22:54:50+01:00", Basis.OFFSET),
        ("31 ene 2018, 22:54:50 CET", "2018-01-31T22:54:50+01:00", Basis.OFFSET),
        ("31 gen 2018, 22:54:50 CET", "2018-01-31T22:54:50+01:00", Basis.OFFSET),
        ("31 de jan. de 2018 22:54:50 BRT", "2018-01-31T22:54:50-03:00", Basis.OFFSET),
        ("31 mrt. 2018 22:54:50 CEST", "2018-03-31T22:54:50+02:00", Basis.OFFSET),
        ("31 sty 2018, 22:54:50 CET", "2018-01-31T22:54:50+01:00", Basis.OFFSET),
        ("31. 1. 2018 22:54:50 SEČ", "2018-01-31T22:54:50+01:00", Basis.OFFSET),
        ("2018/01/31 22:54:50 JST", "2018-01-31T22:54:50+09:00", Basis.OFFSET),
        ("2018年1月31日 22:54:50", "2018-01-31T22:54:50", Basis.LOCAL),
        ("2026年5月29日星期五 UTC 03:00:29", "2026-05-29T03:00:29+00:00", Basis.UTC),
        ("2018. 1. 31. 오후 10:54:50 GMT+9", "2018-01-31T22:54:50+09:00", Basis.OFFSET),
        ("2024. 10. 19. PM 9:15:07 KST", "2024-10-19T21:15:07+09:00", Basis.OFFSET),
        ("31. jan. 2018 kl. 22.54.50 GMT+1", "2018-01-31T22:54:50+01:00", Basis.OFFSET),
        ("28/3/2025, 9:29 p. m.", "2025-03-28T21:29:00", Basis.LOCAL),
        ("Jan 15, 2021, 12:05:00 AM", "2021-01-15T00:05:00", Basis.LOCAL),
        ("Friday October 06,2023 12:11 PM GMT", "2023-10-06T12:11:00+00:00", Basis.UTC),
        ("31.01.18", "2018-01-31", Basis.DATE),
        ("6/19/25", "2025-06-19", Basis.DATE),
    ],
)
def test_a_date_in_words_of_any_language_is_read(said, iso, basis):
    assert localised(said) == Moment(iso, basis, said)


MONTHS = {
    "en {d} {m} 2018, 22:54:50 CET": "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec",
    "en {m} {d}, 2018, 10:54:50\u202fPM CET": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
    "de {d}. {m} 2018, 22:54:50 MEZ": "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    "fr {d} {m} 2018, 22:54:50 CET": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es {d} {m} 2018, 22:54:50 CET": "ene feb mar abr may jun jul ago sept oct nov dic",
    "it {d} {m} 2018, 22:54:50 CET": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt {d} de {m} de 2018, 22:54:50 GMT+1": "jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.",
    "nl {d} {m} 2018, 22:54:50 CET": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "pl {d} {m} 2018, 22:54:50 CET": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "cs {d}. {m} 2018 22:54:50 SEČ": (
        "ledna února března dubna května června července srpna září října listopadu prosince"
    ),
    "cs {d}. {m} 2018 22:54:50 SEČ ": "led úno bře dub kvě čvn čvc srp zář říj lis pro",
    "da {d}. {m} 2018 kl. 22.54.50 CET": "jan. feb. mar. apr. maj jun. jul. aug. sep. okt. nov. dec.",
    "sv {d} {m} 2018 22:54:50 CET": "jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.",
    "ru {d} {m} 2018 г., 22:54:50 GMT+01:00": "янв. февр. мар. апр. мая июн. июл. авг. сент. окт. нояб. дек.",
    "tr {d} {m} 2018 22:54:50 GMT+1": "Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara",
    "hu 2018. {m} {d}. 22:54:50 CET": "jan. febr. márc. ápr. máj. jún. júl. aug. szept. okt. nov. dec.",
    "fi {d}.{n}.2018 klo 22.54.50 UTC+1": "1 2 3 4 5 6 7 8 9 10 11 12",
    "ja 2018/{n:02}/{d} 22:54:50 GMT+9": "1 2 3 4 5 6 7 8 9 10 11 12",
    "zh 2018年{n}月{d}日 下午10:54:50 GMT+8": "1 2 3 4 5 6 7 8 9 10 11 12",
    "ko 2018. {n}. {d}. 오후 10:54:50 KST": "1 2 3 4 5 6 7 8 9 10 11 12",
}


@pytest.mark.parametrize("form", MONTHS, ids=lambda form: form[:2])
def test_every_month_of_a_language_is_read_as_google_prints_it(form):
    for number, word in enumerate(MONTHS[form].split(), 1):
        for date_of_month in (5, 28):
            said = form[3:].format(d=date_of_month, m=word, n=number)
            found = localised(said)
            assert found.iso[:19] == f"2018-{number:02}-{date_of_month:02}T22:54:50", said
            assert found.basis is Basis.OFFSET, said


@pytest.mark.parametrize(
    "said", ["", "soon", "32 Jan 2018, 10:00:00", "Jan 31, 2018, 25:00:00", "2018-13-01 10:00", "7 Nov, 10:00", "10:30"]
)
def test_what_names_no_day_or_no_hour_is_no_time(said):
    assert localised(said) == Moment(raw=said)


def test_the_end_of_time_is_no_crash():
    assert written("0001-01-01T00:00:00", "Asia/Tokyo").basis in (Basis.OFFSET, Basis.NONE)
    assert written("9999-12-31T23:59:59-23:59").basis is Basis.OFFSET
    assert stamp(written("9999-12-31T23:59:59-23:59"))
    assert stamp(written("0001-01-01T00:00:00+05:00"))


def test_the_same_instant_has_one_stamp():
    assert stamp(written("2024-05-01T10:30:00+02:00")) == "2024-05-01T08:30:00"
    assert stamp(written("2024-05-01T08:30:00.5Z")) == "2024-05-01T08:30:00"
    assert stamp(written("2024-05-01T10:30:00")) == "2024-05-01T10:30:00"
    assert stamp(written("2024-05-01")) == "2024-05-01"


def test_a_zone_of_the_other_season_is_the_offset_it_names():
    assert localised("Jan 15, 2021, 6:54:12 PM BST").iso == "2021-01-15T18:54:12+01:00"


def test_an_abbreviation_of_several_zones_leaves_wall_time_unless_the_owner_says_where():
    said = "Jan 31, 2018, 10:54:50 PM IST"
    assert localised(said).basis is Basis.LOCAL
    assert localised(said, "Asia/Kolkata").iso == "2018-01-31T22:54:50+05:30"
    assert localised(said, "Asia/Jerusalem").iso == "2018-01-31T22:54:50+02:00"


def test_a_date_that_does_not_say_which_number_is_the_day_is_none_without_an_order():
    assert day("6/7/25") is None
    assert day("6/7/25", Order.DAY_FIRST) == date(2025, 7, 6)
    assert day("6/7/25", Order.MONTH_FIRST) == date(2025, 6, 7)


def test_one_number_over_twelve_tells_the_order_of_a_whole_file():
    assert order_of([(1, 2, 25), (3, 4, 25), (31, 1, 25)]) is Order.DAY_FIRST
    assert order_of([(1, 2, 25), (1, 31, 25)]) is Order.MONTH_FIRST
    assert order_of([(1, 2, 25), (3, 4, 25)]) is None
    assert order_of([(31, 1, 25), (1, 31, 25)]) is None


def test_without_such_a_number_the_reading_under_which_time_goes_one_way_is_right():
    march_to_june = [(1, 3, 25), (2, 4, 25), (1, 5, 25), (2, 6, 25)]
    assert order_of(march_to_june) is Order.DAY_FIRST
    assert order_of(list(reversed(march_to_june))) is Order.DAY_FIRST
    assert order_of([(3, 1, 25), (4, 2, 25), (5, 1, 25), (6, 2, 25)]) is Order.MONTH_FIRST
    assert order_of([(1, 1, 25), (2, 2, 25), (3, 3, 25), (4, 4, 25)]) is None


def test_no_word_stands_for_two_months():
    words = [word for row in _TABLE for word in set(row.split())]
    assert len(words) == len(set(words))


def test_each_epoch_is_counted_from_its_own_beginning():
    assert since(Epoch.WINDOWS, 13331234567890123, 10**6).iso == "2023-06-14T16:42:47+00:00"
    assert since(Epoch.APPLE, 700000000.5).iso == "2023-03-08T20:26:40+00:00"
    assert since(Epoch.UNIX, "1452837318.000002").iso == "2016-01-15T05:55:18+00:00"


@pytest.mark.parametrize("count", [1714552200, "1714552200123", 1714552200123456, 1714552200123456789])
def test_the_size_of_a_count_tells_its_unit(count):
    assert unix(count).iso == "2024-05-01T08:30:00+00:00"


@pytest.mark.parametrize("count", [0, -5, "", "soon", None, "nan", float("inf"), "9" * 60, 10**30])
def test_what_is_no_time_is_kept_as_it_was_said(count):
    assert since(Epoch.UNIX, count) == Moment(raw=str(count)[:64])
    assert unix(count).iso == ""


def test_iso_keeps_its_offset_and_says_how_the_time_is_known():
    assert written("2024-05-01T08:30:00.123Z") == Moment(
        "2024-05-01T08:30:00+00:00", Basis.UTC, "2024-05-01T08:30:00.123Z"
    )
    assert written("2024-05-01T08:30:00+02:00").basis is Basis.OFFSET
    assert written("2024-05-01 08:30:00").basis is Basis.LOCAL
    assert written("2024-05-01 08:30:00", naive=Basis.UTC).iso == "2024-05-01T08:30:00+00:00"
    assert written("2024-05-01 08:30:00", "Europe/Berlin").iso == "2024-05-01T08:30:00+02:00"
    assert written("2024-05-01").basis is Basis.DATE
    assert written("yesterday") == Moment(raw="yesterday")


@given(st.text(max_size=80), st.sampled_from(["", "Europe/Berlin", "../etc", "Nowhere/Else"]))
def test_no_text_breaks_the_reading_of_dates(text, owner):
    for moment in (localised(text, owner), written(text, owner), since(Epoch.UNIX, text), unix(text)):
        assert moment.raw == clean(text)[: len(moment.raw)]
