"""Facts in code: constants of Python modules, JSON settings and INI files of services with nearly the same name.

The other environment of the same service and the same environment of its siblings have other values; a comment at the
head of the file tells the old one. A definition is the unit of depth. Knows nothing of the other classes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from eval.needles.filler import joined
from eval.needles.needle import words
from eval.needles.scene import Draft, Plan, Scene

SETTINGS: Final = (
    ("RETRY_BACKOFF_MS", "retry backoff in milliseconds"), ("MAX_CONNECTIONS", "maximum number of connections"),
    ("CACHE_TTL_SECONDS", "time to live of the cache in seconds"), ("BATCH_BYTES", "batch size in bytes"),
    ("QUEUE_DEPTH", "depth of the queue"), ("SESSION_TIMEOUT_MS", "session timeout in milliseconds"),
    ("HEARTBEAT_INTERVAL_MS", "heartbeat interval in milliseconds"), ("SHARD_SALT", "salt of the shards"),
    ("MAX_UPLOAD_KB", "upload limit in kilobytes"), ("RATE_LIMIT_PER_HOUR", "rate limit per hour"),
    ("WAL_SEGMENT_PAGES", "segment size of the write-ahead log in pages"),
    ("LEASE_RENEWAL_MS", "lease renewal in milliseconds"),
    ("GC_THRESHOLD", "threshold of the garbage collector"), ("REPLAY_WINDOW_MS", "replay window in milliseconds"),
)  # fmt: skip
SERVICES: Final = ("gateway", "indexer", "billing", "mailer", "scheduler", "archiver", "ledger", "router", "importer")
ENVIRONMENTS: Final = ("production", "staging", "development")

_VERBS: Final = ("load", "flush", "merge", "rotate", "validate", "parse", "publish", "drain", "encode", "collect")
_NOUNS: Final = ("batch", "session", "invoice", "segment", "message", "record", "snapshot", "token", "event", "report")
_BODIES: Final = (
    "    if not {n}s:\n        return []\n    return [{n} for {n} in {n}s if {n}.ready]",
    "    pending = sorted({n}s, key=lambda {n}: {n}.created)\n    return pending[:limit]",
    "    for {n} in {n}s:\n        {n}.attempts += 1\n        yield {n}",
    "    total = sum(len({n}.payload) for {n} in {n}s)\n    return total <= limit",
)
_SMALLEST: Final = 6


@dataclass(frozen=True, slots=True)
class File:
    """A settings file: whose, in which environment, in which of the three syntaxes."""

    stem: str
    service: str
    environment: str
    syntax: str

    @property
    def path(self) -> str:
        """Where it would lie in a repository."""
        return f"{self.stem}_{self.service}/{self.environment}.{self.syntax}"


def in_code(scene: Scene) -> Plan:
    """Python, JSON and INI in turn. The same setting elsewhere, and the old value, are the rivals."""
    syntax = ("py", "json", "ini")[scene.number % 3]
    key, meaning = scene.random.choice(SETTINGS)
    word = scene.names.word()
    stem, service = word.lower(), scene.random.choice(SERVICES)
    others = scene.random.sample([one for one in SERVICES if one != service], 2)
    places = [(service, "production"), (service, "staging"), *((one, "production") for one in others)]
    numbers = [scene.names.number()]
    numbers += [scene.names.near(numbers[0]) if at % 2 else scene.names.number() for at in range(len(places) - 1)]
    old = "" if syntax == "json" else scene.names.near(numbers[0])
    drafts = []
    for at, ((whose, environment), number) in enumerate(zip(places, numbers, strict=True)):
        file = File(stem, whose, environment, syntax)
        body = written(scene, file, (key, number), "" if at else old)
        drafts.append(Draft("", relevant=at == 0, title=file.path, body=body))
    question = f"What is the {meaning} of the {word} {service} in production?"
    rivals = (*numbers[1:], *((old,) if old else ()))
    return Plan(question, tuple(drafts), (numbers[0],), rivals, (word,))


def written(scene: Scene, file: File, setting: tuple[str, str], old: str) -> tuple[str, tuple[int, int]]:
    """A file with one setting at its depth among others. The span is its line."""
    write = {"py": _python, "json": _json, "ini": _ini}[file.syntax]
    random, depth = scene.random, scene.depth
    keys = random.sample([key for key, _ in SETTINGS if key != setting[0]], _SMALLEST)
    around = [(key, str(random.randrange(10, 90_000))) for key in keys]
    place = depth.position if depth.length else random.random()
    text, span = write(file, around, (setting, old, place))
    while len(words(text)) < depth.length:
        key, _ = random.choice(SETTINGS)
        around.append((f"{random.choice(_NOUNS).upper()}_{len(around)}_{key}", str(random.randrange(10, 90_000))))
        text, span = write(file, around, (setting, old, place))
    return text, span


Asked = tuple[tuple[str, str], str, float]
"""The setting asked for, its old value or nothing, and its place among the others."""


def _python(file: File, around: list[tuple[str, str]], asked: Asked) -> tuple[str, tuple[int, int]]:
    (key, number), old, place = asked
    parts = [f"{other} = {value}" for other, value in around[:3]]
    parts += [_function(at, other, value) for at, (other, value) in enumerate(around[3:])]
    cut = round(place * len(parts))
    head = [
        f'"""Settings of {file.stem}_{file.service} in {file.environment}."""',
        "from __future__ import annotations",
    ]
    head += [f"# {key} was {old} before the last incident"] if old else []
    return joined("\n\n".join([*head, *parts[:cut]]), f"{key} = {number}", "\n\n".join(parts[cut:]), "\n\n")


def _function(at: int, key: str, value: str) -> str:
    verb, noun = _VERBS[(at * 7 + len(key)) % len(_VERBS)], _NOUNS[(at * 3 + len(value)) % len(_NOUNS)]
    body = _BODIES[at % len(_BODIES)].format(n=noun)
    return f"{key} = {value}\n\n\ndef {verb}_{noun}s_{at}({noun}s: list, limit: int = {key}) -> list:\n{body}"


def _json(file: File, around: list[tuple[str, str]], asked: Asked) -> tuple[str, tuple[int, int]]:
    (key, number), _, place = asked
    lines = [f"    {json.dumps(other.lower())}: {value}," for other, value in around]
    cut = round(place * len(lines))
    head = f'{{\n  "service": "{file.stem}-{file.service}",\n  "environment": "{file.environment}",\n  "settings": {{'
    fact = f'"{key.lower()}": {number},'
    before, after = "\n".join([head, *lines[:cut]]), "\n".join([*lines[cut:], '    "schema": 3', "  }", "}"])
    text = f"{before}\n    {fact}\n{after}"
    return text, (len(before) + 5, len(before) + 5 + len(fact))


def _ini(file: File, around: list[tuple[str, str]], asked: Asked) -> tuple[str, tuple[int, int]]:
    (key, number), old, place = asked
    lines = [f"{other.lower()} = {value}" for other, value in around]
    cut = round(place * len(lines))
    head = [f"; {file.stem}-{file.service}, {file.environment}", "", f"[{file.stem}.{file.service}]"]
    head[1:1] = [f"; {key.lower()} was {old} before the last incident"] if old else []
    return joined("\n".join([*head, *lines[:cut]]), f"{key.lower()} = {number}", "\n".join(lines[cut:]), "\n")
