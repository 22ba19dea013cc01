"""A hash of what a text says: equal for copies that differ in case, punctuation, spaces or Unicode form.

The hash is BLAKE2b with 128 bits of the UTF-8 of the text's letters, marks and digits in case-folded NFKC.
"""

import hashlib
import string
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tasks.quality.characters import CODE_POINTS, WORD, fold, folded, unfoldable
from tasks.quality.stream import WIDTH, Stream

#: ASCII letters in lower case and digits; 0 for all other octets.
_ASCII = bytes(
    ord(chr(octet).lower()) if chr(octet) in string.ascii_letters + string.digits else 0
    for octet in range(0x100)
)
_SHARP_S = ord("ß")


def content_hashes(texts: Sequence[bytes], stream: Stream) -> list[str]:
    """32 hexadecimal digits a text in UTF-8; `stream` is that of the texts."""
    octets = np.frombuffer(bytearray(stream.octets.tobytes().translate(_ASCII)), np.uint8)
    hard = _write_folded(octets, stream)
    bounds = zip(stream.starts.tolist(), stream.ends.tolist(), strict=True)
    contents = [octets[start:end].tobytes().translate(None, b"\0") for start, end in bounds]
    rows = np.flatnonzero(stream.count_at(hard)).tolist()
    for row, content in zip(rows, _contents([texts[row].decode() for row in rows]), strict=True):
        contents[row] = content
    return [hashlib.blake2b(content, digest_size=16).hexdigest() for content in contents]


def _write_folded(octets: npt.NDArray[np.uint8], stream: Stream) -> npt.NDArray[np.int64]:
    """Writes the folded form of each character beyond ASCII in its place, where one look-up tells it and it fits.

    Returns where the others are.
    """
    words = np.flatnonzero((stream.kinds.take(stream.wide) & WORD) > 0)
    at, points = stream.wide.take(words), stream.points.take(words)
    forms = folded().take(points)
    width = 1 + (forms >= 0x80) + (forms >= 0x800) + (forms >= 0x10000)
    easy = ~unfoldable().take(points) & (width <= WIDTH.take(stream.octets.take(at)))
    hard = at[~easy]
    # "ss" is as long as "ß"
    sharp = easy & (forms == _SHARP_S)
    octets[at[sharp]] = octets[at[sharp] + 1] = ord("s")
    easy &= ~sharp
    for size in (1, 2, 3, 4):
        rows = np.flatnonzero(easy & (width == size))
        places, form = at[rows], forms[rows].astype(np.int64)
        for offset in range(size - 1, 0, -1):
            octets[places + offset] = 0x80 | form & 0x3F
            form = form >> 6
        octets[places] = form | _LEAD[size]
    return hard


#: What marks the first octet of a character of each width.
_LEAD = (0, 0, 0xC0, 0xE0, 0xF0)


def _contents(texts: list[str]) -> list[bytes]:
    """The letters and digits of each text, folded, where some of them are beyond ASCII."""
    if not texts:
        return []
    points, bounds = _points(texts)
    odd = np.add.reduceat(unfoldable()[points], bounds[:-1])
    if odd.any():
        # Rare characters that one look-up cannot fold: these texts are folded as strings first.
        texts = [fold(text) if hard else text for text, hard in zip(texts, odd, strict=True)]
        points, bounds = _points(texts)
    characters = folded()[points]
    kept = np.flatnonzero(characters)
    joined = characters[kept].tobytes().decode("utf-32-le")
    cuts = np.searchsorted(kept, bounds).tolist()
    return [joined[a:b].replace("ß", "ss").encode() for a, b in pairwise(cuts)]


def _points(texts: list[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Code points of all texts, as rows of the tables, and the bounds of the texts in them."""
    points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.int64)
    bounds = np.cumsum([0, *map(len, texts)])
    return np.minimum(points, CODE_POINTS - 1, out=points), bounds
