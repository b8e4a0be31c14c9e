"""Real text that is wherever Python is, and an oracle that reads facts by turning the forms around."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

from eval.needles.classes import make
from eval.needles.forms import FORMS, Form
from eval.needles.names import Known
from eval.needles.needle import Kind, Needle

Oracle = Callable[[str, Iterable[str]], set[str]]


@pytest.fixture(scope="session")
def unknown() -> Known:
    """A haystack that knows no word."""
    return lambda word: False


@pytest.fixture(scope="session")
def needles(unknown: Known) -> Callable[..., list[Needle]]:
    """So many needles of a class, made once."""
    made: dict[tuple[Kind, int, int], list[Needle]] = {}

    def draw(kind: Kind, count: int = 60, hops: int = 2) -> list[Needle]:
        if (kind, count, hops) not in made:
            made[kind, count, hops] = make(kind, count, 5, unknown, hops=hops)
        return made[kind, count, hops]

    return draw


@pytest.fixture(scope="session")
def real() -> list[str]:
    """Paragraphs of the standard library's docstrings: English that people wrote, about some hundred subjects."""
    found: list[str] = []
    for file in sorted(Path(ast.__file__).parent.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                found += [part for part in text.split("\n\n") if len(part.split()) >= 8]
        if len(found) > 3000:
            break
    return list(dict.fromkeys(found))


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """Answers a question of forms from texts: what the texts say of whom the question names, link by link."""

    def read(question: str, texts: Iterable[str]) -> set[str]:
        held = list(texts)
        return {
            value
            for form in FORMS
            for pattern in form.questions
            if (found := pattern_of(pattern).fullmatch(question))
            for subject in resolved(found["s"], held)
            for value in said(form, subject, held)
        }

    return read


def resolved(phrase: str, texts: list[str]) -> set[str]:
    """The names that a phrase stands for: itself, or what the texts say of the phrase within."""
    found = {
        value
        for form in FORMS
        if (inner := pattern_of(form.phrase).fullmatch(phrase))
        for subject in resolved(inner["s"], texts)
        for value in said(form, subject, texts)
    }
    return found or {bare(phrase)}


def said(form: Form, subject: str, texts: list[str]) -> set[str]:
    """The values that texts give a subject in a form."""
    return {
        bare(found["v"])
        for statement in form.statements
        for text in texts
        for found in pattern_of(statement).finditer(text)
        if bare(found["s"]) == subject
    }


@cache
def pattern_of(template: str) -> re.Pattern[str]:
    """A template turned around. Names are words with capitals, in quotes or after an article, or digits."""
    name = r"(?:“[^”]+”|(?:[Tt]he )?[A-Z]\w+(?: (?:and )?[A-Z]\w+)*|\d{6})"
    sides = re.split(r"\{([sv])\}", template)
    phrase = ".+" if "{v}" not in template else name
    parts = [re.escape(part) if at % 2 == 0 else f"(?P<{part}>{phrase if part == 's' else name})"
             for at, part in enumerate(sides)]  # fmt: skip
    parts[0] = "".join(f"[{x}{x.swapcase()}]" if at == 0 and x.isalpha() else x for at, x in enumerate(parts[0]))
    return re.compile("".join(parts))


def bare(name: str) -> str:
    """A name without article and quotes."""
    return name.strip("“”") if "“" in name else re.sub(r"^[Tt]he (?=[A-Z]\w+ [A-Z]\w+$)", "", name)
