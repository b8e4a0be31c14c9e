"""Whether a text claims what it mentions, denies it, puts it behind (formerly, rather than), or only asks about it.

By words around the mention within its clause: rules of thumb for English, and for the common negations of Dutch,
French, German, Italian, Portuguese, Russian, Spanish, Chinese, Japanese, Korean, Turkish and Hindi. Not handled: irony,
denials a sentence away ("It is 57. That was a rumour."), negations of other languages.
Knows texts in plain form (`eval.plain`) and places in them; knows nothing of values.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import regex


class Stance(Enum):
    """What a text does with one mention."""

    CLAIMED = "claimed"
    DENIED = "denied"
    BEHIND = "behind"
    ASKED = "asked"


_REACH: Final = 200
"""Characters before a mention that are looked at."""

_HARD: Final = regex.compile(r"[.!?;:](?=\s|$)|[\n。！？；]")
_TURN: Final = regex.compile(
    r"\b(?:but|rather(?! than)|instead(?! of)|however|yet|although|though|whereas|while|because|since|sondern|mais"
    r"|sino)\b"
    r"|, (?=(?:it|he|she|they|this|that|the|its|his|her|their|so|which|who|whose|i|we|now|today|currently|later"
    r"|then|only|just)\b)"
    r"|\band (?!(?:nor |also )?(?:the |an? |in |at |on |by |of |from |with )?[\"'(]*$)|而是|但|\bа "
)
_AFFIRMED: Final = regex.compile(
    r"\b(?:no (?:doubt|question|mistake)|without (?:a )?doubt|not in doubt|no (?:less|fewer|more|later|earlier"
    r"|sooner) than"
    r"|no(?:ne| one)? other than|not (?:only|just|merely|simply|until|before|mistaken|wrong|least)|nothing (?:but"
    r"|less than))\b"
)
_UNTRUE: Final = (
    r"(?:\b(?:false|untrue|incorrect|wrong|mistaken|a mistake|an error|unlikely|doubtful|impossible|no evidence|no sign"
    r"|no reason)\b.{0,20}?\b(?:that|to)|\bdoubts?\b|\b(?:deny|denies|denied|refutes?d?)\b"
    r"|\b(?:nobody|no one|nothing|none)\b"
    r"|\bno \w+ (?:says?|states?|shows?|mentions?|confirms?|suggests?|names?|gives?|supports?)\b"
    r"|(?:\bnot|n't|\bnever|\bcannot)\b(?: \w+)? (?:true|correct|right|clear|certain|sure|likely|possible|known"
    r"|the case|think"
    r"|believe|suppose|say|says|said|claim|suggest|confirm|support|mean|indicate|show|expect|agree)\b)"
)
_NOT: Final = (
    r"(?:\b(?:not|never|neither|nor|cannot|without|isnt|wasnt|arent|dont|doesnt|didnt|nicht|keine?[mnrs]?|weder"
    r"|noch nie|niet"
    r"|geen|pas|non(?!-)|nao|nunca|jamais|mai|не|ни|no (?:es|son|fue|era|esta|se llama))\b|n't\b)"
)
_HAN: Final = r"(?:不是|并非|並非|不为|不為|没有|沒有|不在|非)[^。，、；]{0,6}$"
_DENIED: Final = regex.compile(rf"{_UNTRUE}|{_NOT}(?:[\s,\"'(]+\S+){{0,4}}[\s\"'(]*$|{_HAN}")
_NO: Final = regex.compile(r"\bno(?: [a-z]\S*)?[\s\"'(]*$")
_BEHIND: Final = regex.compile(
    r"\b(?:formerly|previously|originally|earlier|no longer|used to be|once (?:was|had)?|was once|instead of"
    r"|rather than"
    r"|other than|replac(?:es|ed|ing)|supersed(?:es|ed|ing)|(?:up|down|changed|corrected|moved) from|in place of"
    r"|as opposed to"
    r"|unlike|outdated)\b(?: (?!or\b|and\b)\S+){0,3}[\s\"'(]*$"
)
_AFTER: Final = regex.compile(
    r"[\"')]*(?:,? (?:which|who|that|(?:but|and|though|yet) (?:that|this|it)))?"
    r" ?(?:(?:is|was|are|were|would be|seems|sounds)"
    r"(?: (?:not(?! only| just| merely| in doubt)|never|no longer|certainly not|definitely not"
    r"|(?:\w+ )?(?:wrong|incorrect|false|untrue|mistaken))\b|n't\b)|(?:isnt|wasnt|cannot be|can't be)\b"
    r"|(?:ist|war|is|was|est|n'est|es|e) (?:nicht|niet|pas|falsch|faux)\b"
    r"|(?:では|じゃ)(?:ない|なく|ありません)|(?:이|가|은|는)? ?아[니닙닌]|degil|नहीं)|[\"')]*\?+ (?:no|nein|non)\b"
)
_QUESTION: Final = regex.compile(r"[^.!\n。！？?]*[?？]")


def stance(text: str, start: int, end: int) -> Stance:
    """What the text does with the words from `start` to `end`."""
    clause = _clause(text[max(0, start - _REACH) : start])
    numbered = text[start].isdigit()  # "the bus is no 57" counts and denies nothing
    if _DENIED.search(clause) or _AFTER.match(text, end) or (_NO.search(clause) and not numbered):
        return Stance.DENIED
    if _QUESTION.match(text, end):
        return Stance.ASKED
    return Stance.BEHIND if _BEHIND.search(clause) else Stance.CLAIMED


def _clause(before: str) -> str:
    """The end of a text from where its last clause begins, without phrases that deny nothing (`no doubt`)."""
    clause = _AFFIRMED.sub("", before)
    for edges in (_HARD, _TURN):
        last = max((match.end() for match in edges.finditer(clause)), default=0)
        clause = clause[last:]
    return clause
