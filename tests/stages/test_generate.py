"""The answer rests on what was read: numbers checked, absence admitted, deadlines and windows respected."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stage_toys import Scripted, count_words, passage, ranking

from cascade.absence import ABSENT, abstains
from cascade.citations import checked
from cascade.config import GenerateConfig
from cascade.data import Block, Context, Effort, Passage, Ranking
from cascade.models.base import Prompt, Reader
from cascade.sentences import sentences
from cascade.stages.generate import EXTRACT, LATE, MISSING, Generate
from cascade.stages.pack import Pack

TOWER = passage("tower", "The Eiffel Tower is 330 metres tall. It was finished in 1889.", title="Eiffel Tower")
TOKYO = passage("tokyo", "Tokyo is the capital of Japan. It has 14 million inhabitants.", title="Tokyo")
MOSS = passage("moss", "Moss grows on the shaded side of trees.", title="Moss")


def packed(*passages: Passage, question: str = "How tall is the Eiffel Tower?", **more: object) -> Context:
    return Pack(1000, count_words).run(ranking(passages, question, **more))  # type: ignore[arg-type]


def blocks(*texts: str) -> list[Block]:
    return [Block(i, f"[{i}]", text, ()) for i, text in enumerate(texts, 1)]


def test_a_cited_claim_carries_the_sentence_that_supports_it() -> None:
    answer = Generate(Scripted(lambda p: "It is 330 metres tall [1].")).run(packed(TOWER, TOKYO))
    assert answer.text == "It is 330 metres tall [1]."
    assert [(c.number, c.quote) for c in answer.citations] == [(1, "The Eiffel Tower is 330 metres tall.")]
    assert (answer.abstained, answer.unknown, answer.reader) == (False, (), "scripted")


@pytest.mark.parametrize(
    ("said", "text", "cited", "unknown"),
    [
        ("Tall [1][2].", "Tall [1][2].", [1, 2], ()),
        ("Tall [1, 2].", "Tall [1, 2].", [1, 2], ()),
        ("Tall [1-2].", "Tall [1-2].", [1, 2], ()),
        ("Tall [1 and 2].", "Tall [1 and 2].", [1, 2], ()),
        ("Tall 【2】.", "Tall 【2】.", [2], ()),
        ("Tall [1, 9].", "Tall [1].", [1], (9,)),
        ("Zzz qqq [9].", "Zzz qqq.", [], (9,)),
        ("Tall. [2] Small. [1]", "Tall. [2] Small. [1]", [2, 1], ()),
        ("Tall [1-999999999999].", "Tall [1].", [1], (999999999,)),
        ("Use `rows[0]` [1].", "Use `rows[0]` [1].", [1], ()),
        ("See [1](http://x).", "See [1](http://x).", [], ()),
    ],
)
def test_numbers_are_read_in_every_shape(said: str, text: str, cited: list[int], unknown: tuple[int, ...]) -> None:
    found = checked(said, "", blocks("Tall as can be.", "Small and tall."), 2.0)
    assert (found.text, [c.number for c in found.citations], found.unknown) == (text, cited, unknown)


BITS = ["[1]", "[2, 7]", "[1-3]", "【5】", "[", "]", "`", ". ", "tall ", "\n\n", "是。", "9", "\0"]
SAID = st.lists(st.sampled_from(BITS)).map("".join)


@given(SAID)
@example("[【5】9]")
@example("[\09]")
def test_whatever_is_said_only_numbers_that_exist_are_cited(said: str) -> None:
    read = blocks("Tall as can be.", "Small and tall.")
    found = checked(said, "how tall", read, 0.7)
    assert {citation.number for citation in found.citations} <= {1, 2}
    assert not {1, 2} & set(found.unknown)
    if "`" not in said:
        again = checked(found.text, "how tall", read, 2.0)
        assert again.unknown == ()


def test_a_supported_claim_without_a_number_gets_one() -> None:
    found = checked("The Eiffel Tower was finished in 1889.", "When?", blocks(TOKYO.text, TOWER.text), 0.7)
    assert found.text == "The Eiffel Tower was finished in 1889 [2]."


def test_a_wrong_number_is_no_support() -> None:
    found = checked("The Eiffel Tower was finished in 1899.", "When?", blocks(TOKYO.text, TOWER.text), 0.7)
    assert (found.text, found.citations) == ("The Eiffel Tower was finished in 1899.", ())


def test_a_one_word_answer_is_found_beside_the_words_of_the_question() -> None:
    question = "What is the capital of Japan?"
    found = checked("Tokyo", question, blocks("He flew to Tokyo once.", TOKYO.text), 0.7)
    assert [(c.number, c.quote) for c in found.citations] == [(2, "Tokyo is the capital of Japan.")]


def test_a_citation_without_a_shared_word_has_no_quote() -> None:
    assert checked("Bananas are yellow [1].", "", blocks(TOWER.text), 0.7).citations[0].quote == ""


def test_chinese_claims_find_their_sentence() -> None:
    read = blocks("苔藓生长在树上。", "东京是日本的首都。人口很多。")
    found = checked("东京是日本的首都。", "日本的首都是哪里？", read, 0.7)
    assert [(c.number, c.quote) for c in found.citations] == [(2, "东京是日本的首都。")]


@pytest.mark.parametrize(
    "said",
    [
        ABSENT,
        "The corpus does not contain this",
        "I'm sorry, but the provided context doesn't mention the height of the tower.",
        "The passages provided do not contain any information about that. [1]",
        "There is no information about this in the documents.",
        "The answer is not mentioned in the given text.",
        "I cannot answer that from the passages.",
        "I don't know.",
        "NONE",
        "  ",
    ],
)
def test_every_way_of_saying_that_it_is_not_there_is_one_abstention(said: str) -> None:
    answer = Generate(Scripted(lambda p: said)).run(packed(MOSS))
    assert (answer.text, answer.abstained, answer.citations) == (ABSENT, True, ())


@pytest.mark.parametrize(
    "said",
    [
        "The tower is 330 metres tall [1]. The passages do not mention its weight.",
        "The passage says the treaty does not include Norway [1].",
        "The information was not encrypted [1].",
        "No [1].",
        "He did not vote [1].",
    ],
)
def test_a_cited_claim_is_no_abstention(said: str) -> None:
    assert not abstains(said)


def test_without_context_the_reader_is_not_asked() -> None:
    reader = Scripted(lambda p: "Something [1].")
    answer = Generate(reader).run(packed())
    assert (answer.text, answer.abstained, reader.prompts) == (ABSENT, True, [])


def test_below_the_floor_the_reader_is_not_asked() -> None:
    reader = Scripted(lambda p: "Something [1].")
    answer = Generate(reader, GenerateConfig(floor=0.5)).run(packed(TOWER, relevance=0.4))
    assert (answer.abstained, reader.prompts) == (True, [])
    assert not Generate(reader, GenerateConfig(floor=0.3)).run(packed(TOWER, relevance=0.4)).abstained


def test_the_stream_is_what_the_reader_says_and_returns_the_checked_answer() -> None:
    stream = Generate(Scripted(lambda p: "It is 330 metres tall [1, 8].")).stream(packed(TOWER))
    pieces = []
    while True:
        try:
            pieces.append(next(stream))
        except StopIteration as done:
            answer = done.value
            break
    assert "".join(pieces).strip() == "It is 330 metres tall [1, 8]."
    assert (answer.text, answer.unknown) == ("It is 330 metres tall [1].", (8,))


def test_the_ledger_counts_what_was_read_and_said() -> None:
    context = packed(TOWER, TOKYO, trace=("tower", "tokyo"))
    Generate(Scripted(lambda p: "It is 330 metres tall [1].")).run(context)
    row = context.query.ledger.entries[-1].as_json()
    assert {name: row[name] for name in ("name", "in", "out", "reader", "answer_tokens")} == {
        "name": "generate", "in": 2, "out": 1, "reader": "scripted", "answer_tokens": 6,
    }  # fmt: skip
    fates = [(f.passage, f.kept, f.why) for f in context.query.ledger.fates if f.stage == "generate"]
    assert fates == [("tower", True, "cited as [1]"), ("tokyo", False, "read as [2] and not cited")]


class Slow:
    """A reader that takes its time over each word."""

    name, window = "slow", 1000

    def count(self, text: str) -> int:
        return count_words(text)

    def read(self, prompt: Prompt, most: int = 256) -> Iterator[str]:
        for word in ["The Eiffel Tower", " is 330 metres tall", " and", " more"] * 20:
            time.sleep(0.01)
            yield word


def test_when_time_runs_out_what_was_said_is_kept() -> None:
    context = packed(TOWER, deadline=0.0)
    object.__setattr__(context.query, "deadline", context.query.ledger.elapsed + 0.05)
    answer = Generate(Slow()).run(context)
    assert answer.text.startswith("The Eiffel Tower is 330")
    assert count_words(answer.text) < 80
    assert context.query.ledger.entries[-1].notes["late"] is True


def test_a_deadline_passed_before_reading_is_said_and_is_no_claim_of_absence() -> None:
    context = packed(TOWER, deadline=0.0)
    answer = Generate(Scripted(lambda p: "x")).run(context)
    assert (answer.text, answer.abstained) == (LATE, True)


def windows(given: Ranking) -> tuple[Context, ...]:
    return tuple(
        Pack(1000, count_words).run(Ranking(given.query, given.candidates, (one,))) for one in given.ranked
    )


def deep(prompt: Prompt) -> str:
    """Notes the first sentence of the first block; then repeats its notes."""
    if prompt.system == MISSING:
        return "NONE"
    if prompt.system != EXTRACT:
        return prompt.context.replace("\n", " ")
    header, _, text = prompt.context.partition("\n")
    if "Moss" in header:
        return "NONE"
    start, end = sentences(text)[0]
    return f"{text[start : end - 1]} {header[: header.index(']') + 1]}."


def test_high_effort_reads_window_by_window_and_keeps_the_numbers() -> None:
    context = packed(TOWER, MOSS, TOKYO, effort=Effort.HIGH)
    answer = Generate(Scripted(deep), windows=windows).run(context)
    assert answer.text == "The Eiffel Tower is 330 metres tall [1]. Tokyo is the capital of Japan [3]."
    assert [c.block.ranked[0].passage.id for c in answer.citations] == ["tower", "tokyo"]
    assert [block.header for block in answer.context.blocks] == ["[1] Eiffel Tower", "[2] Moss", "[3] Tokyo"]
    assert context.query.ledger.entries[-1].notes["windows"] == 3


def test_normal_effort_reads_once() -> None:
    reader = Scripted(lambda p: "It is 330 metres tall [1].")
    Generate(reader, windows=windows, follow=lambda text: packed(TOKYO)).run(packed(TOWER, TOKYO))
    assert len(reader.prompts) == 1


def test_what_is_missing_is_searched_for_within_the_rounds() -> None:
    asked: list[str] = []

    def follow(text: str) -> Context:
        asked.append(text)
        return packed(TOKYO)

    reader = Scripted(lambda p: f"capital of Japan {len(asked)}" if p.system == MISSING else deep(p))
    answer = Generate(reader, windows=windows, follow=follow).run(packed(TOWER, effort=Effort.HIGH))
    assert asked == ["capital of Japan 0"]
    assert answer.text == "The Eiffel Tower is 330 metres tall [1]. Tokyo is the capital of Japan [2]."
    Generate(reader, windows=windows, follow=follow).run(packed(TOWER, effort=Effort.MAX))
    assert asked == ["capital of Japan 0", "capital of Japan 1", "capital of Japan 2"]


def test_when_nothing_is_missing_the_context_itself_is_read() -> None:
    reader = Scripted(lambda p: "NONE" if p.system in (MISSING, EXTRACT) else "It is 330 metres tall [1].")
    context = packed(TOWER, effort=Effort.HIGH)
    answer = Generate(reader, follow=lambda text: packed(TOKYO)).run(context)
    assert not answer.abstained
    assert reader.prompts[-1].context == context.text


def test_when_no_window_says_anything_the_answer_is_absence() -> None:
    reader = Scripted(lambda p: "NONE")
    answer = Generate(reader, windows=windows).run(packed(TOWER, TOKYO, effort=Effort.HIGH))
    assert (answer.text, answer.abstained) == (ABSENT, True)


def test_the_toys_are_readers() -> None:
    assert isinstance(Scripted(deep), Reader) and isinstance(Slow(), Reader)


def test_sentences_end_where_people_end_them() -> None:
    text = "Dr. Smith paid 3.50. Was it much? “Yes!” he said.\n\nno stop here\n你好。再见"
    assert [text[a:b] for a, b in sentences(text)] == [
        "Dr. Smith paid 3.50.", "Was it much?", "“Yes!” he said.", "no stop here\n你好。", "再见",
    ]  # fmt: skip
