"""Whether an answer says that the answer is not there. Readers are told one wording and use many.

Knows English phrases and citations; knows nothing of readers or contexts. An answer that cites something for another
claim is never taken for an abstention, however much it also says is missing.
"""

from __future__ import annotations

import re

from cascade.citations import cites, claims

ABSENT = "The corpus does not contain this."
"""What an answer says when nothing was found; also what the reader is told to say."""

_SOURCE = r"(?:corpus|context|passages?|documents?|sources?|texts?|excerpts?|information|extracts?|notes?)"
_BETWEEN = r"(?:(?:provided|given|above|here|in|the|corpus|retrieved|supplied|[\[\]\d, ]+)\s*){0,4}"
_NOT = r"(?:(?:do|does|did|is|are|was|were|has|have)\s*(?:not|n['’]t)|no)"
_HOLD = (
    r"(?:contain|mention|provid|includ|specif|state|say|answer|give|have|hold|describ|discuss|list|explain|address|cover|"
    r"indicat|reveal|tell|talk|refer|available|sufficient|enough|found|present|there)"
)
_PATTERNS = (
    rf"\b{_SOURCE}\s+{_BETWEEN}{_NOT}\s+(?:\w+\s+){{0,2}}?{_HOLD}",
    rf"\b{_SOURCE}\s+{_BETWEEN}(?:(?:contain|provide|mention|give|have)s? no|says? nothing)\b",
    rf"\b(?:not|n['’]t|nothing)\s+(?:\w+\s+){{0,2}}?{_HOLD}\w*\s+(?:\w+\s+)?(?:in|by|from)\s+(?:\w+\s+){{0,3}}{_SOURCE}\b",
    r"\b(?:no|not enough|insufficient)\s+(?:\w+\s+)?information\b",
    r"\b(?:i|we)\s+(?:do not|don['’]t|can ?not|can['’]t|could not|couldn['’]t|(?:am|are|was|were) unable to)\s+"
    r"(?:know|answer|find|determine|tell|say|locate)\b",
)
_ABSENCE = re.compile("|".join(_PATTERNS), re.IGNORECASE)
_NOTHING = re.compile(r"\W*(?:none|nothing|n/a)?\W*", re.IGNORECASE)


def says_nothing(text: str) -> bool:
    """Whether a reply is empty or one word for nothing (`NONE.`)."""
    return _NOTHING.fullmatch(text) is not None


def abstains(text: str) -> bool:
    """Whether a text says that the answer is not there, and claims nothing else with a citation."""
    said = [text[start:end] for start, end in claims(text)]
    absent = [bool(_ABSENCE.search(sentence)) for sentence in said]
    return any(absent) and not any(cites(one) for one, missing in zip(said, absent, strict=True) if not missing)
