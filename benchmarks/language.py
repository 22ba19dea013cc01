"""Accuracy and speed of language detection: `python benchmarks/language.py`.

Texts of five sentences each, in 75 languages, from ../shared/data/language_sentences.parquet, and whole pages
from pages_text.parquet. Standards of one language (hr/bs/sr, id/ms, nb/nn) count as one, as do both forms of
Chinese.
"""

import random
import sys
import time
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))

from tasks.language import detect_batch, detect_language
from tasks.language.tags import family

DATA = Path(__file__).parents[2] / "shared/data"
SENTENCES = 5


def main() -> int:
    if not (DATA / "language_sentences.parquet").exists():
        print("language_sentences.parquet is not there: this benchmark needs ../shared/data")
        return 0
    started = time.perf_counter()
    detect_language("The first call reads the profiles and builds the tables.")
    print(f"first call {time.perf_counter() - started:.2f} s")
    texts = _texts()
    verdicts, rate = _timed([text for _, text in texts])
    right: dict[str, list[str]] = defaultdict(list)
    for (language, _), verdict in zip(texts, verdicts, strict=True):
        right[language].append(verdict)
    total = 0
    for language, found in sorted(right.items()):
        wrong = [verdict for verdict in found if _same(verdict) != _same(language)]
        total += len(found) - len(wrong)
        print(f"{language:4} {1 - len(wrong) / len(found):7.1%}  {' '.join(sorted(set(wrong)))}")
    print(f"all  {total / len(texts):7.2%} of {len(texts):,} texts, {rate:,.0f} texts/s")
    if (DATA / "pages_text.parquet").exists():
        pages = pq.read_table(DATA / "pages_text.parquet", columns=["raw_text"])["raw_text"].drop_null()
        _, rate = _timed(pages.to_pylist())
        print(f"{len(pages):,} raw pages: {rate:,.0f} pages/s, {1000 / rate:.3f} ms a page")
    return 0


def _texts() -> list[tuple[str, str]]:
    sentences: dict[str, list[str]] = defaultdict(list)
    for row in pq.read_table(DATA / "language_sentences.parquet").to_pylist():
        sentences[row["language"]].append(row["text"])
    texts = []
    for language, own in sentences.items():
        random.Random(1).shuffle(own)
        texts += [(language, " ".join(own[i : i + SENTENCES])) for i in range(0, len(own), SENTENCES)]
    return texts


def _timed(texts: list[str]) -> tuple[list[str], float]:
    column = pa.array(texts, pa.large_string())
    started = time.perf_counter()
    verdicts = detect_batch(column).column("language").to_pylist()
    return verdicts, len(texts) / (time.perf_counter() - started)


def _same(language: str) -> str:
    return family(language.split("-")[0])


if __name__ == "__main__":
    sys.exit(main())
