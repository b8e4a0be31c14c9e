"""The weaver's compiled loops: real texts rewoven at the level of words, a record in some ten microseconds.

What `eval.needles.haystack` does, and says why, word for word, done over arrays: a sentence is left at a word that is
neither common nor unique and gone on with from another text; short texts have a word swapped; new words are blended of
rare ones. Each record has a generator of its own (splitmix64, Steele, Lea and Flood 2014), begun with seed and number.
Knows arrays only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_PLAIN, _DIGITS = -1, -2
"""A piece as it is; a piece with its digits drawn anew. Any other mate is the piece that a word is gone on with."""
TRIES, OTHERS = 6, 4
"""Words that a sentence may be left at, drawn one after the other, and places that it may be gone on with at each."""


def mark(raw: NDArray[np.uint8], bounds: NDArray[np.int64], inner: NDArray[np.int32], slots: int) -> NDArray[np.uint8]:
    """A bit for each word there is, at its hash modulo `slots` (a power of two): uint8 (slots / 8,)."""
    known = np.zeros(slots // 8, dtype=np.uint8)
    _mark(raw, bounds, inner, known)
    return known


def holds(known: NDArray[np.uint8], word: bytes) -> bool:
    """Whether a word's bit is set, whatever the case of its ASCII letters."""
    return bool(_known(known, np.frombuffer(word, dtype=np.uint8), len(word)))


def runs(last: NDArray[np.bool_], longest: int) -> NDArray[np.int64]:
    """Where the sentence of each word ends, one past its last word: int64 (n,). `last`: which words end one."""
    ends: NDArray[np.int64] = _runs(np.ascontiguousarray(last), longest)
    return ends


def weave(
    learned: Sequence[NDArray[Any]],
    begin: int,
    count: int,
    seed: int,
    shape: NDArray[np.float64],
    out: NDArray[np.uint8],
) -> NDArray[np.int64]:
    """Weave records `begin` .. `begin + count` into bytes, as many as `out` has room for.

    `learned`: the arrays of `Learned`. `shape`: what decides how (see `woven`). Returns the offsets of the records that
    were made, int64 (made + 1,).
    """
    scratch = np.empty((3, 2_048), dtype=np.int64)
    bounds: NDArray[np.int64] = _weave(learned, begin, count, np.uint64(seed), shape, out, scratch)
    return bounds


@numba.njit(nogil=True, cache=True)
def _draw(state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """64 random bits."""
    state[0] += _GOLDEN
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


@numba.njit(nogil=True, cache=True)
def _share(state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """A number from 0 to under 1."""
    return np.float64(_draw(state) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@numba.njit(nogil=True, cache=True)
def _below(state, limit):  # type: ignore[no-untyped-def]  # pragma: no cover
    """A whole number from 0 to under `limit`."""
    return np.int64(_share(state) * limit)


@numba.njit(nogil=True, cache=True)
def _runs(last, longest):  # type: ignore[no-untyped-def]  # pragma: no cover
    ends = np.empty(len(last), dtype=np.int64)
    begin = 0
    for at in range(len(last)):
        if last[at] or at + 1 == len(last) or at + 1 - begin >= longest:
            ends[begin : at + 1] = at + 1
            begin = at + 1
    return ends


@numba.njit(nogil=True, cache=True)
def _hash(raw, begin, end):  # type: ignore[no-untyped-def]  # pragma: no cover
    """FNV-1a of a word, its ASCII letters in lower case, stirred once more."""
    held = np.uint64(0xCBF29CE484222325)
    for at in range(begin, end):
        letter = raw[at]
        if 65 <= letter <= 90:
            letter += 32
        held = (held ^ np.uint64(letter)) * np.uint64(0x100000001B3)
    return held ^ (held >> np.uint64(29))


@numba.njit(nogil=True, cache=True)
def _known(known, letters, length):  # type: ignore[no-untyped-def]  # pragma: no cover
    slot = _hash(letters, 0, length) & np.uint64(len(known) * 8 - 1)
    return known[slot >> np.uint64(3)] & np.uint8(1 << (slot & np.uint64(7))) > 0


@numba.njit(nogil=True, cache=True)
def _mark(raw, bounds, inner, known):  # type: ignore[no-untyped-def]  # pragma: no cover
    mask = np.uint64(len(known) * 8 - 1)
    for piece in range(len(inner)):
        slot = _hash(raw, bounds[piece] + inner[piece, 0], bounds[piece] + inner[piece, 1]) & mask
        known[slot >> np.uint64(3)] |= np.uint8(1 << (slot & np.uint64(7)))


@numba.njit(nogil=True, cache=True)
def _count(learned, piece):  # type: ignore[no-untyped-def]  # pragma: no cover
    word = learned.words[piece]
    return learned.first[word + 1] - learned.first[word]


@numba.njit(nogil=True, cache=True)
def _joint(learned, begin, end, own, state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Where to leave a sentence and where to go on, at the same word with about as much to come; -1, -1 for nowhere."""
    most = max(len(learned.pieces) // 2_000, 8)
    for _ in range(TRIES if end - begin >= 5 else 0):
        cut = begin + 1 + _below(state, end - begin - 2)
        word = learned.words[learned.pieces[cut]]
        first, count = learned.first[word], learned.first[word + 1] - learned.first[word]
        if not 2 <= count <= most:
            continue
        best, off = -1, 1 << 30
        for _ in range(OTHERS):
            other = learned.where[first + _below(state, count)]
            far = abs((learned.ends[other] - other) - (end - cut))
            if not own[0] <= other < own[1] and learned.ends[other] - other > 1 and far < off:
                best, off = other, far
        if best >= 0:
            return cut, best
    return -1, -1


@numba.njit(nogil=True, cache=True)
def _rewoven(learned, begin, end, shape, state, held):  # type: ignore[no-untyped-def]  # pragma: no cover
    """The pieces of a text, its sentences gone on with from others, into `held`; how many."""
    size, at, spliced = 0, begin, False
    while at < end and size + 128 < len(held):
        stop = min(learned.ends[at], end)
        cut, other = -1, -1
        if end - begin < shape[1] or _share(state) < shape[0]:
            cut, other = _joint(learned, at, stop, (begin, end), state)
        for place in range(at, stop if cut < 0 else cut):
            held[size] = learned.pieces[place]
            size += 1
        if cut >= 0:
            spliced = True
            for place in range(other, learned.ends[other]):
                held[size] = learned.pieces[place]
                size += 1
        at = stop
    if not spliced or size < shape[1]:
        _swap(learned, held, size, state)
    return size


@numba.njit(nogil=True, cache=True)
def _swap(learned, held, size, state):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Put another word that follows the same word elsewhere in the place of one."""
    for _ in range(12):
        at = 1 + _below(state, size - 1) if size > 1 else 0
        word = learned.words[held[at - 1 if at else size - 1]]
        first = learned.first[word]
        other = learned.where[first + _below(state, learned.first[word + 1] - first)] + 1
        if other < len(learned.pieces) and learned.words[learned.pieces[other]] != learned.words[held[at]]:
            held[at] = learned.pieces[other]
            return


@numba.njit(nogil=True, cache=True)
def _rarity(learned, piece):  # type: ignore[no-untyped-def]  # pragma: no cover
    if learned.bounds[piece + 1] - learned.bounds[piece] > 4 and learned.inner[piece, 1] > 0:
        return _count(learned, piece)
    return len(learned.pieces)


@numba.njit(nogil=True, cache=True)
def _renew(learned, held, size, state, out):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Make a new word of the rarest of four: its digits drawn anew, or gone on with as another rare one ends.

    `held`: pieces, mates and what digits are drawn by. `out`: room to spell a word in.
    """
    at = _below(state, size)
    for _ in range(3):
        other = _below(state, size)
        if _rarity(learned, held[0, other]) < _rarity(learned, held[0, at]):
            at = other
    piece = held[0, at]
    if learned.inner[piece, 1] == 0:
        return
    for _ in range(8):
        mate, salt = _DIGITS, np.int64(_draw(state) >> np.uint64(1))
        if not learned.digits[piece]:
            mate = learned.pieces[_below(state, len(learned.pieces))]
            for _ in range(2):
                other = learned.pieces[_below(state, len(learned.pieces))]
                if _rarity(learned, other) < _rarity(learned, mate):
                    mate = other
        length = _fresh(learned, (piece, mate, salt), out, 0)
        if not _known(learned.known, out, length):
            held[1, at], held[2, at] = mate, salt
            return


@numba.njit(nogil=True, cache=True)
def _fresh(learned, made, out, at):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Spell a made-up word at `at`; where it ends."""
    piece, mate, salt = made
    base = learned.bounds[piece]
    if mate == _DIGITS:
        state = np.array([salt], dtype=np.uint64)
        for place in range(base + learned.inner[piece, 0], base + learned.inner[piece, 1]):
            letter = learned.raw[place]
            out[at] = 48 + _below(state, 10) if 48 <= letter <= 57 else letter
            at += 1
        return at
    for place in range(base + learned.inner[piece, 0], base + learned.inner[piece, 2]):
        out[at] = learned.raw[place]
        at += 1
    base = learned.bounds[mate]
    for place in range(base + learned.inner[mate, 3], base + learned.inner[mate, 1]):
        letter = learned.raw[place]
        if letter >= 128 or 97 <= letter <= 122 or 65 <= letter <= 90:
            out[at] = letter
            at += 1
    return at


@numba.njit(nogil=True, cache=True)
def _spell(learned, held, size, out, at):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Write pieces as bytes at `at`, without white space at either end; where they end, or -1 for want of room."""
    begin = at
    for number in range(size):
        piece, mate = held[0, number], held[1, number]
        low, high = learned.bounds[piece], learned.bounds[piece + 1]
        room = high - low if mate < 0 else high - low + learned.bounds[mate + 1] - learned.bounds[mate]
        if at + room > len(out):
            return -1
        if mate == _PLAIN:
            out[at : at + high - low] = learned.raw[low:high]
            at += high - low
            continue
        for place in range(low, low + learned.inner[piece, 0]):
            out[at] = learned.raw[place]
            at += 1
        at = _fresh(learned, (piece, mate, held[2, number]), out, at)
        for place in range(low + learned.inner[piece, 1], high):
            out[at] = learned.raw[place]
            at += 1
    while at > begin and out[at - 1] <= 32:
        at -= 1
    return at


@numba.njit(nogil=True, cache=True)
def _weave(learned, begin, count, seed, shape, out, held):  # type: ignore[no-untyped-def]  # pragma: no cover
    bounds = np.zeros(count + 1, dtype=np.int64)
    spelled = np.empty(1 << 16, dtype=np.uint8)
    state = np.empty(1, dtype=np.uint64)
    texts = len(learned.starts) - 1
    at = 0
    for made in range(count):
        state[0] = seed ^ (np.uint64(begin + made) * np.uint64(0xD1342543DE82EF95))
        _draw(state)
        cycle, place = divmod(begin + made, texts)
        text = (place * np.int64(shape[2]) + np.int64(shape[3]) * (cycle + 1)) % texts
        size = _rewoven(learned, learned.starts[text], learned.starts[text + 1], shape, state, held[0])
        held[1, :size] = _PLAIN
        wanted = np.int64(shape[4 + min(cycle, len(shape) - 5)] * size + _share(state))
        for _ in range(wanted):
            _renew(learned, held, size, state, spelled)
        at = _spell(learned, held, size, out, at)
        if at < 0:
            return bounds[: made + 1]
        bounds[made + 1] = at
    return bounds
