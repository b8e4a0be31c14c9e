"""From a question to a range of dates: all that is certain, else nothing.

    1  every rule of every language is looked for; what lies within something longer, or in quotes, is left out
    2  a relation turns a range into a half-open one: before, after, since, until; between and from-to join two
    3  before, after, since, until or during something else is asked for by `when`: an anchor, such as "the move"
    4  no range where two different ones are said, where it is denied ("not in May"), where it dates something else
       ("the hotel for May": booked before it), or where an anchor is not known

Told by the tense: "on Monday", "in summer", "at the weekend"; unknown where the question has none. A month or a date
without a year is the last one, or the next where the question is about what will be.
Knows questions; knows nothing of the index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from indexers.personal.timewords.grammar import YEAR, Standing, Tense, meant, rules, times
from indexers.personal.timewords.spans import Range
from indexers.personal.timewords.tongues import TONGUES, Tongue

When = Callable[[str], Range | None]
"""When something was, found by whoever holds the life: "the move" gives its day or days; None where that is not
certain."""

LONGEST = 2_000
"""Characters of a question that are looked at."""

_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|„[^“]*“|«[^»]*»|`[^`]*`')
_OTHERWISE = re.compile(
    r"(?<!\w)(?:not|except|excluding|without|for|by|about|nicht|außer|für|bis auf|pas|sauf|pour|no|excepto|para|ikke"
    r"|undtagen|til)\s+(?:(?:in|on|at|im|am|en|i|the|le|la|el)\s+)*$",
    re.IGNORECASE,
)
_FROM = re.compile(r"\d\s*(?:[-–/&]|\s(?:to|and|or|bis|und|au|et|al|y|til|og))\s*$", re.IGNORECASE)
_RELATION = (
    r"(?P<rel>(?:right |just |shortly )?(?:before|after|since|until|till|during)|vor|nach|seit|während|avant|après"
    r"|depuis|pendant|antes|después|desde|durante|før|inden|efter|siden|under)"
)
_DETERMINER = (
    r"(?:the|my|our|his|her|their|that|dem|der|den|unserem|unserer|meinem|meiner|le|la|les|mon|ma|notre|nos|del"
    r"|de la|de las|de los|el|mi|nuestra|nuestro|min|mit|vores)"
)
_ANCHOR = re.compile(
    rf"(?<!\w){_RELATION}\s+(?P<phrase>(?:{_DETERMINER}\s+|l['’]|(?=\w+(?:en|et|erne)\b))"
    r"[^\s,.;:?!]+(?:\s+[^\s,.;:?!]+){0,5})",
    re.IGNORECASE,
)
_SIDES = {
    "before": ("before", "vor", "avant", "antes", "før", "inden"), "until": ("until", "till"),
    "after": ("after", "nach", "après", "después", "efter"), "since": ("since", "seit", "depuis", "desde", "siden"),
    "during": ("during", "während", "pendant", "durante", "under"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """The range a question names, where it names it, and the question without that."""

    range: Range
    span: tuple[int, int]
    words: str
    rest: str


@dataclass(frozen=True, slots=True)
class _Found:
    """`told`: the question has words of the language that it was read in, which tell the tense."""

    range: Range | None
    span: tuple[int, int]
    told: bool = False


def time_words(question: str, now: datetime, when: When | None = None, south: bool = False) -> Said | None:
    """The range of dates that a question names; None where there is none, or none that is certain.

    `now` is the wall time of who asks: its date is today. `south`: seasons are those of the southern hemisphere.
    """
    text = question[:LONGEST]
    at = Standing(now.date(), south=south)
    found = _longest([one for tongue in TONGUES for one in _in_tongue(tongue, text, at)])
    anchors = list(_anchors(text, found, when, at))
    if any(one.range is None for one in (*found, *anchors)):
        return None
    kept = [one for one in found if not any(_within(one.span, anchor.span) for anchor in anchors)] + anchors
    if not kept or len({one.range for one in kept}) > 1:
        return None
    first = kept[0]
    if first.range is None or any(_turned(text, one) for one in kept):
        return None
    begin, end = first.span
    rest = " ".join((question[:begin] + " " + question[end:]).split())
    return Said(first.range, first.span, question[begin:end], re.sub(r"\s+([?.,!])", r"\1", rest).strip(" ,"))


def _in_tongue(tongue: Tongue, text: str, at: Standing) -> Iterator[_Found]:
    if tongue.unlike and re.search(rf"(?<!\w)(?:{tongue.unlike})(?!\w)", text, re.IGNORECASE):
        return
    standing = replace(at, tense=_tense(tongue, text))
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    for rule in rules(tongue):
        for match in rule.pattern.finditer(text):
            if not any(_within(match.span(), span) for span in quoted):
                found = _related(tongue, match, _safe(rule.meaning, tongue, match, standing), at)
                yield _Found(found, match.span(), standing.tense != Tense.UNKNOWN)
    yield from _between(tongue, text, standing)


def _safe(meaning: Callable[..., Range | None], *given: object) -> Range | None:
    """What it means; None beyond the calendar (300 years ago is a date, 3,000 are none)."""
    try:
        return meaning(*given)
    except (ValueError, OverflowError):
        return None


def _related(tongue: Tongue, match: re.Match[str], found: Range | None, at: Standing) -> Range | None:
    said = match.groupdict().get("rel")
    if found is None or not said:
        return found
    return side(meant({words: name for name, words in tongue.relations.items()}, said), found, at)


def side(relation: str, found: Range, at: Standing) -> Range:
    """What lies before, after, since, until or during something. Since begins with it and ends today."""
    if relation == "before":
        return Range(None, found.begin)
    if relation == "until":
        return Range(None, found.end)
    if relation == "after":
        return Range(found.end, None)
    if relation == "since":
        return Range(found.begin, at.today + timedelta(days=1))
    return found


def _tense(tongue: Tongue, text: str) -> Tense:
    past = re.search(rf"(?<!\w)(?!need\b|bed\b|feed\b|speed\b|seed\b)(?:{tongue.past})(?!\w)", text, re.IGNORECASE)
    future = re.search(rf"(?<!\w)(?:{tongue.future})(?!\w)", text, re.IGNORECASE)
    return Tense.UNKNOWN if bool(past) == bool(future) else Tense.PAST if past else Tense.FUTURE


def _between(tongue: Tongue, text: str, at: Standing) -> Iterator[_Found]:
    """`from may to july 2023`: as many words on each side as make a time; the first may leave its year to the
    second."""
    some = r"\S+(?:\s+\S+){0,3}"
    for template in tongue.between:
        pattern = template.replace("{one}", rf"(?P<one>{some}?)").replace("{other}", rf"(?P<other>{some})")
        for match in re.finditer(rf"(?<!\w){pattern}", text, re.IGNORECASE):
            words = match["other"].split()
            for count in range(len(words), 0, -1):
                other = " ".join(words[:count]).rstrip("?.,!;:")
                if _core(tongue, other, at):
                    found = _joined(tongue, match["one"], other, at)
                    begin = match.start("other")
                    end = begin + len(re.match(r"\s*".join(map(re.escape, other.split())),
                    text[begin:])[0])  # type: ignore[index]
                    yield _Found(found, (match.start(), end))
                    break


def _joined(tongue: Tongue, one: str, other: str, at: Standing) -> Range | None:
    last = _core(tongue, other, at)
    if last is None:
        return None
    year = re.search(rf"(?:\s|^){YEAR}$", other)
    if re.fullmatch(r"\d{1,2}\.?", one):
        one = f"{one} {' '.join(other.split()[1:])}"
    elif year and not re.search(YEAR, one):
        one = f"{one} {other[year.start() :].strip()}"
    first = _core(tongue, one, at)
    if first is None or first.begin is None or last.end is None or first.begin >= last.end:
        return None
    return Range(first.begin, last.end)


def _core(tongue: Tongue, text: str, at: Standing) -> Range | None:
    for rule in rules(tongue):
        match = re.fullmatch(rule.core, text, re.IGNORECASE)
        found = _safe(rule.meaning, tongue, match, at) if match else None
        if found:
            return found
    return None


def _order(one: _Found) -> tuple[int, bool, bool, tuple[int, int]]:
    """The longest first; of one span, what means something, in the language of the question."""
    return one.span[0] - one.span[1], one.range is None, not one.told, one.span


def _turned(text: str, one: _Found) -> bool:
    """Whether what stands around a time makes it another one, or none: `three weeks before`, `and february`, `not`."""
    before, after = text[: one.span[0]], text[one.span[1] :]
    measured, more = _around()
    related = re.match(_RELATION, text[slice(*one.span)], re.IGNORECASE)
    if measured.search(before) and (related or _short(one.range)):
        return True
    return bool(_OTHERWISE.search(before) or _FROM.search(before) or more.match(after))


def _short(found: Range | None) -> bool:
    """Whether it is a few days, which a week or a month "of" them is more than."""
    return bool(found and found.begin and found.end and (found.end - found.begin).days < 7)


@lru_cache(maxsize=1)
def _around() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What a measure before a time ends with ("three weeks"), and what goes on with another time ("and february")."""
    units = "|".join(unit for tongue in TONGUES for unit in tongue.units)
    measured = rf"(?<!\w)(?:{units})\s+$"
    joined = r"\s*(?:[-–/&]|(?:and|or|to|und|oder|bis|et|ou|à|y|o|og|eller|til)\s)\s*"
    more = rf"{joined}(?:\d|(?:in\s+|the\s+)?(?:{'|'.join(map(times, TONGUES))})\b)"
    return re.compile(measured, re.IGNORECASE), re.compile(more, re.IGNORECASE)


def _longest(found: list[_Found]) -> list[_Found]:
    """Those that do not lie within a longer one, in order. What means two things over one span (`jul 2022` is July in
    English and Christmas in Danish) means none, unless the question tells its language."""
    kept: dict[tuple[int, int], _Found] = {}
    for one in sorted(found, key=_order):
        same = kept.get(one.span)
        if same and one.range and one.range != same.range and one.told == same.told:
            kept[one.span] = _Found(None, one.span)
        elif not any(one.span[0] < end and begin < one.span[1] for begin, end in kept):
            kept[one.span] = one
    return [kept[span] for span in sorted(kept)]


def _anchors(text: str, found: list[_Found], when: When | None, at: Standing) -> Iterator[_Found]:
    """What is dated by something else: the longest phrase that `when` knows; a range of None where it knows none."""
    for match in _ANCHOR.finditer(text):
        if any(one.span[0] <= match.start() < one.span[1] for one in found):
            continue  # "before the weekend": a time after all
        relation = match["rel"].split()[-1].lower()
        name = next(name for name, words in _SIDES.items() if relation in words)
        words = match["phrase"].split()
        for count in range(len(words), 0, -1):
            phrase = " ".join(words[:count])
            known = when(phrase) if when and not re.fullmatch(_DETERMINER, phrase, re.IGNORECASE) else None
            if known:
                end = match.start("phrase") + len(phrase)
                yield _Found(side(name, known, at), (match.start(), end))
                break
        else:
            yield _Found(None, match.span())


def _within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]
