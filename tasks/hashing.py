"""64-bit hashes of many strings at once, the same on every machine.

A polynomial over the bytes modulo 2^64, each byte standing for a random number, then mixed. Good enough to tell
lines apart; not to be relied on where somebody would gain from a collision.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Hashes = npt.NDArray[np.uint64]

#: Bytes of a string that count, besides its length.
LONGEST = 1024
_BLOCK = 1 << 15
_BASE = np.uint64(0x9E3779B97F4A7C15)
_UNBASE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))


def mix(values: Hashes) -> Hashes:
    """Spread the bits (the finaliser of SplitMix64)."""
    z = values + _BASE
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def hash64(strings: "pa.Array | pa.ChunkedArray") -> Hashes:
    """One hash a string; a null is as an empty string. Of strings beyond LONGEST bytes the first count, and the length."""
    if isinstance(strings, pa.ChunkedArray):
        strings = strings.combine_chunks()
    binary = pc.fill_null(strings, "").cast(pa.large_binary())
    lengths = pc.binary_length(binary).to_numpy(zero_copy_only=False).astype(np.int64)
    if len(lengths) and lengths.max() > LONGEST:
        binary = pc.binary_slice(binary, 0, LONGEST)
    ends = np.frombuffer(binary.buffers()[1], np.int64)[binary.offset : binary.offset + len(binary) + 1]
    data = np.frombuffer(binary.buffers()[2] or b"", np.uint8)
    return mix(hash_slices(data, ends[:-1], ends[1:]) + lengths.astype(np.uint64))


def hash_slices(data: npt.NDArray[np.uint8], start: npt.NDArray, end: npt.NDArray) -> Hashes:
    """A hash of each stretch of bytes, not yet mixed. `start` does not decrease, and no stretch exceeds _BLOCK bytes."""
    out = np.zeros(len(start), np.uint64)
    values, powers, inverse = _tables()
    for first, last in _blocks(start, end):
        low, high = int(start[first]), int(end[first:last].max())
        sums = np.zeros(high - low + 1, np.uint64)
        # Every octet has a value: asked to clip, numpy does not check, which takes most of the time.
        np.cumsum(values.take(data[low:high], mode="clip") * powers[: high - low], out=sums[1:])
        at = start[first:last] - low
        out[first:last] = (sums[end[first:last] - low] - sums[at]) * inverse[at]
    return out


def _blocks(start: npt.NDArray, end: npt.NDArray) -> Iterator[tuple[int, int]]:
    """Ranges of stretches that lie within _BLOCK bytes."""
    first = 0
    while first < len(start):
        last = max(int(np.searchsorted(end, start[first] + _BLOCK, side="right")), first + 1)
        yield first, last
        first = last


@cache
def _tables() -> tuple[Hashes, Hashes, Hashes]:
    values = mix(np.arange(1, 257, dtype=np.uint64))
    powers = np.cumprod(np.full(_BLOCK + LONGEST + 1, _BASE))
    inverse = np.cumprod(np.full(_BLOCK + LONGEST + 1, _UNBASE))
    return values, powers.astype(np.uint64), inverse.astype(np.uint64)
