"""Fusion: one score of all that is known of a candidate, and how likely it is relevant.

A score is a weighted sum of z-scores over the candidates; the weights may turn with the circumstances of the
question (do the best by words lie near it? does any passage hold all its words?), which is how vectors can count for
more where words mislead. Relevance is a logistic regression, comparable between questions. A fusion is a small JSON
file, trained by `cascade train fusion`; the one that is shipped lies beside this module, and an index may have its own.
Knows features and numbers; knows nothing of passages, models or how it was trained.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cascade.data import Floats
from cascade.errors import BadConfig
from cascade.index.scan import Feature

SHIPPED = Path(__file__).with_name("fusion.json")
"""The fusion of any encoder that has none of its own beside it."""


def shipped(encoder: str) -> Path:
    """The fusion that is shipped for the vectors of an encoder: `fusion.ENCODER.json`, where there is one."""
    there = {path.name: path for path in SHIPPED.parent.glob("fusion.*.json")}
    return there.get(f"fusion.{encoder}.json", SHIPPED)


FORMAT = 1

TOP = 10
"""How many of the best by words, or by vectors, the circumstances are read from."""


USUAL = 0.5
"""LENGTH and RAREST end here, at about 14 words and a word in one of 20,000 passages: a question longer and rarer still
is not one for which vectors should count for still less."""


class Circumstance(IntEnum):
    """What is known of a question and its candidates as a whole; each about -1..1.

    NEAR: how near the best by words are, by vectors. WORDED: how well the best by vectors do by words. COVERED: the
    share of the question's words, by rarity, that some passage holds. LENGTH: of the question. RAREST: its rarest word.
    AHEAD: how much further the best by vectors stands out from all candidates than the best by words does, 0 where it
    does not: where words tell nothing apart, vectors should decide (compare NQC, Shtok et al. 2012). FOREIGN: how far
    the question is in words that the vocabulary does not know whole (`probe.foreign`).
    """

    NEAR = 0
    WORDED = 1
    COVERED = 2
    LENGTH = 3
    RAREST = 4
    AHEAD = 5
    FOREIGN = 6


CALIBRATED = (Feature.DENSE, Feature.LATE, Feature.COVERAGE, Feature.PAIRS)
"""What relevance is told from. Not from the score, which is relative to the candidates and as high for a question of
nonsense; not from feedback: the best passages are like one another whether or not they are relevant."""

PIECED = (Feature.DENSE, Feature.LATE, Feature.PAIRS, Feature.ECHO)
"""What goes by pieces or vectors, and not by whole words: noise where the encoder and the vocabulary cannot read."""


@dataclass(frozen=True, eq=False)
class Fusion:
    """Weights of z-scores, float32 (features,), and how circumstances turn them, float32 (circumstances, features).

    `calibration`: float32 (calibrated + 1,), the last is the intercept.
    """

    name: str
    weights: Floats
    turns: Floats
    calibration: Floats
    notes: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, raw: bytes, origin: str) -> Fusion:
        """A fusion from its file. Raises BadConfig, naming where it came from.

        Features and circumstances that it does not know, since they are newer, count nothing.
        """
        try:
            said = json.loads(raw)
            if said["format"] != FORMAT or set(said["features"]) - set(_lowered(Feature)):
                raise ValueError(f"it was made for other features ({', '.join(map(str, said['features']))})")
            known = [_lowered(Feature).index(name) for name in said["features"]]
            if set(said["circumstances"]) - set(_lowered(Circumstance)) or said["calibrated"] != _lowered(CALIBRATED):
                raise ValueError("it was made for other circumstances")
            seen = [_lowered(Circumstance).index(name) for name in said["circumstances"]]
            turns = np.zeros((len(Circumstance), len(Feature)), np.float32)
            turns[np.ix_(seen, known)] = np.array(said["turns"], np.float32).reshape(len(seen), len(known))
            weights = np.zeros(len(Feature), np.float32)
            weights[known] = np.array(said["weights"], np.float32).reshape(len(known))
            made = cls(
                str(said["name"]), weights, turns,
                np.array(said["calibration"], dtype=np.float32).reshape(len(CALIBRATED) + 1),
                dict(said.get("notes", {})),
            )
            if not all(np.isfinite(part).all() for part in (made.weights, made.turns, made.calibration)):
                raise ValueError("it holds a number that is none")
        except (ValueError, KeyError, TypeError) as error:
            raise BadConfig(
                f"{origin} is not a fusion of this version: {error}. Train one: cascade train fusion OUT INDEX --sets S"
            ) from error
        return made

    @classmethod
    def open(cls, path: Path = SHIPPED) -> Fusion:
        """Read a fusion from disk. Raises BadConfig."""
        try:
            return cls.parse(path.read_bytes(), str(path))
        except OSError as error:
            raise BadConfig(f"The fusion {path} cannot be read ({error.strerror}). Name a file or hand-set.") from error

    def encode(self) -> bytes:
        """The file: the same fusion, the same bytes."""
        said = {
            "format": FORMAT,
            "name": self.name,
            "features": _lowered(Feature),
            "circumstances": _lowered(Circumstance),
            "calibrated": _lowered(CALIBRATED),
            "weights": _rounded(self.weights),
            "turns": [_rounded(row) for row in self.turns],
            "calibration": _rounded(self.calibration),
            "notes": dict(self.notes),
        }
        return (json.dumps(said, indent=1, sort_keys=True) + "\n").encode()

    def scores(self, features: Floats, circumstances: Floats, legible: float = 1.0) -> Floats:
        """float32 (n,) of features float32 (n, features), and of `circumstances` float32 (circumstances,).

        `legible`: 0..1, the share of their weight that vectors and pieces keep; whole words keep all.
        """
        if not len(features):
            return np.empty(0, np.float32)
        weights = (self.weights + circumstances @ self.turns).astype(np.float64)
        weights[list(PIECED)] *= legible
        counts = np.flatnonzero(weights)
        fused: Floats = (standardized(features[:, counts]) @ weights[counts]).astype(np.float32)  # equals stay equal
        return fused

    def relevance(self, features: Floats) -> Floats:
        """The probability that each is relevant, float32 (n,). Judgments are sparse, so it is a lower bound."""
        told = features[:, CALIBRATED].astype(np.float64)
        logit = told @ self.calibration[:-1].astype(np.float64) + self.calibration[-1]
        sure: Floats = (1.0 / (1.0 + np.exp(-logit))).astype(np.float32)
        return sure


def standardized(features: Floats) -> Floats:
    """z-scores of each column over the candidates, float32; zeros where a feature is the same for all."""
    columns = np.ascontiguousarray(features.T, dtype=np.float64)
    columns -= columns.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->i", columns, columns) / max(columns.shape[1], 1))
    columns *= np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 1e-9)[:, None]
    z: Floats = columns.T.astype(np.float32)
    return z


def circumstances(features: Floats, rarities: Floats, foreign: float = 0.0) -> Floats:
    """What is known of the question as a whole, float32 (circumstances,).

    `rarities`: of its words, float32 (w,). `foreign`: 0..1, how far they are not known whole.
    """
    if not len(features):
        return np.zeros(len(Circumstance), np.float32)
    z = standardized(features[:, [Feature.DENSE, Feature.BM25]])
    near, worded = (
        float(z[_best(z[:, other]), own].mean() / max(float(z[:, own].max()), 1e-3))
        for own, other in ((0, 1), (1, 0))
    )
    said = np.array([
        near,
        worded,
        float(features[:, Feature.COVERAGE].max()),
        np.log1p(len(rarities)) - 2.2,
        (float(rarities.max(initial=0.0)) - 8.0) / 4.0,
        max(0.0, float(z[:, 0].max() - z[:, 1].max())),
        foreign,
    ])
    bounded: Floats = np.clip(said, -1.5, [1.5, 1.5, 1.5, USUAL, USUAL, 1.5, 1.0]).astype(np.float32)
    return bounded


def _best(column: Floats) -> NDArray[np.bool_]:
    """The best TOP by one feature, and their equals: which of equals come first must not matter."""
    last = -np.partition(-column, min(TOP, len(column)) - 1)[min(TOP, len(column)) - 1]
    found: NDArray[np.bool_] = column >= last
    return found


def _lowered(kinds: Iterable[IntEnum]) -> list[str]:
    return [one.name.lower() for one in kinds]


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 5) for value in values]
