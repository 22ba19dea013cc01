"""The function words that the line model knows, learned from sentences in many languages."""

import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from tasks.strip.lines.fold import fold
from tasks.strip.structure.words import function_word_hashes

# A word that stands in this share of a language's sentences, whatever they are about, is one of its function words;
# in scripts without spaces, a character.
_OF_SENTENCES, _OF_SENTENCES_UNSPACED = 0.04, 0.10
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI")


def learn_function_words(sentences: Path) -> np.ndarray:
    """Hashes of the function words of all languages in a Parquet file with the columns `language` and `text`."""
    table = pq.read_table(sentences, columns=["language", "text"])
    folded = fold(table["text"].combine_chunks().cast("large_string")).to_pylist()
    found: dict[str, Counter[str]] = defaultdict(Counter)
    size: Counter[str] = Counter()
    for language, sentence in zip(table["language"].to_pylist(), folded, strict=True):
        size[language] += 1
        found[language].update(set(_words(sentence)))
    words = set()
    for language, counts in found.items():
        for word, count in counts.items():
            needed = _OF_SENTENCES_UNSPACED if _unspaced(word[0]) else _OF_SENTENCES
            if count >= needed * size[language]:
                words.add(word)
    return function_word_hashes(words)


def _words(sentence: str) -> list[str]:
    spaced = "".join(
        f" {c} " if _unspaced(c) else c if unicodedata.category(c)[0] in "LM" else " " for c in sentence
    )
    return spaced.split()


def _unspaced(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_UNSPACED)
