"""What a suite says: corpora, conditions, expected scores. Read from TOML; anything unknown is refused with a sentence.

    [suite]       name, description, seed
    [[corpus]]    name, sets, haystack, leave_out, hash, encoder, index, generated, made, life
    [[condition]] name, kind, corpus, settings, matrix, expect, where, optional

Lists in `matrix` expand to their product, one condition each; `where` expects more of those whose name matches.
Knows names and numbers; opens no corpus and no index.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

from cascade.data import Effort
from cascade.errors import BadConfig, NotFound
from eval.expect import Expected

Settings = Mapping[str, Any]

SHIPPED = Path(__file__).parent / "suites"


class Measured(StrEnum):
    """The kinds of conditions."""

    SETS = "sets"
    NEEDLES = "needles"
    ANSWERS = "answers"
    LATENCY = "latency"
    PERSONAL = "personal"


_PATH: Settings = {"encoder": "", "passages": 0, "effort": Effort.NORMAL.value, "reader": "extractive", "window": 0}
_PLANTED: Settings = {"class": "single", "count": 0, "half_width": 0.05, "share": 0.9, "hops": 2}

DEFAULTS: Mapping[Measured, Settings] = {
    Measured.SETS: {
        **_PATH, "set": "", "begins": "", "mean": "", "questions": 0, "scorer": "", "peers": "",
        "group": "", "language": "", "kind_of_query": "", "wording": "",
    },
    Measured.NEEDLES: {**_PATH, "window": 1_000, **_PLANTED, "length": 0, "position": 0.0, "insertion": 1.0},
    Measured.ANSWERS: {**_PATH, "reader": "local", **_PLANTED},
    Measured.LATENCY: {**_PATH, "questions": 200},
    Measured.PERSONAL: {**_PATH, "window": 4_000, "class": "single-source", "count": 0, "time": "words"},
}  # fmt: skip
"""What each kind may set, and what holds where it does not. docs/evaluation.md says what each means."""


@dataclass(frozen=True, slots=True)
class Made:
    """A small labelled set that is made up, so that a suite can run anywhere."""

    documents: int
    questions: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Generated:
    """Passages with the statistics of the text they are learned from: paths, or `python` for its own reference."""

    count: int
    seed: int = 0
    learn: tuple[str, ...] = ("python",)


@dataclass(frozen=True, slots=True)
class Lived:
    """A generated life of about so many things (see indexers/personal/life)."""

    things: int
    seed: int = 117


@dataclass(frozen=True, slots=True)
class Corpus:
    """What an index is made of. Paths stand in the data folder, or in that of the suite, or are whole."""

    name: str
    sets: tuple[str, ...] = ()
    haystack: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    hash: str = ""
    encoder: str = "static"
    index: str = ""
    generated: Generated | None = None
    made: Made | None = None
    life: Lived | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing to measure. `optional`: run only when it is named."""

    name: str
    kind: Measured
    corpus: Corpus
    settings: Settings
    expect: Mapping[str, Expected] = field(default_factory=dict)
    optional: bool = False

    @property
    def encoder(self) -> str:
        """The encoder's name: the condition's own, or that of its corpus."""
        return str(self.settings["encoder"]) or self.corpus.encoder


@dataclass(frozen=True, slots=True)
class Suite:
    """Conditions under one name and seed. `folder`: where its file lies."""

    name: str
    description: str
    seed: int
    folder: Path
    conditions: tuple[Condition, ...]

    def chosen(self, only: Iterable[str] = ()) -> list[Condition]:
        """The conditions whose name matches one of the globs; without any, all but the optional ones.

        Raises NotFound for a glob that matches nothing.
        """
        globs = list(only)
        for glob in globs:
            if not any(_matches(one.name, glob) for one in self.conditions):
                names = ", ".join(one.name for one in self.conditions[:12])
                raise NotFound(f"The suite {self.name} has no condition {glob!r}. There are: {names}, ...")
        if not globs:
            return [one for one in self.conditions if not one.optional]
        return [one for one in self.conditions if any(_matches(one.name, glob) for glob in globs)]


def shipped() -> list[str]:
    """The names of the suites that come with the program."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def load(spec: str) -> Suite:
    """A suite by the name of one that is shipped, or by the path of a TOML file. Raises NotFound or BadConfig."""
    path = Path(spec)
    if path.suffix != ".toml":
        path = SHIPPED / f"{spec}.toml"
    if not path.is_file():
        raise NotFound(f"There is no suite {spec!r}. There are: {', '.join(shipped())}; or name a TOML file.")
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path} is not valid TOML: {error}.") from error
    return read(said, path)


def read(said: Mapping[str, Any], path: Path) -> Suite:
    """A suite from what its file says. Raises BadConfig for what it cannot mean."""
    _only(said, ("suite", "corpus", "condition"), str(path))
    head = said.get("suite", {})
    _only(head, ("name", "description", "seed"), f"{path}, [suite]")
    corpora = {one.name: one for one in (_corpus(part, path) for part in said.get("corpus", ()))}
    conditions = [one for part in said.get("condition", ()) for one in _conditions(part, corpora, path)]
    names = [one.name for one in conditions]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadConfig(f"{path}: two conditions are called {twice}. Give each [[condition]] a name of its own.")
    if not conditions:
        raise BadConfig(f"{path} has no [[condition]]. Say what to measure; docs/evaluation.md tells how.")
    return Suite(
        str(head.get("name", path.stem)), str(head.get("description", "")), int(head.get("seed", 0)),
        path.parent, tuple(conditions),
    )  # fmt: skip


def _corpus(part: Mapping[str, Any], path: Path) -> Corpus:
    where = f"{path}, [[corpus]] {part.get('name', '')}"
    known = ("name", "sets", "haystack", "leave_out", "hash", "encoder", "index", "generated", "made", "life")
    _only(part, known, where)
    if not part.get("name"):
        raise BadConfig(f"{path}: a [[corpus]] has no name. Give it one; conditions refer to it.")
    listed: dict[str, Any] = {n: _strings(part.get(n, ()), n, where) for n in ("sets", "haystack", "leave_out")}
    listed |= {name: str(part[name]) for name in ("name", "hash", "encoder", "index") if name in part}
    generated = made = life = None
    if "generated" in part:
        given = dict(part["generated"])
        _only(given, ("count", "seed", "learn"), f"{where}, generated")
        learn = _strings(given.get("learn", ("python",)), "learn", where)
        generated = Generated(_whole(given, "count", where), int(given.get("seed", 0)), learn)
    if "made" in part:
        given = dict(part["made"])
        _only(given, ("documents", "questions", "seed"), f"{where}, made")
        made = Made(_whole(given, "documents", where), _whole(given, "questions", where), int(given.get("seed", 0)))
    if "life" in part:
        given = dict(part["life"])
        _only(given, ("things", "seed"), f"{where}, life")
        life = Lived(_whole(given, "things", where), int(given.get("seed", 117)))
    corpus = Corpus(**listed, generated=generated, made=made, life=life)
    if not (corpus.sets or corpus.haystack or generated or made or life or corpus.index):
        raise BadConfig(f"{where} is made of nothing. Give it sets, haystack, generated, made, life or index.")
    return corpus


def _conditions(part: Mapping[str, Any], corpora: Mapping[str, Corpus], path: Path) -> Iterator[Condition]:
    name = part.get("name")
    where = f"{path}, [[condition]] {name or ''}"
    _only(part, ("name", "kind", "corpus", "settings", "matrix", "expect", "where", "optional"), where)
    if not name or part.get("kind") not in list(Measured):
        raise BadConfig(f"{where} needs a name, and a kind that is one of {', '.join(Measured)}.")
    kind = Measured(part["kind"])
    corpus = corpora.get(part.get("corpus", ""))
    if corpus is None:
        raise BadConfig(f"{where} names the corpus {part.get('corpus', '')!r}. There are: {', '.join(corpora)}.")
    matrix = dict(part.get("matrix", {}))
    for key, values in matrix.items():
        if not isinstance(values, list) or not values:
            raise BadConfig(f"{where}: {key} in the matrix is not a list of values.")
    for values in product(*matrix.values()):
        settings = _settings(kind, {**part.get("settings", {}), **dict(zip(matrix, values, strict=True))}, where)
        whole = "/".join([str(name), *(_word(value) for value in values)])
        more = [said for glob, said in part.get("where", {}).items() if _matches(whole, glob)]
        expect = _expected([part.get("expect", {}), *more], where)
        yield Condition(whole, kind, corpus, settings, expect, bool(part.get("optional", False)))


def _expected(tables: Iterable[Mapping[str, Any]], where: str) -> dict[str, Expected]:
    return {name: Expected.read(said, f"{where}, {name}") for table in tables for name, said in table.items()}


def _settings(kind: Measured, given: Mapping[str, Any], where: str) -> Settings:
    defaults = DEFAULTS[kind]
    _only(given, tuple(defaults), where)
    found = dict(defaults)
    for key, value in given.items():
        wanted = type(defaults[key])
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (type(value) is wanted or (wanted is float and whole)):
            raise BadConfig(f"{where}: {key} = {value!r} is not a {wanted.__name__}.")
        if wanted is not str and value < 0:
            raise BadConfig(f"{where}: {key} = {value!r} must be a number from 0 up.")
        found[key] = wanted(value)
    if found["effort"] not in list(Effort):
        raise BadConfig(f"{where}: effort = {found['effort']!r} is none of {', '.join(Effort)}.")
    return found


def _matches(name: str, glob: str) -> bool:
    return fnmatchcase(name, glob) or name.split("/", maxsplit=1)[0] == glob


def _word(value: Any) -> str:
    return str(value).strip("/").replace("/", "-").replace(" ", "-") or "none"


def _only(given: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if not isinstance(given, Mapping):
        raise BadConfig(f"{where} is not a table of {', '.join(known)}.")
    for key in given:
        if key not in known:
            raise BadConfig(f"{where}: there is no key {key!r}. There are: {', '.join(known)}.")


def _strings(given: Any, key: str, where: str) -> tuple[str, ...]:
    if isinstance(given, str) or not all(isinstance(one, str) for one in given):
        raise BadConfig(f"{where}: {key} is not a list of names.")
    return tuple(given)


def _whole(given: Mapping[str, Any], key: str, where: str) -> int:
    value = given.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise BadConfig(f"{where}: {key} = {value!r} is not a number from 1 up.")
    return value
