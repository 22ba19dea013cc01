"""Line labels, to learn from and to show differences, of pages whose main text people have marked.

A line is main text when the page's gold text holds it: for lines of four words or more by the share of its word
4-grams found in gold, for shorter ones as a line of its own, or together with the words around it, where renderers
begin a line at each link. What cannot be told that way has weight 0.
"""

import re
from collections.abc import Sequence, Set

import numpy as np
import numpy.typing as npt

_TOKEN = re.compile(
    r"[^\W_\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
#: Words of a gram.
WIDTH = 4
_MOSTLY, _HARDLY = 0.75, 0.25


def tokens(text: str) -> list[str]:
    """Words in lower case; in scripts without spaces, characters."""
    return _TOKEN.findall(text.lower())


def _shingles(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + WIDTH]) for i in range(len(words) - WIDTH + 1)]


def _share(words: Sequence[str], gold_shingles: Set[tuple[str, ...]]) -> float:
    shingles = _shingles(words)
    return sum(s in gold_shingles for s in shingles) / max(1, len(shingles))


def from_gold(lines: Sequence[str], gold: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """(label, weight) of each line: label 1 for main text, 0 for boilerplate; weight 0 where it is uncertain."""
    gold_lines = {tuple(tokens(line)) for line in gold.split("\n")}
    gold_shingles = {s for s in _shingles(tokens(gold))}
    label, weight = np.zeros(len(lines), np.float32), np.ones(len(lines), np.float32)
    seen: set[tuple[str, ...]] = set()
    spoken = [tuple(tokens(line)) for line in lines]
    for i, words in enumerate(spoken):
        if len(words) >= WIDTH:
            share = _share(words, gold_shingles)
            label[i] = share >= 0.5
            if _HARDLY < share < _MOSTLY:
                weight[i] = 0
        elif words:
            above, below = (spoken[j] if 0 <= j < len(spoken) else () for j in (i - 1, i + 1))
            around = above[1 - WIDTH :] + words + below[: WIDTH - 1]
            label[i] = words in gold_lines or _share(around, gold_shingles) >= 0.5
        if not words:
            weight[i] = 0
        elif label[i] and words in seen:
            weight[i] = 0.2  # a copy of a gold line: which of the two is meant cannot be told
        seen.add(words)
    return label, weight
