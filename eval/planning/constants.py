"""The constants that the model rests on: each measured on one machine, on one day, and written down with both.

The file that is shipped holds those of a run on a machine of two cores; `cascade plan --calibrate` measures those of
this machine and writes them beside the user's other settings, where they are taken instead.
Knows names, units and files; knows nothing of how they are measured or used.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from cascade.errors import BadConfig
from eval.planning.survival import Curve


class Meaning(NamedTuple):
    """The unit of a constant, and what it is the cost or size of."""

    unit: str
    says: str


KNOWN: Mapping[str, Meaning] = {
    "tokens_per_word": Meaning("", "token ids of a word, headings and titles included"),
    "text_bytes": Meaning("B", "compressed text, a word"),
    "words_bytes": Meaning("B", "inverted index of words, a word"),
    "passages_bytes": Meaning("B", "catalog (place, title, source, time, metadata), a passage"),
    "process_bytes": Meaning("B", "anonymous memory of a process with its models and an index of a few passages"),
    "segment_bytes": Meaning("B", "anonymous memory of one open segment, whatever its size"),
    "row_bytes": Meaning("B", "anonymous memory a passage"),
    "encode_ms": Meaning("ms", "a question encoded"),
    "coarse_ns": Meaning("ns", "one dimension of one centroid compared with a question, one core"),
    "grouped_ns": Meaning("ns", "the same, where lists are found by their groups, and put in order"),
    "probe_ns": Meaning("ns", "one list put in order of nearness, one core"),
    "code_ns": Meaning("ns", "64 dimensions of a 1-bit code compared, one core"),
    "exact_ns": Meaning("ns", "one dimension of an int8 vector compared, in order of rows, one core"),
    "list_us": Meaning("us", "one list of one segment opened for a question"),
    "keep_ns": Meaning("ns", "one candidate kept of those compared"),
    "nominate_fixed_ms": Meaning("ms", "a nomination by vectors, whatever its size"),
    "union_ms": Meaning("ms", "candidates put in order and joined with those of the words"),
    "list_skew": Meaning("", "size of the lists that are probed over that of all, on average"),
    "lexical_ms": Meaning("ms", "a question to the words of one segment, whatever its size"),
    "hit_us": Meaning("us", "one passage that words nominate, read out, one core"),
    "lexical_passage_ms": Meaning("ms", "a question to the words of 1,000,000 passages besides, one core"),
    "lexical_growth": Meaning("", "exponent with which that grows with passages"),
    "posting_share": Meaning("", "passages that a question's nominating words are in, each counted, over all passages"),
    "ready_ms": Meaning("ms", "a question made ready for the scan"),
    "fuse_ns": Meaning("ns", "what one candidate's features come to, one core"),
    "row_ns": Meaning("ns", "one candidate scanned, besides its tokens and vector, one core"),
    "token_ns": Meaning("ns", "one token of one candidate scanned, one core"),
    "dot_ns": Meaning("ns", "one dimension of a candidate's int8 vector, fetched and compared, one core"),
    "hear_ns": Meaning("ns", "one token of one candidate read once more for what the best say, one core"),
    "again_ns": Meaning("ns", "one candidate's features fused anew, one core"),
    "link_us": Meaning("us", "a word of the best passages looked up in one segment, one core"),
    "link_words": Meaning("", "words of the best passages that are looked up, over those of a passage"),
    "feedback_ms": Meaning("ms", "the rest of feedback: the best read, their links told apart and raised"),
    "pick_ms": Meaning("ms", "the best 117 selected and fetched"),
    "second_core": Meaning("", "what each core still does when all of them work on one question"),
    "p95_ratio": Meaning("", "95th percentile of the whole time over its median"),
    "read_rate": Meaning("B/s", "read in sequence from the disk, nothing cached"),
    "window_reads": Meaning("/s", "stretches of 128 KiB read at random from the disk by all cores, nothing cached"),
    "write_rate": Meaning("B/s", "written in sequence to the disk and flushed"),
    "cut_us": Meaning("us", "a word read and cut into passages and token ids, one core"),
    "encode_static_us": Meaning("us", "a word encoded by `static`, one core"),
    "encode_minilm_us": Meaning("us", "a word encoded by `minilm`, one core"),
    "words_us": Meaning("us", "a word put into the inverted index, one core"),
    "text_us": Meaning("us", "a word of text compressed, one core"),
    "catalog_us": Meaning("us", "a passage put into the catalog, one core"),
    "assign_ns": Meaning("ns", "one dimension of one centroid compared with a passage, in bulk, one core"),
    "pack_ns": Meaning("ns", "one dimension of a passage turned into its 1-bit code, one core"),
    "train_ns": Meaning(
        "ns", "one dimension of one centroid compared with one vector in a round of training, one core"
    ),
    "build_cores": Meaning("", "share of the cores that building keeps busy"),
}

WHERE = "plan.toml"


@dataclass(frozen=True, slots=True)
class Checked:
    """How far a figure was off when the model was last held against a measurement: predicted / measured - 1."""

    figure: str
    passages: int
    error: float
    date: str
    commit: str


@dataclass(frozen=True, slots=True)
class Constants:
    """Values by the names of KNOWN; where they come from; curves of survival; and what checks of them found."""

    values: Mapping[str, float]
    circumstances: Mapping[str, Any]
    curves: Sequence[Curve]
    checked: Sequence[Checked] = ()
    file: str = field(default="", compare=False)

    @property
    def cores(self) -> int:
        """Of the machine they were measured on."""
        return int(self.circumstances.get("cores", 2))

    def with_checks(self, found: Sequence[Checked]) -> Constants:
        """With newer checks in place of those of the same figure at the same size."""
        keys = {(one.figure, one.passages) for one in found}
        kept = [one for one in self.checked if (one.figure, one.passages) not in keys]
        return replace(self, checked=(*kept, *found))


def place() -> Path:
    """Where a user's own constants are kept: in XDG_CONFIG_HOME, or ~/.config."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "cascade" / WHERE


def load(file: Path | None = None) -> Constants:
    """Constants of a file; without, the user's own if there are some, else those that are shipped. Raises BadConfig."""
    if file is not None and not file.exists():
        raise BadConfig(f"{file} does not exist. Make it: cascade plan --calibrate --out {file}")
    chosen = file or (place() if place().exists() else None)
    try:
        raw = chosen.read_text("utf-8") if chosen else _shipped().read_text("utf-8")
        return _constants(tomllib.loads(raw), str(chosen or "shipped"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"{chosen} cannot be read as constants ({error}). Calibrate anew, or remove it.") from error


def shipped() -> Constants:
    """Those that come with the program, whatever the user has."""
    return _constants(tomllib.loads(_shipped().read_text("utf-8")), "shipped")


def save(constants: Constants, file: Path) -> None:
    """Write constants as TOML, aside and renamed, so that no half of them is ever read."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.tmp")
    aside.write_text(text(constants), "utf-8")
    aside.replace(file)


def text(constants: Constants) -> str:
    """Constants as TOML, each with its unit and meaning."""
    lines = ["# Made by `cascade plan --calibrate`; what each is stands behind it.", "", "[circumstances]"]
    lines += [f"{name} = {_toml(value)}" for name, value in constants.circumstances.items()]
    lines += ["", "[constants]"]
    for name, meaning in KNOWN.items():
        unit = f"{meaning.unit}: " if meaning.unit else ""
        lines.append(f"{name} = {_toml(constants.values[name])}  # {unit}{meaning.says}")
    for curve in constants.curves:
        lines += ["", "[[survival]]", *(f"{name} = {_toml(value)}" for name, value in curve.told().items())]
    for one in constants.checked:
        told = {name: getattr(one, name) for name in Checked.__slots__}
        lines += ["", "[[checked]]", *(f"{name} = {_toml(value)}" for name, value in told.items())]
    return "\n".join([*lines, ""])


def _constants(said: Mapping[str, Any], origin: str) -> Constants:
    values = said.get("constants", {})
    if missing := sorted(KNOWN.keys() - values.keys()):
        raise BadConfig(f"{origin} lacks {', '.join(missing)}. Calibrate anew: cascade plan --calibrate")
    for name, value in values.items():
        if name not in KNOWN:
            raise BadConfig(f"{origin}: there is no constant {name!r}. Take it out, or calibrate anew.")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise BadConfig(f"{origin}: {name} = {value!r} must be a number from 0 up.")
    try:
        curves = tuple(Curve.of(one) for one in said.get("survival", []))
        checked = tuple(Checked(**one) for one in said.get("checked", []))
    except (TypeError, KeyError, ValueError) as error:
        raise BadConfig(f"{origin}: a table of survival or of checks is not as it should be ({error}).") from error
    if not curves:
        raise BadConfig(f"{origin}: there is no table [[survival]]. Calibrate anew: cascade plan --calibrate")
    return Constants(dict(values), dict(said.get("circumstances", {})), curves, checked, origin)


def _shipped() -> Any:
    return resources.files("eval.planning").joinpath("constants.toml")


def _toml(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if "e" in f"{value:.4g}" or "." in f"{value:.4g}" else f"{value:.4g}.0"
    return json.dumps(value, ensure_ascii=False)
