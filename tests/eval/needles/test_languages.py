import re

from eval.needles.languages import LANGUAGES
from eval.needles.needle import Kind
from eval.needles.phrases import PEOPLE, PLACES, SYLLABLES, TONGUES, Said

SCRIPTS = {
    "latin": r"[A-Za-z ]+",
    "cyrillic": r"[А-Яа-яё ]+",
    "han": r"[\u4e00-\u9fff·]+",
    "kana": r"[ァ-ヴー・\u4e00-\u9fff]+",
}


def test_ten_languages_say_all_five_facts():
    assert {"de", "fr", "es", "it", "pt", "nl", "pl", "ru", "zh", "ja"} == set(LANGUAGES)
    for tongue in TONGUES.values():
        assert set(tongue.said) == set(Said)
        assert all(fact.count("{s}") == fact.count("{v}") == 1 for fact, _ in tongue.said.values())
        assert all(question.count("{s}") == 1 and "{v}" not in question for _, question in tongue.said.values())


def test_every_language_comes_asked_in_itself_and_in_english(needles):
    asked = {needle.language for needle in needles(Kind.LANGUAGE)}
    assert asked == {*LANGUAGES, *(f"en>{name}" for name in LANGUAGES)}


def test_names_are_in_the_script_of_the_language_and_in_latin_letters_across_languages(needles):
    for needle in needles(Kind.LANGUAGE):
        script = "latin" if ">" in needle.language else TONGUES[needle.language].script
        assert re.fullmatch(SCRIPTS[script], needle.subjects[0])
        assert re.fullmatch(rf"{SCRIPTS[script]}|\d+", needle.answers[0])


def test_the_question_names_the_subject_and_is_of_its_language(needles):
    for needle in needles(Kind.LANGUAGE):
        asked, _, told = needle.language.rpartition(">")
        patterns = [question.format(s=needle.subjects[0]) for _, question in TONGUES[asked or told].said.values()]
        assert needle.question in patterns


def test_three_siblings_say_the_same_in_the_same_language(needles):
    for needle in needles(Kind.LANGUAGE):
        told = TONGUES[needle.language.rpartition(">")[2]]
        statements = [re.escape(fact).replace(r"\{s\}", ".+").replace(r"\{v\}", ".+") for fact, _ in told.said.values()]
        forms = {next(i for i, one in enumerate(statements) if re.fullmatch(one, o.fact)) for o in needle.records}
        assert len(needle.records) == 4
        assert len(forms) == 1
        assert len(needle.rivals) == 3


def test_the_sentences_around_are_of_the_language(needles):
    for needle in needles(Kind.LANGUAGE):
        around = TONGUES[needle.language.rpartition(">")[2]].around
        assert all(any(sentence in one.text for sentence in around) for one in needle.records)


def test_no_name_of_a_script_is_part_of_another_of_its_kind():
    for names in (PEOPLE, PLACES):
        for patterns in names.values():
            filled = [pattern.format("X") for pattern in patterns]
            assert not [(a, b) for a in filled for b in filled if a is not b and a in b]
    assert set(SYLLABLES) == set(PLACES) - {"latin"}
