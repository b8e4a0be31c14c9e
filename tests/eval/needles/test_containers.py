"""Facts in tables, code and mail threads."""

from __future__ import annotations

import ast
import configparser
import csv
import json
import re
from email import message_from_string

import pytest

from eval.needles.classes import make
from eval.needles.needle import Depth, Kind, words
from eval.needles.sources import SETTINGS
from eval.needles.tables import SHEETS

INSIDE = (Kind.IN_TABLE, Kind.IN_CODE, Kind.IN_MAIL)


def cells(text):
    """Heading and rows of a table, Markdown or comma-separated."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#") and "---" not in line]
    if lines[0].startswith("|"):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    else:
        rows = list(csv.reader(lines))
    return rows[0], {row[0]: row[1:] for row in rows[1:]}


def asked_cell(needle, text):
    head, rows = cells(text)
    column = next(at for at, name in enumerate(head[1:]) if f" {name.lower()} of " in needle.question)
    return rows[needle.subjects[0]][column]


def test_the_edition_the_question_names_holds_the_answer_and_the_other_a_rival(needles):
    for needle in needles(Kind.IN_TABLE):
        year = re.search(r"for (\d{4}) give", needle.question)[1]
        named = next(one for one in needle.records if one.title.endswith(year))
        other = next(one for one in needle.records if not one.title.endswith(year))
        assert needle.relevant == (named.key,)
        assert asked_cell(needle, named.text) == needle.answers[0]
        assert asked_cell(needle, other.text) in needle.rivals


def test_a_table_has_four_siblings_of_its_row_and_both_syntaxes_come(needles):
    starts = set()
    for needle in needles(Kind.IN_TABLE):
        _, rows = cells(needle.records[0].text)
        shared = [sum(word in name for name in rows) for word in needle.subjects[0].split()]
        assert max(shared) >= 5
        starts.add(needle.records[0].text[:2])
    assert starts == {"# ", "##"}
    assert len({needle.records[0].title.rpartition(",")[0] for needle in needles(Kind.IN_TABLE)}) == len(SHEETS)


def test_the_span_is_the_row(needles):
    for needle in needles(Kind.IN_TABLE):
        one = next(one for one in needle.records if one.key in needle.relevant)
        assert one.fact in one.text.splitlines()
        assert needle.subjects[0] in one.fact


@pytest.mark.parametrize("position", [0.0, 0.5, 1.0])
def test_a_row_lies_at_its_depth(unknown, position):
    for needle in make(Kind.IN_TABLE, 8, 2, unknown, Depth(300, position)):
        one = next(one for one in needle.records if one.key in needle.relevant)
        _, rows = cells(one.text)
        assert len(words(one.text)) >= 300
        assert list(rows).index(needle.subjects[0]) == round(position * (len(rows) - 1))


def settings(one):
    """The settings of a file by name, read by a parser of its syntax."""
    if one.title.endswith(".py"):
        tree = ast.parse(one.text)
        return {node.targets[0].id: str(node.value.value) for node in tree.body if isinstance(node, ast.Assign)}
    if one.title.endswith(".json"):
        return {key.upper(): str(value) for key, value in json.loads(one.text)["settings"].items()}
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",))
    parser.read_string(one.text)
    return {key.upper(): value for section in parser.sections() for key, value in parser[section].items()}


def test_every_file_parses_and_the_one_asked_for_has_the_answer(needles):
    for needle in needles(Kind.IN_CODE):
        key = next(key for key, meaning in SETTINGS if f"the {meaning} of" in needle.question)
        values = {one.key: settings(one)[key] for one in needle.records}
        assert values[needle.relevant[0]] == needle.answers[0]
        assert {value for at, value in values.items() if at not in needle.relevant} <= set(needle.rivals)


def test_the_question_names_service_and_environment_of_one_file(needles):
    for needle in needles(Kind.IN_CODE):
        service = re.search(r"of the (\w+) (\w+) in production", needle.question)
        path = f"{service[1].lower()}_{service[2]}/production."
        assert [one.key for one in needle.records if one.title.startswith(path)] == list(needle.relevant)
        assert all(one.title.startswith(service[1].lower()) for one in needle.records)


def test_an_old_value_in_a_comment_is_a_rival(needles):
    for needle in needles(Kind.IN_CODE):
        one = next(one for one in needle.records if one.key in needle.relevant)
        told = [rival for rival in needle.rivals if rival in one.text]
        assert len(told) == (0 if one.title.endswith(".json") else 1)
        assert not [rival for rival in needle.rivals if rival in one.fact]


@pytest.mark.parametrize("position", [0.0, 1.0])
def test_a_definition_lies_at_its_depth(unknown, position):
    for needle in make(Kind.IN_CODE, 9, 2, unknown, Depth(400, position)):
        one = next(one for one in needle.records if one.key in needle.relevant)
        assert len(words(one.text)) >= 400
        named = list(settings(one)).index(
            next(key for key, value in settings(one).items() if value == needle.answers[0])
        )
        assert named == (0 if position == 0 else len(settings(one)) - 1 - one.title.endswith(".json"))


def mails(text):
    """The mails of a thread."""
    return [message_from_string(part) for part in re.split(r"\n\n(?=From: )", text)]


def test_the_fact_is_in_one_mail_of_one_thread(needles, oracle):
    for needle in needles(Kind.IN_MAIL):
        one = next(one for one in needle.records if one.key in needle.relevant)
        holding = [mail for mail in mails(one.text) if needle.answers[0] in mail.get_payload()]
        assert len(holding) == 1
        assert oracle(needle.question, [holding[0].get_payload()]) == set(needle.answers)
        assert oracle(needle.question, [other.text for other in needle.records]) == set(needle.answers)


def test_a_thread_goes_to_and_fro_under_one_subject_line(needles):
    for needle in needles(Kind.IN_MAIL):
        for one in needle.records:
            thread = mails(one.text)
            assert len(thread) >= 4
            assert {mail["Subject"].removeprefix("Re: ") for mail in thread} == {one.title}
            assert [mail["From"] for mail in thread[1:]] == [mail["To"] for mail in thread[:-1]]
            assert all("\n> " in mail.get_payload() for mail in thread[1:])


@pytest.mark.parametrize("position", [0.0, 0.5, 1.0])
def test_a_mail_lies_at_its_depth(unknown, position):
    for needle in make(Kind.IN_MAIL, 8, 2, unknown, Depth(500, position)):
        one = next(one for one in needle.records if one.key in needle.relevant)
        holding = [needle.answers[0] in mail.get_payload() for mail in mails(one.text)]
        assert holding.index(True) == round(position * (len(holding) - 1))
        assert len(words(one.text)) >= 400


@pytest.mark.parametrize("kind", INSIDE)
def test_facts_lie_in_many_places_when_no_depth_is_asked_for(needles, kind):
    starts = {one.span[0] * 10 // len(one.text) for needle in needles(kind) for one in needle.records}
    assert len(starts) >= 5
