"""Speed, memory and accuracy of finding copies: `python benchmarks/copies.py [DOCUMENTS [shuffled]]`.

Documents of made-up words, of which it is known who copied whom: a fifth has up to three copies, in which up to 30 %
of the words are others, the ends are cut off, and other text stands around. They are written as records, and compared
as after a run, in a process of its own. Copies come next to each other, or, shuffled, anywhere. CPU time, so that a
busy machine does not count.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from schemas import RECORDS
from tasks.copies import Relations, relate, sketch
from tasks.write import Layout, refresh_relations
from tasks.write.tables import TableWriter, as_today

#: Documents of a batch, and of a file of records.
WORDS, BATCH, FILE, LINE = 30_000, 512, 20_000, 50
Numbers = npt.NDArray[np.int64]


def main() -> int:
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    shuffled = sys.argv[2:] == ["shuffled"]
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(Path(folder))
        # A process for each step, so that the memory of one does not count for the other.
        with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as pool:
            origins = pool.submit(_write, layout, documents, shuffled).result()
            pool.submit(_compare, layout, documents).result()
        _judge(layout, origins)
    return 0


def _compare(layout: Layout, documents: int) -> None:
    """Print what it takes to compare the records."""
    spent = {"sketches": 0.0, "compared": 0.0}

    def sketched(records: pa.Table) -> pa.Table:
        started = time.process_time()
        found = sketch(records)
        spent["sketches"] += time.process_time() - started
        return found

    def compared(sketches: Iterator[pa.RecordBatch], folder: Path) -> Relations:
        started = time.process_time()
        found = relate(sketches, folder)
        spent["compared"] += time.process_time() - started
        return found

    started = time.process_time()
    refresh_relations(layout, sketched, compared)
    whole, both = time.process_time() - started, sum(spent.values())
    print(f"{documents:,} documents, sketches: {documents / spent['sketches']:,.0f} documents/s")
    print(f"compared: {documents / spent['compared']:,.0f} documents/s, both: {documents / both:,.0f}")
    print(f"with records read and marked, all written: {documents / whole:,.0f} documents/s")
    print(f"memory at its most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def _judge(layout: Layout, origins: Numbers) -> None:
    clusters = pq.read_table(layout.out / "clusters", columns=["doc_id", "cluster_id"])
    doc, cluster = (pc.cast(clusters[name], pa.int64()).to_numpy() for name in ("doc_id", "cluster_id"))
    named = np.arange(len(origins))
    named[doc] = cluster
    hits = _pairs(named << 32 | origins)
    precision, recall = hits / max(1, _pairs(named)), hits / max(1, _pairs(origins))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    print(f"pairs: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")


def _pairs(labels: Numbers) -> int:
    sizes = np.unique(labels, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())


def _write(layout: Layout, documents: int, shuffled: bool) -> Numbers:
    """Write the records; return for each number that is an id what its copies, and no others, have in common."""
    rng = np.random.default_rng(1)
    chances = np.cumsum(1 / np.arange(1, WORDS + 1))
    chances /= chances[-1]
    origins = np.zeros(documents, np.int64)
    texts = _texts(documents, rng, chances, origins)
    ids = np.random.default_rng(2).permutation(documents) if shuffled else np.arange(documents)
    (layout.out / "records").mkdir()
    for start in range(0, documents, FILE):
        with TableWriter(layout.published("records", _name(start)), "records") as writer:
            stop = min(start + FILE, documents)
            for first in range(start, stop, BATCH):
                some = ids[first : min(first + BATCH, stop)].tolist()
                writer.write(_records(some, [next(texts) for _ in some]))
    return origins[np.argsort(ids)]


def _records(numbers: list[int], texts: list[str]) -> pa.Table:
    columns = {
        "doc_id": [_name(number) for number in numbers],
        "source": ["made up"] * len(texts),
        "source_index": pa.array(numbers, pa.int64()),
        "site": [f"site {number % 97}" for number in numbers],
        "text": texts,
        "language": ["und"] * len(texts),
    }
    return as_today(pa.table(columns), RECORDS)


def _texts(documents: int, rng: np.random.Generator, chances: npt.NDArray, origins: Numbers) -> Iterator[str]:
    """The documents, each original followed by its copies; the number of the original goes to `origins`."""
    number = 0
    while number < documents:
        words = _words(rng, chances, int(rng.integers(150, 900)))
        copies = int(rng.integers(1, 4)) if rng.random() < 0.2 else 0
        origins[number : number + copies + 1] = number
        for copy in range(min(copies + 1, documents - number)):
            yield _text(_edited(words, rng, chances) if copy else words)
            number += 1


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


if __name__ == "__main__":
    sys.exit(main())
