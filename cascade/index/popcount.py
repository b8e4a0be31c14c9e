"""The innermost step of `weigh`, written for the compiler: estimates of one block of codes.

numba finds no vector instruction for counting bits by itself, so the block is spelled as vectors of LLVM, which every
processor runs: with AVX-512 a block takes some 35 instructions a word, six times as fast as plain loops (docs/log.md).
Knows words and registers; knows nothing of what they stand for.
"""

# mypy: allow-untyped-calls, allow-untyped-defs

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from cascade.index.layout import LANES

PLANES = 4
"""Bits that a coordinate of a query is rounded to: adds 2% to the deviation of an estimate (docs/log.md)."""

LINE = 64
"""Bytes that the processor fetches at once, at least."""

_I16, _I32, _I64, _F32 = (ir.IntType(16), ir.IntType(32), ir.IntType(64), ir.FloatType())
_LONGS, _INTS, _FLOATS = (ir.VectorType(kind, LANES) for kind in (_I64, _I32, _F32))


def _block(_typing, codes, block, near, asked, out, to):
    """Write near + gain * (scale * a + each * b + rest) of LANES rows to `out` from `to` on.

    `codes`, `asked`: as `weigh` has them; a: bits in common with the planes, each plane doubled; b: bits of the code.
    """
    signature = types.void(codes, block, near, asked, out, to)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        codes, block, near, asked, out, to = args
        blocks, gains, planes = (
            _pointer(context, builder, sig.args[which].types[at], builder.extract_value(args[which], at))
            for which, at in ((0, 0), (0, 1), (3, 1))
        )
        width = builder.extract_value(codes, 2)
        code = builder.gep(blocks, [builder.mul(builder.mul(block, width), _I64(LANES))])
        shared, own = _counted(builder, code, planes, width)
        scale, each, rest = (_spread(builder, builder.extract_value(asked, at), _FLOATS) for at in (2, 3, 4))
        inner = builder.fadd(builder.fadd(builder.fmul(shared, scale), builder.fmul(own, each)), rest)
        gain = builder.gep(gains, [builder.mul(block, _I64(LANES))])
        halves = _loaded(builder, gain, ir.VectorType(_I16, LANES), 2)
        upper = builder.shl(builder.zext(halves, _INTS), ir.Constant(_INTS, [16] * LANES))
        product = builder.fmul(builder.bitcast(upper, _FLOATS), inner)
        place = builder.gep(_pointer(context, builder, sig.args[4], out), [to])
        estimate = builder.fadd(_spread(builder, near, _FLOATS), product)
        builder.store(estimate, builder.bitcast(place, _FLOATS.as_pointer()), align=4)
        return context.get_dummy_value()

    return signature, generate


block_of_rows: Any = intrinsic(_block)


def _lines(_typing, codes, first, last):
    """Have the processor fetch blocks [first, last) and their gains, while it works on others."""
    signature = types.void(codes, first, last)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        codes, first, last = args
        blocks, gains = (
            _pointer(context, builder, sig.args[0].types[at], builder.extract_value(codes, at)) for at in (0, 1)
        )
        words = builder.mul(builder.extract_value(codes, 2), _I64(LANES))
        for array, each, wide in ((blocks, words, 8), (gains, _I64(LANES), 2)):
            begin, end = builder.mul(first, each), builder.mul(last, each)
            step = _I64(LINE // wide)
            with cgutils.for_range_slice(builder, begin, end, step, _I64) as (at, _):
                _fetch(builder, builder.gep(array, [at]))
        return context.get_dummy_value()

    return signature, generate


fetch_blocks: Any = intrinsic(_lines)


def _fetch(builder, pointer):
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, _I32, _I32, _I32])
    fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
    builder.call(fetch, [builder.bitcast(pointer, byte), _I32(0), _I32(3), _I32(1)])


def _counted(builder, code, planes, width):
    """The bits that each row shares with the planes, and those it has, as vectors of float32."""
    kind = ir.FunctionType(_LONGS, [_LONGS])
    count = cgutils.get_or_insert_function(builder.module, kind, f"llvm.ctpop.v{LANES}i64")
    zeros = ir.Constant(_LONGS, [0] * LANES)
    sums = [cgutils.alloca_once_value(builder, zeros) for _ in range(PLANES + 1)]
    with cgutils.for_range(builder, width) as loop:
        word = _loaded(builder, builder.gep(code, [builder.mul(loop.index, _I64(LANES))]), _LONGS, 8)
        for bit in range(PLANES):
            place = builder.add(builder.mul(loop.index, _I64(PLANES)), _I64(bit))
            common = builder.and_(word, _spread(builder, builder.load(builder.gep(planes, [place])), _LONGS))
            builder.store(builder.add(builder.load(sums[bit]), builder.call(count, [common])), sums[bit])
        builder.store(builder.add(builder.load(sums[PLANES]), builder.call(count, [word])), sums[PLANES])
    total = builder.load(sums[0])
    for bit in range(1, PLANES):
        total = builder.add(total, builder.shl(builder.load(sums[bit]), ir.Constant(_LONGS, [bit] * LANES)))
    both = (total, builder.load(sums[PLANES]))
    return tuple(builder.sitofp(builder.trunc(value, _INTS), _FLOATS) for value in both)


def _pointer(context, builder, kind, array):
    return context.make_array(kind)(context, builder, array).data


def _spread(builder, value, kind):
    """One value in every lane."""
    empty = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(empty, value, _I32(0))
    return builder.shuffle_vector(first, empty, ir.Constant(_INTS, [0] * LANES))


def _loaded(builder, pointer, kind, align):
    return builder.load(builder.bitcast(pointer, kind.as_pointer()), align=align)
