"""Facts in mail threads: one record a thread, with headers and quoted replies, and the fact in one of its mails.

Another mail of the thread tells a sibling's fact, and a thread under the same subject line tells another sibling's.
A mail is the unit of depth: the fact is in mail `round(position * (mails - 1))`. Knows forms; no other class.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from eval.needles.facts import asked, misses
from eval.needles.forms import FORMS
from eval.needles.names import FIRST, MONTHS
from eval.needles.scene import Draft, Plan, Scene

_TOPICS: Final = (
    *("Minutes of last week", "Open questions", "Visit in spring", "Correction to the directory"),
    *(
        "Your note of Monday",
        "Travel plans",
        "Before the deadline",
        "Some answers",
        "Archive work",
        "Details you asked for",
    ),
)
_GREETINGS: Final = ("Dear {n},", "Hello {n},", "Hi {n},", "{n},")
_CLOSINGS: Final = ("Best wishes,", "Regards,", "Thanks,", "Yours,")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LEAST: Final = 4
_WORDS: Final = 60
"""About so many words a mail, headers included."""


def in_mail(scene: Scene) -> Plan:
    """Two threads between the same people under one subject line."""
    form = scene.random.choice(FORMS)
    subject, value = scene.names.name(form.subject), scene.names.name(form.value)
    drafts, wrong = misses(scene, form, subject, 3)
    near = [draft.fact for draft in drafts]
    fact = form.statement(subject, value, scene.random.randrange(2))
    topic, people = scene.random.choice(_TOPICS), scene.random.sample(FIRST, 2)
    domain = f"{scene.names.word().lower()}.example"
    begun = date(2009, 1, 1) + timedelta(scene.random.randrange(5_000))
    threads = [
        thread(scene, (topic, domain, day), people, told)
        for day, told in ((begun, (fact, near[0])), (begun + timedelta(40), (near[1], near[2])))
    ]
    return Plan(
        asked(scene, form, subject),
        tuple(
            Draft("", relevant=at == 0, title=topic, time=last.isoformat(), body=(text, span))
            for at, (text, span, last) in enumerate(threads)
        ),
        (value,),
        tuple(wrong),
        (subject,),
    )


def thread(
    scene: Scene, about: tuple[str, str, date], people: list[str], told: tuple[str, str]
) -> tuple[str, tuple[int, int], date]:
    """The text of a thread, the span of its first fact, and the day of its last mail. The second stands elsewhere."""
    topic, domain, day = about
    count = max(_LEAST, round(scene.depth.length / _WORDS))
    at = round((scene.depth.position if scene.depth.length else scene.random.random()) * (count - 1))
    other = scene.random.choice([number for number in range(count) if number != at])
    mails: list[str] = []
    quoted, begin = "", 0
    for number in range(count):
        lines = scene.filler.some(2, scene.random)
        fact = {at: told[0], other: told[1]}.get(number, "")
        sender, receiver = people[number % 2], people[1 - number % 2]
        head = _head(f"Re: {topic}" if number else topic, domain, day, (sender, receiver))
        greeting = scene.random.choice(_GREETINGS).format(n=receiver)
        before = f"{head}\n\n{greeting}\n\n{lines[0]} "
        if number == at:
            begin = sum(len(mail) + 2 for mail in mails) + len(before)
        closing = f"{scene.random.choice(_CLOSINGS)}\n{sender}"
        mails.append(f"{before}{fact}{' ' if fact else ''}{lines[1]}\n\n{closing}{quoted}")
        quoted = f"\n\n> {lines[0]}\n> [...]"
        day += timedelta(scene.random.randrange(1, 4))
    return "\n\n".join(mails), (begin, begin + len(told[0])), day


def _head(subject: str, domain: str, day: date, people: tuple[str, str]) -> str:
    sender, receiver = (f"{name} <{name.lower()}@{domain}>" for name in people)
    when = f"{_DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1][:3]} {day.year}"
    return f"From: {sender}\nTo: {receiver}\nDate: {when}\nSubject: {subject}"
