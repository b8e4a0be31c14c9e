"""Facts in ten languages besides English, asked in their own language or, every second one, in English.

Asked across languages, names are in Latin letters in question and fact; else in the script of the language.
Knows phrases; knows nothing of the other classes.
"""

from __future__ import annotations

from typing import Final

from eval.needles.filler import Filler
from eval.needles.phrases import PEOPLE, PLACES, SYLLABLES, TONGUES, Said
from eval.needles.scene import Draft, Plan, Scene

LANGUAGES: Final = tuple(name for name in TONGUES if name != "en")


def language(scene: Scene) -> Plan:
    """Languages in turn; three siblings with the same form in the same language."""
    tongue = LANGUAGES[scene.number // 2 % len(LANGUAGES)]
    crossing = bool(scene.number % 2)
    script = "latin" if crossing else TONGUES[tongue].script
    said = scene.random.choice(list(Said))
    subjects = siblings(scene, script, 4, said is Said.BORN)
    values = [_value(scene, said, script) for _ in subjects]
    statement, own = TONGUES[tongue].said[said]
    question = TONGUES["en"].said[said][1] if crossing else own
    facts = [statement.format(s=subject, v=value) for subject, value in zip(subjects, values, strict=True)]
    return Plan(
        question.format(s=subjects[0]),
        tuple(Draft(fact, relevant=at == 0) for at, fact in enumerate(facts)),
        (values[0],),
        tuple(values[1:]),
        (subjects[0],),
        f"en>{tongue}" if crossing else tongue,
        around=Filler(TONGUES[tongue].around),
    )


def siblings(scene: Scene, script: str, count: int, people: bool) -> list[str]:
    """Names around one made-up word."""
    word, patterns = _word(scene, script), (PEOPLE if people else PLACES)[script]
    return [pattern.format(word) for pattern in scene.random.sample(patterns, count)]


def _value(scene: Scene, said: Said, script: str) -> str:
    if said is Said.CODE:
        return scene.names.number()
    return siblings(scene, script, 1, said in (Said.KEEPER, Said.CAPTAIN))[0]


def _word(scene: Scene, script: str) -> str:
    if script not in SYLLABLES:
        return scene.names.word()
    parts, sizes, ends = SYLLABLES[script]
    random = scene.random

    def draw() -> str:
        body = "".join(random.choice(parts) for _ in range(random.choice(sizes)))
        return (body + random.choice(ends)).capitalize()

    return scene.names.fresh(draw, lambda word: word)
