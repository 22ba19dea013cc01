"""Speed, memory and accuracy of finding copies: `python benchmarks/copies.py [DOCUMENTS]`.

Documents of made-up words, of which it is known who copied whom: a fifth has up to three copies, in which up to 30 %
of the words are others, the ends are cut off, and other text stands around. CPU time, so that a busy machine does not
count.
"""

import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from tasks.copies import relate, sketch

WORDS, BATCH, LINE = 30_000, 512, 50
Numbers = npt.NDArray[np.int64]


def main() -> int:
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    rng = np.random.default_rng(1)
    chances = np.cumsum(1 / np.arange(1, WORDS + 1))
    chances /= chances[-1]
    origins: list[int] = []
    sketches, spent = [], 0.0
    for batch in _batches(documents, rng, chances, origins):
        started = time.process_time()
        sketches.append(sketch(batch))
        spent += time.process_time() - started
    print(f"{documents:,} documents, sketches: {documents / spent:,.0f} documents/s")
    started = time.process_time()
    found = relate(pa.concat_tables(sketches))
    compared = time.process_time() - started
    print(f"compared: {documents / compared:,.0f} documents/s, both: {documents / (spent + compared):,.0f}")
    clusters = dict(
        zip(found.clusters["doc_id"].to_pylist(), found.clusters["cluster_id"].to_pylist(), strict=True)
    )
    named = [clusters.get(_name(number), _name(number)) for number in range(documents)]
    hits = _pairs(Counter(zip(named, origins, strict=True)))
    precision, recall = hits / max(1, _pairs(Counter(named))), hits / max(1, _pairs(Counter(origins)))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    print(f"pairs: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    print(f"memory at its most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")
    return 0


def _batches(
    documents: int, rng: np.random.Generator, chances: npt.NDArray, origins: list[int]
) -> Iterator[pa.Table]:
    texts: list[str] = []
    while len(origins) < documents or texts:
        if len(origins) < documents:
            origin = len(origins)
            words = _words(rng, chances, int(rng.integers(150, 900)))
            copies = int(rng.integers(1, 4)) if rng.random() < 0.2 else 0
            for copy in range(min(copies + 1, documents - len(origins))):
                texts.append(_text(_edited(words, rng, chances) if copy else words))
                origins.append(origin)
        if len(texts) >= BATCH or len(origins) >= documents:
            first = len(origins) - len(texts)
            yield pa.table(
                {
                    "doc_id": [_name(first + number) for number in range(len(texts))],
                    "site": [f"site {(first + number) % 97}" for number in range(len(texts))],
                    "published": pa.nulls(len(texts), pa.timestamp("us", tz="UTC")),
                    "content_hash": pa.nulls(len(texts), pa.string()),
                    "text": texts,
                }
            )
            texts = []


def _words(rng: np.random.Generator, chances: npt.NDArray, size: int) -> Numbers:
    """Words as frequent as words are: by Zipf's law."""
    return np.searchsorted(chances, rng.random(size))


def _edited(words: Numbers, rng: np.random.Generator, chances: npt.NDArray) -> Numbers:
    other = _words(rng, chances, len(words))
    said = np.where(rng.random(len(words)) < rng.uniform(0, 0.3), other, words)
    kept = int(rng.uniform(0.6, 1) * len(said))
    start = int(rng.integers(0, len(said) - kept + 1))
    around = [_words(rng, chances, int(rng.integers(0, 60))) for _ in range(2)]
    return np.concatenate((around[0], said[start : start + kept], around[1]))


def _text(words: Numbers) -> str:
    said = [f"w{number:x}" for number in words.tolist()]
    return "\n".join(" ".join(said[at : at + LINE]) for at in range(0, len(said), LINE))


def _name(number: int) -> str:
    return f"{number:08}"


def _pairs(sizes: "Counter[str] | Counter[int] | Counter[tuple[str, int]]") -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())


if __name__ == "__main__":
    sys.exit(main())
