"""Settings: one frozen dataclass per stage; a default stands once, in its field.

Read from flags > environment (`CASCADE_*`) > `cascade.toml` > defaults, here and nowhere else. An index's operating
point comes before its defaults alone (`cascade.operating`); for that, settings know who set them.
Unknown keys are refused.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from cascade.data import CEILING, WIDTH, Effort
from cascade.errors import BadConfig

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class RetrieveConfig:
    """How candidates are nominated."""

    width: int = WIDTH
    """Most candidates."""

    lexical: int = 12_000
    """Most that words nominate."""

    scanned: int = 2_000_000
    """Codes that are compared at most, those of the nearest lists; up to so many passages, all of them are."""

    fewest: int = 64
    """Lists that are read at least."""

    patience: float = 0.0
    """Lists are read in four waves; one that brings less than this share of the candidates is the last. 0: in one."""

    exact_filtered: int = 200_000
    """Passages up to which a filter's matches are all scored, without lists."""

    lexical_seconds: float = 1.0
    """Words that take longer are left out, and the ledger says so."""

    follow: int = 5_000
    """With effort high: most that the words, and most that the vectors, of the best passages nominate in each round."""


@dataclass(frozen=True, slots=True)
class RerankConfig:
    """How candidates are ranked. `dense` to `echo` weigh z-scores over the candidates in the hand-set fusion."""

    fusion: str = ""
    """How features become a score: a file, or "hand-set". Empty: the index's own fusion, or the one that is shipped."""

    dense: float = 2.0
    """Cosine of query and passage vectors."""

    ahead: float = 4.0
    """How much more cosine weighs, a unit of z, where the best by vectors stands out further than that by words."""

    bm25: float = 0.35
    """Whole words in common, as the vocabulary spells them."""

    stems: float = 0.35
    """Words in common by their stems, as stage one finds them."""

    foreign: float = 0.65
    """How much more stems weigh in a question whose words the vocabulary does not know whole: another language, say."""

    late: float = 0.7
    """Late interaction: how closely some token of the passage resembles each token of the query."""

    pairs: float = 0.15
    """Neighbours in the query that are neighbours in the passage."""

    head: float = 0.15
    """Words of the query in the title and headings."""

    echo: float = 0.3
    """What the best passages say and the question does not."""

    believed: int = 5
    """The best passages that say what else to look for. 0: none do."""

    doubt: float = 2.0
    """How slowly belief falls with the score: e times for so much."""

    early: int = 5
    """Places that are given by score alone; from here on, a few go to what rare words surely lead to."""

    first: int = 20
    """Places before those of other links of a chain."""

    links: int = 30
    """Most links of a chain that are raised to the places after these, every other place. 0: none are."""

    chained: int = 48
    """As many with effort high, where chains are longer."""

    own: float = 0.7
    """Of a link: weight of its score."""

    drawn: float = 0.6
    """Of a link: what the best passages say and the question does not, as z-scores."""

    titled: float = 20.0
    """Of a link: how far one of the best passages names its title."""

    bridged: float = 40.0
    """Of a link: how strongly rare words lead to it from the best passages."""

    hops: int = 4
    """How many links of a chain are followed with effort high; otherwise one. 0: none are."""

    rounds: int = 2
    """How often, with effort high, the best passages nominate more."""

    keep: int = CEILING
    """Most passages kept."""

    judged: int = 100
    """How many of the best a cross-encoder reads, when one is configured."""

    trust: float = 0.6
    """The share of the cross-encoder's opinion."""

    diversity: float = 0.1
    """For a context: 0 takes passages by score alone, 1 gives nothing for what is like one taken before."""

    floor: float = 0.0
    """For a context: relevance (0..1) below which no more passages are taken. 0: off."""

    enough: float = 1.0
    """For a context: passages are taken until they hold this share of all relevance expected in the 117. 1: off."""


@dataclass(frozen=True, slots=True)
class PackConfig:
    """How the window is shared out, in the reader's tokens."""

    answer: int = 256
    """Reserved for the answer; never more than a quarter of the window."""

    overhead: int = 128
    """Reserved for the instruction and the chat template; never more than an eighth of the window."""

    ceiling: int = CEILING
    """Most passages packed, however large the window."""

    tokens: int = 0
    """Most tokens of passages packed, where the window takes more. 0: as many as it takes."""

    header: int = 120
    """Most characters of the title and heading in a block's header."""

    quota: float = 0.0
    """Where several indexes are asked at once: the share of the places that each has at least. 0: relevance decides."""


@dataclass(frozen=True, slots=True)
class GenerateConfig:
    """How much is read and written for one answer."""

    answer: int = 256
    """Most tokens of an answer; never more than a quarter of the reader's window."""

    extract: int = 128
    """Most tokens noted from one window when several are read."""

    floor: float = 0.0
    """How sure (0..1) it must be that any passage is relevant, or the corpus does not contain the answer. 0: off."""

    attach: float = 0.7
    """Share of a claim's words that a block must hold for its number to be added to a claim without one."""

    windows: int = 8
    """Most windows read with effort high; twice as many with max."""

    rounds: int = 1
    """Most follow-up searches with effort high; twice as many with max."""


@dataclass(frozen=True, slots=True)
class Config:
    """All settings."""

    encoder: str = "static"
    reader: str = "local"
    scorer: str = ""
    effort: Effort = Effort.NORMAL
    threads: int = field(default_factory=lambda: min(8, os.cpu_count() or 1))
    window: int = 0
    """The window of the reader in use, in its own tokens. 0: as in `windows`, or the reader's own."""

    windows: Mapping[str, int] = field(default_factory=dict)
    """The effective window of readers by name, as `cascade eval reader` measures and writes it."""

    retrieve: RetrieveConfig = field(default_factory=RetrieveConfig)
    rerank: RerankConfig = field(default_factory=RerankConfig)
    pack: PackConfig = field(default_factory=PackConfig)
    generate: GenerateConfig = field(default_factory=GenerateConfig)
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Who set what is not a default: `retrieve.width` to a file, a variable or the command line. Not a setting."""

    @property
    def reads(self) -> int | None:
        """The window set for the reader in use; None where nothing is set."""
        return self.window or self.windows.get(self.reader) or None


def load(file: Path | None = None, environment: Mapping[str, str] | None = None, **flags: Any) -> Config:
    """Read the settings. `file`: a TOML file (default: `cascade.toml` in this folder, if there is one).

    Environment: `CASCADE_READER=...`, and `CASCADE_RETRIEVE__WIDTH=...` for a stage's setting. Flags that are None are
    not given. Raises BadConfig for anything unknown.
    """
    config = Config()
    path = file or Path("cascade.toml")
    if file is not None and not path.exists():
        raise BadConfig(f"{path} does not exist. Leave out --config, or name a TOML file.")
    if path.exists():
        try:
            config = _said(config, tomllib.loads(path.read_text("utf-8")), str(path))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadConfig(f"{path} is not valid TOML: {error}.") from error
    for name, value in sorted((environment if environment is not None else os.environ).items()):
        if name.startswith("CASCADE_") and name not in _ELSEWHERE:
            keys = name.removeprefix("CASCADE_").lower().split("__")
            config = _said(config, _nested(keys, value), name)
    return _said(config, {name: value for name, value in flags.items() if value is not None}, "the command line")


def _said(config: Config, values: Mapping[str, Any], origin: str) -> Config:
    """The settings with some replaced, and who did so."""
    origins = dict.fromkeys(_leaves(values), origin)
    return replace(apply(config, values, origin), origins={**config.origins, **origins})


def _leaves(values: Mapping[str, Any], under: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{under}{name}.")
        else:
            yield f"{under}{name}"


_ELSEWHERE = {
    "CASCADE_READER_KEY", "CASCADE_CACHE", "CASCADE_COMPLETE", "CASCADE_EVAL_DATA", "CASCADE_NODE_MODULES",
    "CASCADE_VAULT",
}  # fmt: skip


def remember(file: Path, reader: str, window: int) -> None:
    """Write a reader's window into the table `[windows]` of a TOML file, and leave all else there as it is.

    Raises BadConfig where the file is no TOML, or writes that table in a way that cannot be extended by lines.
    """
    try:
        old = file.read_text("utf-8") if file.exists() else ""
        wanted = tomllib.loads(old)
        wanted["windows"] = {**wanted.get("windows", {}), reader: window}
        text = _with_line(old, json.dumps(reader, ensure_ascii=False), window)
        if tomllib.loads(text) != wanted:
            raise BadConfig(f"{file} writes its windows in another way. Write it there yourself: {reader} = {window}.")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{file} is not valid TOML: {error}.") from error
    aside = file.with_name(f".{file.name}.{os.getpid()}")
    aside.write_text(text, "utf-8")
    aside.replace(file)


def _with_line(text: str, key: str, window: int) -> str:
    """A TOML text with `key = window` in its table `[windows]`, in the place of what that key had."""
    lines = text.splitlines()
    try:
        at = next(i for i, line in enumerate(lines) if line.split("#")[0].strip() == "[windows]")
    except StopIteration:
        return "\n".join([*lines, *([""] if lines else []), "[windows]", f"{key} = {window}", ""])
    end = next((i for i in range(at + 1, len(lines)) if lines[i].lstrip().startswith("[")), len(lines))
    same = {key, key[1:-1], f"'{key[1:-1]}'"}
    kept = [line for line in lines[at + 1 : end] if line.partition("=")[0].strip() not in same]
    return "\n".join([*lines[: at + 1], f"{key} = {window}", *kept, *lines[end:], ""])


def apply(settings: C, values: Mapping[str, Any], origin: str) -> C:
    """A dataclass with some fields replaced. Raises BadConfig, naming where the bad value came from."""
    if not is_dataclass(settings):
        raise BadConfig(f"{origin}: there are no settings inside a single value.")
    hints = get_type_hints(type(settings))
    known = {f.name for f in fields(settings)} - {"origins"}
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise BadConfig(f"{origin}: there is no setting {name!r}. There are: {', '.join(sorted(known))}.")
        now = getattr(settings, name)
        if isinstance(now, Mapping):
            if not isinstance(value, Mapping):
                raise BadConfig(f"{origin}: {name!r} is a table of names with numbers.")
            changes[name] = {**now, **{key: _cast(int, given, f"{name}.{key}", origin) for key, given in value.items()}}
        elif is_dataclass(now):
            if not isinstance(value, Mapping):
                raise BadConfig(
                    f"{origin}: {name!r} holds settings of its own: {', '.join(f.name for f in fields(now))}."
                )
            changes[name] = apply(now, value, origin)
        else:
            changes[name] = _cast(hints[name], value, name, origin)
    return replace(settings, **changes)  # type: ignore[type-var]


def _cast(kind: Any, value: Any, name: str, origin: str) -> Any:
    try:
        made = kind(value)
        if isinstance(value, bool | Mapping | list) or (not isinstance(value, str) and made != value):
            raise TypeError  # true is not 1, 3.7 is not 3, a table is not a word
    except (TypeError, ValueError):
        if issubclass(kind, Effort):
            raise BadConfig(f"{origin}: {name} = {value!r} is none of {', '.join(Effort)}.") from None
        raise BadConfig(f"{origin}: {name} = {value!r} is not a {kind.__name__}.") from None
    if isinstance(made, int | float) and not 0 <= made < float("inf"):
        raise BadConfig(f"{origin}: {name} = {value!r} must be a number from 0 up.")
    return made


def _nested(keys: list[str], value: str) -> dict[str, Any]:
    return {keys[0]: value} if len(keys) == 1 else {keys[0]: _nested(keys[1:], value)}
