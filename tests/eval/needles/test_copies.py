from eval.needles.needle import Kind


def test_seven_copies_differ_in_the_fact_alone(needles):
    for needle in needles(Kind.NEAR_DUPLICATE):
        assert len(needle.records) == 7
        texts = [one.text.split() for one in needle.records]
        assert len({len(words) for words in texts}) == 1
        differing = [at for at, column in enumerate(zip(*texts, strict=True)) if len(set(column)) > 1]
        assert 2 <= len(differing) <= 3  # which one, and a number or a first and a last name


def test_the_question_names_the_copy_that_holds_the_answer(needles):
    for needle in needles(Kind.NEAR_DUPLICATE):
        asked = set(needle.question.rstrip("?").split())
        texts = {one.key: {word.rstrip(".") for word in one.text.split()} for one in needle.records}
        common = set.intersection(*texts.values())
        assert [key for key, words in texts.items() if asked & (words - common)] == list(needle.relevant)


def test_every_copy_holds_the_subject(needles):
    for needle in needles(Kind.NEAR_DUPLICATE):
        assert all(needle.subjects[0] in one.text for one in needle.records)
        assert len(needle.rivals) == 6
