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
from tasks.quality.stream import Stream

_LOWER = bytes(range(0x100)).translate(
    bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
)
_NOT_COUNTED = bytes(sorted(set(range(0x100)) - set((string.ascii_letters + string.digits).encode())))


def content_hashes(texts: Sequence[bytes], stream: Stream) -> list[str]:
    """32 hexadecimal digits a text in UTF-8; `stream` is that of the texts."""
    beyond = stream.count_at(stream.wide[(stream.kinds[stream.wide] & WORD) > 0])
    contents = [text.translate(_LOWER, _NOT_COUNTED) for text in texts]
    rows = np.flatnonzero(beyond).tolist()
    for row, content in zip(rows, _contents([texts[row].decode() for row in rows]), strict=True):
        contents[row] = content
    return [hashlib.blake2b(content, digest_size=16).hexdigest() for content in contents]


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
