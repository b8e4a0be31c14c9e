"""Sentences for a life, from templates that name other templates: `{hello} {smalltalk}`.

A `{name}` is what the caller gave under it, else a line of the table of that name, drawn and filled in the same way.
Knows wording; knows nothing of things, facts or files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import Final

from indexers.personal.life import words
from indexers.sources.connectors.clock import MONTH_NAMES, WEEKDAYS

_SLOT = re.compile(r"\{(\w+)\}")

TEMPLATES: Final[Mapping[str, tuple[str, ...]]] = {
    "hello": ("Hi {to},", "Hello {to},", "Dear {to},", "Hej {to},", "{to},", "Good morning {to},"),
    "bye": ("Best, {me}", "Love, {me}", "See you, {me}", "Cheers, {me}", "Talk soon\n{me}", "All the best\n{me}"),
    "smalltalk": (
        "It has been raining here since {weekday} and I am running out of {thing}.", "The {pet} {mischief} again.",
        "I finally started {hobby} and my {part} will never forgive me.",
        "We had {meal} yesterday, far too much of it.",
        "The neighbours are {noise}, so I am writing this from the library.", "I keep humming {song} by {artist}.",
        "{hobby} was cancelled, so I baked instead.",
        "My phone fell into the {vessel}; if I am slow to answer, that is why.",
        "The train was late by {small} minutes, which is early for that line.",
        "I dreamt that I had to give a talk on {book}.",
    ),
    "ask": (
        "How did {event} go?", "Are you still thinking about the {product}?", "Did you ever finish {book}?",
        "What was the name of that place with the {meal}?", "Are you coming to {event}?", "Have you seen {film} yet?",
    ),
    "chat": (
        "{smalltalk}", "{ask}", "haha yes, exactly like {event}", "can you bring {thing}? I forgot",
        "on my way, {small} min",
        "did you see the thing about {topic}?", "ok, {weekday} then", "I put {thing} in the {vessel}, don't ask",
        "watching {series}, no spoilers", "the {pet} {mischief}, send help", "that {meal} was something", "no way!!",
        "need to {chore} first, later?", "{film} was better than I thought", "still at work. {project} again.",
        "sounds good 🙂", "{hobby} tonight?", "I am reading {book}, it is {judgment}", "you were right about {series}",
    ),
    "work": (
        "The figures for {project} are in; the {component} is {small} percent slower than in {month}.",
        "I moved the review of {project} to {weekday}, since half of the team is away.",
        "Could you look at the {component} before the demo? It {failure} when nobody is watching.",
        "Minutes: {project} goes on, the {component} is postponed, and somebody has to {chore}.",
        "The customer asks whether {project} can be shown in {month}. I said perhaps.",
        "We lost an hour to the {component}; it {failure} and then recovered by itself.",
        "Reminder: timesheets for {month} are due on {weekday}.", "New starters arrive on {weekday}; please say hello.",
        "The budget for {project} was approved with a cut of {small} percent.",
    ),
    "newsletter": (
        "This week in {topic}: {small} stories, one of them about {thing}. Our readers liked {book} most.",
        "{channel} has a new video on {topic}, and {artist} plays {song} live in {city}.",
        "Save {small}0 percent on every {product} until {weekday}. Only while stocks last.",
        "Your monthly letter from the {hobby} club: the hall is closed in {month}, bring {thing} to the next meeting.",
        "{film} opens on {weekday}; members see it for half the price. Also: {series}, a second season.",
    ),
    "receipt": (
        "Thank you for your order at {shop}. One {product}, {price} kr. It arrives on {weekday}.",
        "Your receipt from {table}: {small} courses, {price} kr, paid by card.",
        "Your subscription to {channel} was renewed for {price} kr.",
        "Ticket to {city} on {weekday}, seat {small}, {price} kr.",
    ),
    "note": (
        "Ideas for {event}: {thing}, {meal}, perhaps {film} on the wall.",
        "{chore}. {chore}. Call about the {product}.",
        "Quote from {book}: a house remembers who was warm in it.", "Recipe: {meal}. Twice the garlic, half the salt.",
        "To try: {hobby} without {thing}. Ask at the club on {weekday}.",
        "Measured the {vessel}: {small}2 by {small}7 cm.",
        "Sourdough log: {small} hours at 24 degrees, crumb {judgment}.", "{topic}: read up before {month}.",
    ),
    "question": (
        "How do I repair a {product} that {failure}?", "What should I cook with {thing} and leftover {meal}?",
        "Explain {topic} to somebody who only knows {hobby}.", "Give me a plan to {chore} in {small} days.",
        "Which films are like {film}, but less {judgment}?", "Write a short speech for {event}.",
    ),
    "reply": (
        "Begin with the {component}: it is what {failure} most often. Then {chore}, and check again on {weekday}.",
        "In short, {topic} is about what stays the same when everything else moves. Think of {hobby}.",
        "You could do it in {small} steps. First {chore}; then take {thing}; last, rest for an hour.",
        "People who liked {film} also liked {series}. It is {judgment}, but only at first.",
    ),
    "video": (
        "Why {topic} is harder than it looks", "{small} mistakes everybody makes in {hobby}",
        "A day of {hobby} in {city}",
        "How to {chore} in ten minutes", "Restoring a {product} from a skip", "{artist} - {song} (live in {city})",
        "The history of {topic} in {small} maps", "Cooking {meal} over a fire", "What {book} gets wrong about {topic}",
    ),
    "search": (
        "{product} review", "how long does {meal} keep", "{film} ending explained", "{artist} tour {city}",
        "{topic} for beginners",
        "{product} {failure} fix", "weather {city} {month}", "best {hobby} club near me", "{book} summary",
    ),
    "page": (
        "{product} test: {small} models compared - {shop}", "{topic} - an encyclopedia article",
        "{meal}: the original recipe",
        "Forum: my {product} {failure}, what now?", "{city} in {month}: what to do", "{film} (review): {judgment}",
        "{hobby} for grown-ups | {channel}", "Opening hours - {table}",
    ),
    "caption": (
        "The {pet}, who {mischief}", "{meal} at {table}", "{hobby} with frozen fingers", "The {vessel} after the storm",
        "{thing}, badly lit", "First try at {meal}", "Sunset behind the {vessel}", "Whiteboard: {project}",
    ),
    "appointment": (
        "{hobby}", "Call with {project}", "{event}", "Pick up {thing}", "{film} at the cinema", "Lunch at {table}",
        "{chore}",
    ),
    "command": (
        "git commit -m 'mend the {component}'", "ssh {project_low}.example", "rsync -a notes/ backup/{month_low}/",
        "grep -rn {component_low} src/ | head -{small}", "make {project_low} && ./run --seed {small}",
        "ffmpeg -i kayak{small}.mov -crf 2{small} kayak{small}.mp4", "python -m http.server 80{small}0",
        "docker logs {project_low}-{small} --tail {small}00", "find . -name '*.{component_low}' -mtime -{small}",
    ),
    "weekday": WEEKDAYS,
    "month": MONTH_NAMES,
    "thing": (
        "the green ladder", "a bag of lemons", "the spare keys", "a roll of tape", "candles", "the good knives",
        "an old map",
        "two folding chairs", "the bicycle pump", "a thermos", "the board game", "some rye flour", "a box of slides",
    ),
    "pet": ("cat", "neighbour's dog", "hedgehog in the garden", "goldfish", "parrot downstairs"),
    "mischief": ("ate a sponge", "escaped", "slept in the bread bin", "knocked over the fern",
    "stared at me for an hour"),
    "part": ("back", "left shoulder", "knees", "patience", "fingers"),
    "meal": (
        "mushroom risotto", "pea soup", "a leek tart", "dumplings", "rye porridge", "lentil stew", "apple cake",
        "ramen",
        "stuffed cabbage", "fish pie", "shakshuka", "cardamom buns",
    ),
    "noise": ("drilling", "having a party since noon", "learning the trumpet", "moving the same wardrobe every night"),
    "vessel": ("sink", "cellar", "harbour", "bathtub", "blue drawer", "garden shed", "rain barrel"),
    "event": (
        "the choir concert", "Grandmother's birthday", "the street party", "the flat viewing", "the school reunion",
        "the allotment day", "the quiz night", "the housewarming",
    ),
    "topic": (
        "tidal power", "medieval maps", "knots", "bird migration", "fermentation", "the history of salt", "typefaces",
        "prime numbers", "lighthouses", "beekeeping", "ice ages", "tram lines",
    ),
    "chore": (
        "defrost the freezer", "paint the fence", "renew the insurance", "descale the kettle", "sort the photographs",
        "bleed the radiators", "fix the gutter", "return the library books", "water the tomatoes",
    ),
    "judgment": ("slow", "brilliant", "overlong", "oddly moving", "not for me", "clever", "a bit dry"),
    "component": ("Parser", "Scheduler", "Importer", "Gateway", "Heating", "Login", "Billing", "Renderer"),
    "failure": ("stalls", "makes a grinding sound", "restarts at night", "leaks", "forgets its settings", "hums"),
    "small": tuple("23456789"),
    "price": ("79", "129", "249", "318", "445", "562", "899", "1,240", "2,310"),
    "hobby": words.HOBBIES, "book": words.BOOKS, "film": words.FILMS, "series": words.SERIES, "song": words.SONGS,
    "artist": words.ARTISTS, "channel": words.CHANNELS, "table": words.TABLES, "project": words.PROJECTS,
    "product": tuple(name for name, _ in words.PRODUCTS), "shop": tuple(sorted({shop for _, shop in words.PRODUCTS})),
    "city": tuple(city.name for city in words.CITIES),
}  # fmt: skip


class Prose:
    """Draws sentences; the same draws give the same sentences."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def say(self, template: str, **given: str) -> str:
        """A line of the table of that name, or the template itself where there is no such table, filled in."""
        line = self._random.choice(TEMPLATES[template]) if template in TEMPLATES else template
        return _SLOT.sub(lambda slot: self._fill(slot.group(1), given), line)

    def some(self, template: str, count: int, **given: str) -> str:
        """Several such lines as one paragraph."""
        return " ".join(self.say(template, **given) for _ in range(count))

    def _fill(self, name: str, given: Mapping[str, str]) -> str:
        if name in given:
            return given[name]
        if name.endswith("_low"):
            return self.say(name.removesuffix("_low")).lower()
        return self.say(name, **given)
