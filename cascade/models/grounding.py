"""Whether an answer says something, and nothing that its context does not hold. For readers too small to be trusted.

Compares words, so it cannot see a fact turned round. Knows text; knows nothing of models.
"""

from __future__ import annotations

from cascade.models.extractive import named, terms

STRANGE = 0.34
"""Share of an answer's own words that may be missing from the context: small words of its own phrasing."""


def grounded(answer: str, question: str, context: str) -> bool:
    """Whether an answer adds to the question, brings no name or number of its own, and keeps to the context's words.

    Names are words with a capital or a digit past the first word of the answer.
    """
    asked, there = set(terms(question)), set(terms(context))
    said = set(terms(answer))
    added = said - asked
    if not added & there or (named(answer) - asked) - there:
        return False
    return len(added - there) <= STRANGE * len(added)
