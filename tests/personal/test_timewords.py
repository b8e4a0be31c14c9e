"""Time words: what each means on Wednesday, 17 June 2026, and what is no time, or none that is certain."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cascade.index.filters import parse
from indexers.personal.timewords import Range, Said, time_words
from indexers.personal.timewords.spans import Season, Unit, back, easter, season

NOW = datetime(2026, 6, 17, 12, 0, tzinfo=ZoneInfo("Europe/Copenhagen"))


def shown(said: Said | None) -> str:
    """`2023-05-01..2023-06-01`, the end left out; `..` where open, empty for none."""
    return f"{said.range.begin or ''}..{said.range.end or ''}" if said else ""


TABLE = [
    # days
    ("what did I eat today", "2026-06-17..2026-06-18"),
    ("What did I do yesterday?", "2026-06-16..2026-06-17"),
    ("who called the day before yesterday?", "2026-06-15..2026-06-16"),
    ("what did we watch last night", "2026-06-16..2026-06-17"),
    ("meetings tomorrow", "2026-06-18..2026-06-19"),
    ("what did Anna say this morning", "2026-06-17..2026-06-18"),
    # so long ago
    ("three days ago", "2026-06-14..2026-06-15"),
    ("what did I buy two weeks ago", "2026-05-31..2026-06-07"),
    ("a week ago", "2026-06-07..2026-06-14"),
    ("a month ago", "2026-05-01..2026-06-02"),
    ("exactly 10 days ago", "2026-06-07..2026-06-08"),
    ("a year ago", "2024-12-17..2026-01-01"),
    # lately
    ("in the last three months", "2026-03-17..2026-06-18"),
    ("photos over the past two weeks", "2026-06-03..2026-06-18"),
    ("mails of the past 10 days", "2026-06-07..2026-06-18"),
    ("in the past year", "2025-06-17..2026-06-18"),
    # units
    ("What happened last week?", "2026-06-08..2026-06-15"),
    ("this week", "2026-06-15..2026-06-22"),
    ("next week", "2026-06-22..2026-06-29"),
    ("last month", "2026-05-01..2026-06-01"),
    ("this month's receipts", "2026-06-01..2026-07-01"),
    ("last year", "2025-01-01..2026-01-01"),
    ("next year", "2027-01-01..2028-01-01"),
    ("last weekend", "2026-06-13..2026-06-15"),
    ("this weekend", "2026-06-20..2026-06-22"),
    ("where did we go at the weekend?", "2026-06-13..2026-06-15"),
    ("will it rain at the weekend?", "2026-06-20..2026-06-22"),
    # seasons
    ("Where was I last summer?", "2025-06-01..2025-09-01"),
    ("this summer", "2026-06-01..2026-09-01"),
    ("this spring", "2026-03-01..2026-06-01"),
    ("last spring", "2026-03-01..2026-06-01"),
    ("last winter", "2025-12-01..2026-03-01"),
    ("this winter", "2025-12-01..2026-03-01"),  # nearer than the one to come
    ("next autumn", "2026-09-01..2026-12-01"),
    ("last fall", "2025-09-01..2025-12-01"),
    ("in the summer of 2023", "2023-06-01..2023-09-01"),
    ("summer 2024", "2024-06-01..2024-09-01"),
    ("winter 2022", "2021-12-01..2023-03-01"),  # that of either year
    ("winter 2022/23", "2022-12-01..2023-03-01"),
    ("what did we do in summer", "2026-06-01..2026-09-01"),
    ("what did we do in the winter", "2025-12-01..2026-03-01"),
    # months
    ("Which hotel did I stay at in May 2023?", "2023-05-01..2023-06-01"),
    ("my May 2023 invoice", "2023-05-01..2023-06-01"),
    ("Sept. 2024 photos", "2024-09-01..2024-10-01"),
    ("the first week of May 2023", "2023-05-01..2023-06-01"),
    ("in early March 2025", "2025-03-01..2025-04-01"),
    ("at the end of January 2024", "2024-01-01..2024-02-01"),
    ("what did I buy in May", "2026-05-01..2026-06-01"),
    ("what did I buy in June", "2026-06-01..2026-07-01"),
    ("what did I buy in November", "2025-11-01..2025-12-01"),
    ("what will I pay in November", "2026-11-01..2026-12-01"),
    ("last March", "2026-03-01..2026-04-01"),
    ("last December", "2025-12-01..2026-01-01"),
    ("next January", "2027-01-01..2027-02-01"),
    ("in march of 2024", "2024-03-01..2024-04-01"),
    # dates
    ("what did I do on 3 March 2024", "2024-03-03..2024-03-04"),
    ("on the 3rd of March, 2024", "2024-03-03..2024-03-04"),
    ("March 3, 2024", "2024-03-03..2024-03-04"),
    ("on March 3rd", "2026-03-03..2026-03-04"),
    ("who came on 24 December?", "2025-12-24..2025-12-25"),
    ("where will I be on 24 December?", "2026-12-24..2026-12-25"),
    ("2024-03-05", "2024-03-05..2024-03-06"),
    ("on 05.03.2024", "2024-03-05..2024-03-06"),
    ("on 25/3/2024", "2024-03-25..2024-03-26"),
    ("on 3/25/2024", "2024-03-25..2024-03-26"),
    ("on 4/4/2024", "2024-04-04..2024-04-05"),
    ("3-5 May 2024", "2024-05-03..2024-05-06"),
    ("from 3rd to 5th May 2024", "2024-05-03..2024-05-06"),
    ("May 3-5, 2024", "2024-05-03..2024-05-06"),
    ("on Monday, 3 June 2024", "2024-06-03..2024-06-04"),
    ("am Montag, dem 3. Juni 2024", "2024-06-03..2024-06-04"),
    ("the 12 May 2024 flight", "2024-05-12..2024-05-13"),
    ("on 29 February 2024", "2024-02-29..2024-03-01"),
    # years
    ("which films did I see in 2024?", "2024-01-01..2025-01-01"),
    ("during 2023", "2023-01-01..2024-01-01"),
    ("in the year 2023", "2023-01-01..2024-01-01"),
    ("everything since 2024", "2024-01-01..2026-06-18"),
    ("before 2024", "..2024-01-01"),
    # weekdays
    ("what did she say on Monday?", "2026-06-15..2026-06-16"),
    ("what did she say on Wednesday?", "2026-06-10..2026-06-11"),
    ("what will we do on Monday?", "2026-06-22..2026-06-23"),
    ("what did I eat last Friday", "2026-06-12..2026-06-13"),
    ("what did I eat last Monday", "2026-06-08..2026-06-16"),  # this week's or last week's
    ("this Friday", "2026-06-19..2026-06-20"),
    ("next Friday", "2026-06-19..2026-06-27"),
    # feasts
    ("over Christmas 2022", "2022-12-23..2022-12-28"),
    ("What did we cook last Christmas?", "2025-12-23..2025-12-28"),
    ("who came over at Easter?", "2026-04-02..2026-04-07"),
    ("Easter 2024", "2024-03-28..2024-04-02"),
    ("where was I on New Year's Eve?", "2025-12-31..2026-01-02"),
    ("what did we eat on Easter Monday 2024", "2024-03-28..2024-04-02"),
    ("on Christmas Eve 2023", "2023-12-23..2023-12-28"),
    # relations and pairs
    ("since May 2025", "2025-05-01..2026-06-18"),
    ("since last summer", "2025-06-01..2026-06-18"),
    ("since yesterday", "2026-06-16..2026-06-18"),
    ("before March 2024", "..2024-03-01"),
    ("after Christmas 2024", "2024-12-28.."),
    ("until June 2024", "..2024-07-01"),
    ("between May and July 2023", "2023-05-01..2023-08-01"),
    ("what did I spend from March 2024 to May 2024?", "2024-03-01..2024-06-01"),
    ("between 3 and 9 May 2024", "2024-05-03..2024-05-10"),
    ("from December 2023 until February 2024, what", "2023-12-01..2024-03-01"),
    ("between 2022 and 2024", "2022-01-01..2025-01-01"),
    # German
    ("Was habe ich gestern gekauft?", "2026-06-16..2026-06-17"),
    ("Wo war ich vorgestern?", "2026-06-15..2026-06-16"),
    ("vor drei Tagen", "2026-06-14..2026-06-15"),
    ("vor zwei Wochen", "2026-05-31..2026-06-07"),
    ("vor einem Monat", "2026-05-01..2026-06-02"),
    ("letzte Woche", "2026-06-08..2026-06-15"),
    ("im letzten Monat", "2026-05-01..2026-06-01"),
    ("in den letzten drei Monaten", "2026-03-17..2026-06-18"),
    ("letzten Sommer", "2025-06-01..2025-09-01"),
    ("Welches Hotel hatte ich im Mai 2023?", "2023-05-01..2023-06-01"),
    ("am 3. März 2024", "2024-03-03..2024-03-04"),
    ("im Jahr 2023", "2023-01-01..2024-01-01"),
    ("Was war am Montag?", "2026-06-15..2026-06-16"),
    ("seit Mai 2025", "2025-05-01..2026-06-18"),
    ("an Weihnachten 2022", "2022-12-23..2022-12-28"),
    ("zwischen Mai und Juli 2023", "2023-05-01..2023-08-01"),
    ("im Winter 2022/23", "2022-12-01..2023-03-01"),
    ("Wo waren wir am letzten Wochenende?", "2026-06-13..2026-06-15"),
    # French
    ("qu'ai-je mangé hier ?", "2026-06-16..2026-06-17"),
    ("il y a deux semaines", "2026-05-31..2026-06-07"),
    ("il y a trois jours", "2026-06-14..2026-06-15"),
    ("la semaine dernière", "2026-06-08..2026-06-15"),
    ("le mois dernier", "2026-05-01..2026-06-01"),
    ("l'été dernier", "2025-06-01..2025-09-01"),
    ("cet été", "2026-06-01..2026-09-01"),
    ("en mai 2023", "2023-05-01..2023-06-01"),
    ("à l'été 2023", "2023-06-01..2023-09-01"),
    ("le 3 mars 2024", "2024-03-03..2024-03-04"),
    ("le 1er mai 2024", "2024-05-01..2024-05-02"),
    ("en 2023", "2023-01-01..2024-01-01"),
    ("depuis mai 2025", "2025-05-01..2026-06-18"),
    ("à Noël 2022", "2022-12-23..2022-12-28"),
    ("lundi dernier", "2026-06-15..2026-06-16"),
    ("l'année dernière", "2025-01-01..2026-01-01"),
    ("ces deux dernières semaines", "2026-06-03..2026-06-18"),
    # Spanish
    ("¿qué comí ayer?", "2026-06-16..2026-06-17"),
    ("anteayer", "2026-06-15..2026-06-16"),
    ("hace dos semanas", "2026-05-31..2026-06-07"),
    ("la semana pasada", "2026-06-08..2026-06-15"),
    ("el mes pasado", "2026-05-01..2026-06-01"),
    ("el verano pasado", "2025-06-01..2025-09-01"),
    ("en mayo de 2023", "2023-05-01..2023-06-01"),
    ("el 3 de marzo de 2024", "2024-03-03..2024-03-04"),
    ("en el verano de 2023", "2023-06-01..2023-09-01"),
    ("desde mayo de 2025", "2025-05-01..2026-06-18"),
    ("en Navidad de 2022", "2022-12-23..2022-12-28"),
    ("el año pasado", "2025-01-01..2026-01-01"),
    ("en los últimos tres meses", "2026-03-17..2026-06-18"),
    # Danish
    ("Hvad købte jeg i går?", "2026-06-16..2026-06-17"),
    ("i forgårs", "2026-06-15..2026-06-16"),
    ("for to uger siden", "2026-05-31..2026-06-07"),
    ("for tre dage siden", "2026-06-14..2026-06-15"),
    ("sidste uge", "2026-06-08..2026-06-15"),
    ("sidste år", "2025-01-01..2026-01-01"),
    ("sidste sommer", "2025-06-01..2025-09-01"),
    ("i sommers", "2025-06-01..2025-09-01"),
    ("i mandags", "2026-06-15..2026-06-16"),
    ("i onsdags", "2026-06-10..2026-06-11"),
    ("i maj 2023", "2023-05-01..2023-06-01"),
    ("den 3. marts 2024", "2024-03-03..2024-03-04"),
    ("i julen 2022", "2022-12-23..2022-12-28"),
    ("siden maj 2025", "2025-05-01..2026-06-18"),
    ("i de sidste tre måneder", "2026-03-17..2026-06-18"),
    ("i 2023", "2023-01-01..2024-01-01"),
    ("mellem maj og juli 2023", "2023-05-01..2023-08-01"),
]

NOTHING = [
    "what is the wifi password",
    "May I borrow the ladder?",
    "march to the beach",
    "the film Second Snow",
    "what did they say in Q3 2024",
    "fiscal year 2024 numbers",
    "the third quarter of 2024",
    "over 2000 people came",
    "in 2000 words",
    "room 2024",
    "order 20240305",
    "on 3/4/2024",  # April or March
    "on 31 February 2024",
    "what happened on Mondays?",
    "Monday",  # which?
    "dinner on Monday",  # to come or gone?
    "not in May 2023",
    "everything except last week",
    "Which hotel did I book for May 2024?",  # it was booked before
    'the song "Last Summer"',
    "who wrote “In May 2023”?",
    "in May 2023 or in July 2024",
    "recently",
    "before the move",  # nobody says when that was
    "what did I watch before the trip in March 2025",
    "after my exam in May 2024",
    "I need winter tyres",
    "the winter coat",
    "a second ago",
    "some weeks ago",
    "a couple of weeks ago",
    "last but not least",
    "the last day of school",
    "3000 years ago",
    "a 12 year old",
    "sun cream",
    "may 2023 or april 2022",
    "the year 1000",
    "from Lisbon to Porto",
    "between Anna and Jonas",
    "between July 2024 and May 2024",
    "Christmas cookies recipe",
    "what did I read in january and february",
    "what did we do in the summer we met",
    "which talk did I hear in the May conference",
    "which film did I see in summer of 69",
    "three weeks before Christmas",
    "a month after Easter 2024",
    "how many days until Christmas",
    "two weeks before the move",
    "in May or June 2024",
    "every May",
    "the week of 3 May 2024",
    "what did we do in the sun",
    "what did I buy on Friday the 13th",
    "Was habe ich hier gekauft?",  # `hier` is French for yesterday
    "billeder af jul 2022",  # Christmas, and July in English
    "qu'ai-je mangé le lundi",  # every Monday
    "what did we cook at Christmas dinner 2023",
    "the 1990s",
    "in may last year",
    "what happened in December and last week",
    "the Friday deploy",
    "",
    "?",
]


@pytest.mark.parametrize(("question", "meant"), TABLE)
def test_words_mean_a_range_of_days(question: str, meant: str) -> None:
    assert shown(time_words(question, NOW)) == meant


@pytest.mark.parametrize("question", NOTHING)
def test_no_range_rather_than_a_wrong_one(question: str) -> None:
    assert time_words(question, NOW) is None


@pytest.mark.parametrize(
    ("question", "words", "rest"),
    [
        ("Which hotel did I stay at in May 2023?", "in May 2023", "Which hotel did I stay at?"),
        ("Last summer, where was I?", "Last summer", "where was I?"),
        ("What did Anna say two weeks ago about Lisbon?", "two weeks ago", "What did Anna say about Lisbon?"),
        ("from May to July 2023, what did I buy", "from May to July 2023", "what did I buy"),
        ("since yesterday", "since yesterday", ""),
    ],
)
def test_the_words_are_told_and_taken_out_of_the_question(question: str, words: str, rest: str) -> None:
    said = time_words(question, NOW)
    assert said is not None
    assert (said.words, said.rest) == (words, rest)
    assert question[said.span[0] : said.span[1]] == words


def moved(phrase: str) -> Range | None:
    known = {"the move": Range(date(2025, 3, 4), date(2025, 3, 5)), "my exam in May 2024": Range(date(2024, 5, 9),
    date(2024, 5, 11))}
    known["der Umzug"] = known["dem Umzug"] = known["flytningen"] = known["la mudanza"] = known["the move"]
    known["le déménagement"] = known["the move"]
    return known.get(phrase)


@pytest.mark.parametrize(
    ("question", "meant", "rest"),
    [
        ("Which club did I belong to before the move?", "..2025-03-04", "Which club did I belong to?"),
        ("what did I buy after the move in Aarhus", "2025-03-05..", "what did I buy in Aarhus"),
        ("since the move, who visited?", "2025-03-04..2026-06-18", "who visited?"),
        ("during the move", "2025-03-04..2025-03-05", ""),
        ("right after the move", "2025-03-05..", ""),
        ("what did I do after my exam in May 2024?", "2024-05-11..", "what did I do?"),
        ("Wo wohnte ich vor dem Umzug?", "..2025-03-04", "Wo wohnte ich?"),
        ("Hvor boede jeg før flytningen?", "..2025-03-04", "Hvor boede jeg?"),
        ("où habitais-je avant le déménagement ?", "..2025-03-04", "où habitais-je?"),
        ("before the move and after Easter 2024", "", ""),
        ("before the flood", "", ""),
    ],
)
def test_an_anchor_is_asked_for_and_turned_into_what_lies_before_or_after_it(question: str, meant: str,
rest: str) -> None:
    said = time_words(question, NOW, moved)
    assert shown(said) == meant
    assert (said.rest if said else "") == rest


def test_an_anchor_is_asked_for_by_its_longest_phrase_first() -> None:
    asked: list[str] = []
    time_words("what did I do before the move to Aarhus?", NOW, asked.append)
    assert asked == ["the move to Aarhus", "the move to", "the move"]


@pytest.mark.parametrize(
    ("today", "question", "meant"),
    [
        ("2026-01-02", "last summer", "2025-06-01..2025-09-01"),
        ("2026-01-02", "this winter", "2025-12-01..2026-03-01"),
        ("2026-01-02", "last December", "2025-12-01..2026-01-01"),
        ("2026-01-02", "last month", "2025-12-01..2026-01-01"),
        ("2026-01-01", "last week", "2025-12-22..2025-12-29"),
        ("2026-01-04", "last weekend", "2025-12-27..2025-12-29"),  # a Sunday
        ("2026-01-05", "last weekend", "2026-01-03..2026-01-05"),  # the Monday after
        ("2026-10-05", "last summer", "2026-06-01..2026-09-01"),
        ("2026-02-20", "this summer", "2026-06-01..2026-09-01"),
        ("2026-03-31", "a month ago", "2026-02-01..2026-03-16"),
        ("2024-02-29", "a year ago", "2022-08-30..2024-01-01"),
        ("2026-12-24", "over Christmas", "2026-12-23..2026-12-28"),
        ("2026-12-22", "over Christmas", "2025-12-23..2025-12-28"),
        ("2026-06-15", "what did he say on Monday", "2026-06-08..2026-06-09"),  # a Monday
    ],
)
def test_words_mean_something_else_on_another_day(today: str, question: str, meant: str) -> None:
    assert shown(time_words(question, datetime.fromisoformat(f"{today}T10:00:00+00:00"))) == meant


@pytest.mark.parametrize(
    ("question", "meant"),
    [("last summer", "2025-12-01..2026-03-01"), ("winter 2024", "2024-06-01..2024-09-01"),
     ("summer 2024", "2023-12-01..2025-03-01"), ("this winter", "2026-06-01..2026-09-01")],
)  # fmt: skip
def test_seasons_are_those_of_the_other_hemisphere_where_that_is_said(question: str, meant: str) -> None:
    assert shown(time_words(question, NOW, south=True)) == meant


def test_today_is_the_day_of_who_asks() -> None:
    late = datetime(2026, 6, 17, 23, 30, tzinfo=UTC)
    assert shown(time_words("yesterday", late)) == "2026-06-16..2026-06-17"
    assert shown(time_words("yesterday", late.astimezone(ZoneInfo("Asia/Tokyo")))) == "2026-06-17..2026-06-18"


def test_a_range_begins_and_ends_at_midnight_where_one_is() -> None:
    zone = ZoneInfo("Europe/Copenhagen")
    begin, end = Range(date(2026, 3, 29), date(2026, 3, 30)).instants(zone)
    assert begin is not None and end is not None
    assert end.astimezone(UTC) - begin.astimezone(UTC) == timedelta(hours=23)  # clocks go forward
    assert Range(None, date(2026, 1, 1)).instants(zone)[0] is None


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("Europe/Copenhagen", "time >= 2024-04-30T22:00:00 and time < 2024-06-01"),
        ("America/New_York", "time >= 2024-05-01 and time < 2024-06-01T04:00:00"),
    ],
)
def test_as_a_filter_no_bound_is_stricter_than_instants_and_wall_times_want(zone: str, meant: str) -> None:
    assert Range(date(2024, 5, 1), date(2024, 6, 1)).filter(ZoneInfo(zone)) == meant
    parse(meant)


def test_as_a_filter_an_open_range_has_one_bound_or_none() -> None:
    assert Range(None, date(2024, 6, 1)).filter(None) == "time < 2024-06-01"
    assert Range(date(2024, 6, 1), None).filter(None) == "time >= 2024-06-01"
    assert Range(None, None).filter(None) == ""


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(2000, "2000-04-23"), (2008, "2008-03-23"), (2011, "2011-04-24"), (2024, "2024-03-31"), (2026, "2026-04-05"),
     (2038, "2038-04-25")],
)  # fmt: skip
def test_easter_is_when_it_is(year: int, sunday: str) -> None:
    assert easter(year) == date.fromisoformat(sunday)


def test_a_month_back_from_the_31st_is_the_last_of_the_month() -> None:
    assert back(Unit.MONTH, date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert back(Unit.YEAR, date(2024, 2, 29), 1) == date(2023, 2, 28)
    assert season(Season.WINTER, 2023) == Range(date(2023, 12, 1), date(2024, 3, 1))


@given(st.lists(st.sampled_from([
    "last", "week", "in", "May", "2023", "the", "before", "since", "between", "and", "3", "of", "Monday", "ago", "two",
    "Q3",
    "summer", "not", "vor", "zwei", "Wochen", "le", "mars", "dernier", "i", "maj", "for", '"', "9999", "99", "/", "år",
    "😀",
]), max_size=12))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_words_give_a_range_within_the_calendar_or_none(words: list[str]) -> None:
    question = " ".join(words)
    said = time_words(question, NOW)
    if said:
        begin, end = said.range.begin or date.min, said.range.end or date.max
        assert begin < end
        assert question[said.span[0] : said.span[1]] == said.words
        assert said.words not in said.rest or said.words in said.rest.split() or question.count(said.words) > 1


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_a_fault(text: str) -> None:
    time_words(text, NOW, lambda phrase: None)


def test_a_long_question_is_read_in_a_moment() -> None:
    began = datetime.now()
    time_words("before the " * 20_000 + "in may " * 20_000, NOW)
    assert datetime.now() - began < timedelta(seconds=2)
