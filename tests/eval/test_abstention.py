"""Ways of saying that it is not there, and what says something else."""

from __future__ import annotations

import pytest

from eval.abstention import Abstentions, absent, abstentions
from eval.intervals import wilson


@pytest.mark.parametrize(
    "text",
    [
        "The corpus does not contain this.", "I don't know.", "Unknown", "It is unknown.", "Not stated.", "N/A",
        "NONE.", "No answer.",
        "The height is not given in the passages.", "There is no mention of it.",
        "It cannot be determined from the passages.",
        "I'm not sure who that was.", "Nobody knows.", "Sorry, not specified.", "The keeper is not named.",
        "We found no record of him.",
        "Nothing is known of the keeper.", "The passages don’t say.", "The mayor remains unknown.",
        "The corpus does not contain this. It speaks of the ferry only.",
        "Die Passagen enthalten diese Information nicht.", "Das ist nicht bekannt.",
        "Le corpus ne contient pas cette information.",
        "Aucune information.", "El corpus no contiene esta información.", "No lo sé.",
        "Il corpus non contiene questa informazione.",
        "O corpus não contém isto.", "Het corpus bevat dit niet.", "Nie wiadomo.", "Nu se menționează.",
        "Корпус не содержит этой информации.", "Неизвестно.", "Δεν αναφέρεται.", "Bu bilgi metinlerde yer almıyor.",
        "Không có thông tin.", "لا يوجد ذكر لذلك", "इसका उल्लेख नहीं है।", "ไม่พบข้อมูล", "语料库中没有提到。",
        "无法确定。",
        "コーパスには記載されていません。", "わかりません。", "말뭉치에는 그 정보가 없습니다.", "알 수 없습니다.",
    ],
)  # fmt: skip
def test_an_abstention_is_known_in_many_words_and_languages(text: str) -> None:
    assert absent(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "  ", "It is 57.", "The keeper is a well-known person.", "The passage mentions the keeper.",
        "It lies somewhere in the region.",
        "The tomb of the Unknown Soldier is in Dravel.", "The ferry does not run on Sundays.", "Es ist 57.",
        "Der Leuchtturm ist 46 m hoch.",
        "La clé est à Dravel.", "El faro no funciona los domingos.", "灯塔高46米。", "灯台は46メートルです。",
        "Маяк высотой 46 метров.",
        "The height is 46 m [1]. Its keeper is not named in the passages.",
    ],
)  # fmt: skip
def test_a_claim_however_vague_is_no_abstention(text: str) -> None:
    assert not absent(text)


def test_abstentions_are_counted_in_a_table_of_four() -> None:
    pairs = [(True, True)] * 8 + [(True, False)] * 2 + [(False, True)] * 1 + [(False, False)] * 9
    found = abstentions(pairs)
    assert found == Abstentions(8, 2, 1, 9)
    assert found.recall == wilson(8, 10)
    assert found.precision == wilson(8, 9)
    assert found.wrong == wilson(1, 10)


def test_without_questions_every_share_is_open() -> None:
    found = abstentions([])
    assert found.recall == found.precision == found.wrong == (0.0, 0.0, 1.0)
