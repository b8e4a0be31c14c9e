"""Sealed bytes open with their key as what they are, and as nothing else."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vaults import CHEAP

from cascade.errors import Corrupt
from indexers.personal.sealing import (
    CHUNK,
    MAGIC,
    SALT,
    TAG,
    Cost,
    Kdf,
    Key,
    Label,
    NoKey,
    derive,
    seal,
    sealed,
    unseal,
)  # fmt: skip

KEY = Key(bytes(range(32)))
LABEL = Label("vault", "mail", "segment", "one")
STEP = CHUNK + TAG
HEAD = len(MAGIC) + SALT


@pytest.mark.parametrize("size", [0, 1, 15, 16, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7])
def test_what_was_sealed_comes_back_whatever_its_size(size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    closed = seal(KEY, LABEL, data)
    assert unseal(KEY, LABEL, closed, "it") == data
    assert len(closed) == HEAD + size + TAG * max(1, -(-size // CHUNK))


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_parts_are_sealed_as_if_they_were_joined(parts: list[bytes]) -> None:
    closed = b"".join(sealed(KEY, LABEL, parts))
    assert unseal(KEY, LABEL, closed, "it") == b"".join(parts)


def test_parts_stream_and_are_never_held_together() -> None:
    taken = 0

    def parts() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield bytes(CHUNK)

    out = sealed(KEY, LABEL, parts())
    for _ in range(3):
        next(out)
    assert taken <= 4


@pytest.mark.parametrize("size", [0, 40, CHUNK, 2 * CHUNK + 9])
def test_a_flipped_bit_anywhere_is_refused(size: int) -> None:
    closed = bytearray(seal(KEY, LABEL, bytes(size)))
    places = {*range(HEAD + 40), *range(len(closed) - 40, len(closed)), *range(HEAD, len(closed), 4099)}
    for at in sorted(place for place in places if 0 <= place < len(closed)):
        closed[at] ^= 1
        with pytest.raises(Corrupt):
            unseal(KEY, LABEL, bytes(closed), "it")
        closed[at] ^= 1
    assert unseal(KEY, LABEL, bytes(closed), "it") == bytes(size)


def test_a_stream_that_is_cut_off_anywhere_is_refused() -> None:
    closed = seal(KEY, LABEL, bytes(3 * CHUNK))
    cuts = [0, 1, HEAD - 1, HEAD, HEAD + TAG, HEAD + STEP - 1, HEAD + STEP, HEAD + 2 * STEP, len(closed) - 1]
    for cut in cuts:
        with pytest.raises(Corrupt):
            unseal(KEY, LABEL, closed[:cut], "it")


def test_a_stream_that_goes_on_is_refused() -> None:
    closed = seal(KEY, LABEL, bytes(CHUNK))
    for more in (b"\0", bytes(TAG), closed[HEAD:], closed):
        with pytest.raises(Corrupt):
            unseal(KEY, LABEL, closed + more, "it")


def test_chunks_cannot_be_reordered_repeated_or_left_out() -> None:
    closed = seal(KEY, LABEL, bytes(4 * CHUNK))
    chunks = [closed[HEAD + at * STEP : HEAD + (at + 1) * STEP] for at in range(4)]
    for order in ([1, 0, 2, 3], [0, 0, 2, 3], [0, 2, 3], [0, 1, 2], [3], [0, 3], [0, 1, 2, 3, 3]):
        with pytest.raises(Corrupt):
            unseal(KEY, LABEL, closed[:HEAD] + b"".join(chunks[at] for at in order), "it")


def test_chunks_of_another_file_with_the_same_label_do_not_fit() -> None:
    one, other = seal(KEY, LABEL, bytes(2 * CHUNK)), seal(KEY, LABEL, bytes(2 * CHUNK))
    with pytest.raises(Corrupt):
        unseal(KEY, LABEL, one[: HEAD + STEP] + other[HEAD + STEP :], "it")


@pytest.mark.parametrize("part", ["vault", "grant", "kind", "name"])
def test_a_file_passes_for_no_other_one(part: str) -> None:
    closed = seal(KEY, LABEL, b"mine")
    with pytest.raises(Corrupt):
        unseal(KEY, replace(LABEL, **{part: "other"}), closed, "it")


def test_no_two_labels_have_the_same_bytes() -> None:
    labels = [
        Label("a", "b", "c", "d"),
        Label("ab", "", "c", "d"),
        Label("a", "bc", "", "d"),
        Label("", "a", "b", "cd"),
    ]
    assert len({label.encoded() for label in labels}) == len(labels)


def test_another_key_opens_nothing() -> None:
    closed = seal(KEY, LABEL, b"mine")
    with pytest.raises(Corrupt, match="it is not what was sealed here"):
        unseal(Key.new(), LABEL, closed, "it")


def test_the_same_bytes_are_never_sealed_to_the_same() -> None:
    one, other = seal(KEY, LABEL, bytes(64)), seal(KEY, LABEL, bytes(64))
    assert one[len(MAGIC) : HEAD] != other[len(MAGIC) : HEAD]
    assert one[HEAD:] != other[HEAD:]


@given(st.binary(max_size=200))
def test_bytes_that_were_never_sealed_are_refused(data: bytes) -> None:
    for raw in (data, MAGIC + data, MAGIC + bytes(SALT) + data):
        with pytest.raises(Corrupt):
            unseal(KEY, LABEL, raw, "it")


@pytest.mark.parametrize("kdf", list(Kdf))
def test_a_passphrase_gives_the_same_key_again_and_another_gives_another(kdf: Kdf) -> None:
    cost = replace(CHEAP, kdf=kdf)
    keys = [
        derive(secret, salt, cost).raw
        for secret, salt in ((b"one", bytes(16)), (b"one", bytes(16)), (b"two", bytes(16)), (b"one", bytes([1] * 16)))
    ]
    assert keys[0] == keys[1]
    assert len({bytes(key) for key in keys}) == 3


def test_argon2id_is_the_one_of_the_reference_implementation() -> None:
    """From the tests of phc-winner-argon2: version 0x13, t=2, m=2^16, p=1."""
    found = derive(b"password", b"somesalt", Cost(Kdf.ARGON2ID, 1 << 16, 2, 1))
    assert found.raw.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"


def test_scrypt_is_the_one_of_rfc_7914() -> None:
    found = derive(b"pleaseletmein", b"SodiumChloride", Cost(Kdf.SCRYPT, 1 << 14, 1, 1))
    assert found.raw.hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"


@pytest.mark.parametrize("change", [{"memory": 128}, {"passes": 2}, {"lanes": 2}])
def test_memory_passes_and_lanes_all_count(change: dict[str, int]) -> None:
    found = [derive(b"password", bytes(16), cost).raw for cost in (CHEAP, replace(CHEAP, **change))]
    assert found[0] != found[1]


def test_a_guess_at_the_passphrase_costs_at_least_64_mib_by_default() -> None:
    assert Cost.usual().memory >= 64 * 1024
    assert Cost.usual().kdf is Kdf.ARGON2ID


def test_a_cost_is_read_as_it_was_written_and_absurd_ones_are_refused() -> None:
    assert Cost.of(CHEAP.said()) == CHEAP
    for wrong in (
        {"memory": 1 << 30},
        {"passes": 0},
        {"lanes": 1000},
        {"kdf": "md5"},
        {"memory": True},
        {"passes": "3"},
    ):
        with pytest.raises(ValueError):
            Cost.of({**CHEAP.said(), **wrong})


def test_a_key_is_never_shown_or_pickled_and_opens_nothing_once_wiped() -> None:
    key = Key.new()
    raw, closed = key.raw, seal(key, LABEL, b"mine")
    assert bytes(raw).hex() not in repr(key) + str(key) + f"{key}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    key.wipe()
    assert raw == bytes(32)
    with pytest.raises(NoKey):
        unseal(key, LABEL, closed, "it")
    with pytest.raises(NoKey):
        seal(key, LABEL, b"mine")


def test_a_key_has_32_bytes() -> None:
    with pytest.raises(ValueError):
        Key(bytes(31))
