import re
from itertools import pairwise

from eval.needles.forms import FORMS
from eval.needles.needle import Kind
from eval.needles.times import CHANGING, dates, written


def test_half_of_the_forms_can_change_and_no_birthplace_does():
    assert len(CHANGING) >= 15
    assert not any("born" in form.statements[0] or "grave" in form.statements[0] for form in CHANGING)
    assert len(CHANGING) < len(FORMS)


def test_of_the_accounts_of_a_subject_the_newest_holds(needles):
    for needle in needles(Kind.CONFLICT):
        accounts = sorted((one.time, one) for one in needle.records if needle.subjects[0] in one.fact)
        assert len({time for time, _ in accounts}) == len(accounts) == 3
        assert accounts[-1][1].key == needle.relevant[0]
        assert needle.answers[0] in accounts[-1][1].fact


def test_the_newest_record_of_all_is_about_a_sibling(needles):
    for needle in needles(Kind.CONFLICT):
        newest = max(needle.records, key=lambda one: one.time)
        assert newest.key not in needle.relevant
        assert needle.subjects[0] not in newest.text


def test_the_date_of_a_record_is_written_in_its_fact(needles):
    for kind in (Kind.CONFLICT, Kind.UPDATED):
        for one in (one for needle in needles(kind) for one in needle.records):
            year, month, day = (int(part) for part in one.time.split("-"))
            assert re.search(rf"\b{day} [A-Z][a-z]+ {year}\b", one.fact)
            assert 1 <= month <= 12


def test_an_update_comes_after_with_a_later_date(needles):
    for needle in needles(Kind.UPDATED):
        own = [one for one in needle.records if needle.subjects[0] in one.fact]
        old, new = sorted(own, key=lambda one: one.time)
        assert (old.after, new.after) == (False, True)
        assert needle.rivals[0] in old.fact
        assert needle.answers[0] in new.fact
        assert needle.relevant == (new.key,)


def test_every_second_update_replaces_its_record_and_the_others_stand_beside(needles):
    for number, needle in enumerate(needles(Kind.UPDATED)):
        keys = [one.key for one in needle.records if needle.subjects[0] in one.fact]
        assert len(set(keys)) == (1 if number % 2 == 0 else 2)
        assert re.search(r" (now|today|at present)\?$", needle.question)


def test_the_year_asked_for_lies_within_one_term_and_is_written_in_no_term(needles):
    for needle in needles(Kind.TIME_BOUNDED):
        year = int(re.search(r"in (\d{4})\?", needle.question)[1])
        terms = {}
        for one in needle.records:
            years = [int(found) for found in re.findall(r"\b(1[89]\d\d|20\d\d)\b", one.fact)]
            if len(years) == 2:
                terms[one.key] = years
            else:
                assert years == [year]  # the trap
        own = [key for key in terms if needle.subjects[0] in next(o.fact for o in needle.records if o.key == key)]
        assert len(own) == 4
        assert [key for key in own if terms[key][0] < year < terms[key][1]] == list(needle.relevant)
        assert all(year not in years for years in terms.values())


def test_terms_of_a_subject_follow_one_another(needles):
    for needle in needles(Kind.TIME_BOUNDED):
        spans = sorted(
            [int(found) for found in re.findall(r"\b\d{4}\b", one.fact)]
            for one in needle.records
            if needle.subjects[0] in one.fact and len(re.findall(r"\b\d{4}\b", one.fact)) == 2
        )
        assert all(this[1] == then[0] for this, then in pairwise(spans))


def test_a_sibling_holds_a_term_over_the_year_asked_for(needles):
    for needle in needles(Kind.TIME_BOUNDED):
        year = int(re.search(r"in (\d{4})\?", needle.question)[1])
        other = next(one for one in needle.records if needle.subjects[0] not in one.fact)
        begin, end = (int(found) for found in re.findall(r"\b\d{4}\b", other.fact))
        assert begin < year < end


def test_days_are_written_out():
    from datetime import date

    assert written(date(2019, 5, 3)) == "3 May 2019"


def test_dates_ascend_by_two_months_at_least(unknown):
    from random import Random
    from types import SimpleNamespace

    days = dates(SimpleNamespace(random=Random(1)), 50)
    assert all((then - this).days >= 60 for this, then in pairwise(days))
