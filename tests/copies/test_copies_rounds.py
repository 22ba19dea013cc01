"""What is found does not depend on how much is in memory at a time, nor on the order of the sketches: it is what a
plain count finds."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import CLUSTERS, PASSAGES
from tasks.copies import SKETCHES, relate
from tasks.copies.relate import BEFORE, COPY, FEW, LEAST_PASSAGE, LEAST_TEXT, SHARED, TELLING
from tasks.copies.spool import PARTS, Spool

Row = dict[str, Any]

RELATE = import_module("tasks.copies.relate")  # its name in the package is the function's


def corpus(rng: random.Random, size: int) -> list[Row]:
    """Sketches of texts whose paragraphs are taken over from others, changed a little, or new."""
    vocabulary = [rng.getrandbits(64) for _ in range(rng.choice((5, 60, 600)))]
    known: list[list[int]] = [[]]
    rows = []
    for number in range(size):
        paragraphs: list[list[int]] = []
        for _ in range(rng.randint(0, 4)):
            hashes = set(
                rng.choice(known) if rng.random() < 0.5 else rng.choices(vocabulary, k=rng.randint(0, 14))
            )
            hashes ^= set(rng.choices(vocabulary, k=rng.randint(0, 3)))
            paragraphs.append(sorted(hashes))
        known += paragraphs
        lengths = [rng.randint(0, 30) for _ in paragraphs]
        ends = [sum(lengths[: at + 1]) + at for at in range(len(lengths))]
        rows.append(
            {
                "doc_id": f"{number:03}",
                "site": rng.choice((None, "x", "y", "z")),
                "published": rng.choice((None, 1, 2, 3)),
                "content_hash": rng.choice((None, *map(str, range(size)))),
                "starts": [end - length for end, length in zip(ends, lengths, strict=True)],
                "ends": ends,
                "paragraphs": [at for at, hashes in enumerate(paragraphs) for _ in hashes],
                "hashes": [value for hashes in paragraphs for value in hashes],
            }
        )
    rng.shuffle(rows)
    return rows


def counted(rows: list[Row]) -> tuple[list[Row], list[Row], dict[str, Row]]:
    """Clusters, passages and marks, all in memory and one by one."""
    rows = sorted(rows, key=lambda row: (row["published"] is None, row["published"], row["doc_id"]))
    standing: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for text, row in enumerate(rows):
        for paragraph, value in zip(row["paragraphs"], row["hashes"], strict=True):
            standing[value].append((text, paragraph))
    common: Counter[tuple[int, int]] = Counter()
    told: Counter[tuple[int, int]] = Counter()
    elsewhere: Counter[tuple[int, int, int]] = Counter()
    tells = [len(row["hashes"]) for row in rows]
    for places in standing.values():
        few = len(places) <= FEW
        for at, (text, _) in enumerate(places):
            tells[text] -= not few
            for other in range(at) if few else {0, *range(max(at - BEFORE, 0), at)}:
                (a, paragraph), (b, there) = places[at], places[other]
                if a != b:
                    common[a, b] += 1
                    told[a, b] += few
                    if rows[a]["site"] != rows[b]["site"]:
                        elsewhere[a, paragraph, b] += 1
                        elsewhere[b, there, a] += 1

    sizes = [len(row["hashes"]) for row in rows]
    likeness: dict[tuple[int, int], float] = {}
    for (a, b), number in common.items():
        shorter = a if sizes[a] < sizes[b] else b
        share = number / sizes[shorter]
        if tells[shorter] >= max(LEAST_TEXT, TELLING * sizes[shorter]):
            share = max(share, told[a, b] / tells[shorter])
        if sizes[shorter] >= LEAST_TEXT and share >= COPY:
            likeness[a, b] = min(share, 1) ** (1 / 3)
    for a, row in enumerate(rows):
        same = [b for b in range(a) if row["content_hash"] and rows[b]["content_hash"] == row["content_hash"]]
        if same:
            likeness[a, same[0]] = 1.0
    root = list(range(len(rows)))
    for a, b in likeness:
        low, high = sorted((root[a], root[b]))
        root = [low if value == high else value for value in root]
    alike: dict[int, float] = defaultdict(float)
    for pair, value in likeness.items():
        for text in pair:
            alike[text] = max(alike[text], value)
    clusters = [
        {
            "cluster_id": rows[root[text]]["doc_id"],
            "doc_id": rows[text]["doc_id"],
            "site": rows[text]["site"],
            "earliest": root[text] == text,
            "similarity": float(np.float32(alike[text])),
        }
        for text in sorted(alike, key=lambda text: (root[text], text))
    ]

    shared: dict[tuple[int, int], list[int]] = defaultdict(list)
    for (text, paragraph, other), number in sorted(elsewhere.items()):
        size = rows[text]["paragraphs"].count(paragraph)
        if size >= LEAST_PASSAGE and number >= SHARED * size:
            shared[text, paragraph].append(other)
    passages = [
        {
            "doc_id": rows[text]["doc_id"],
            "start": rows[text]["starts"][paragraph],
            "end": rows[text]["ends"][paragraph],
            "shared_with": [rows[other]["doc_id"] for other in others],
            "sites": [rows[other]["site"] for other in others],
        }
        for (text, paragraph), others in shared.items()
    ]

    marks = {}
    for text, row in enumerate(rows):
        lengths = [end - start for start, end in zip(row["starts"], row["ends"], strict=True)]
        within = sum(length for at, length in enumerate(lengths) if (text, at) in shared)
        marks[row["doc_id"]] = {
            "duplicate_of": rows[root[text]]["doc_id"] if root[text] != text else None,
            "cluster_id": rows[root[text]]["doc_id"] if text in alike else None,
            "shared_share": float(np.float32(within / max(sum(lengths), 1)))
            if text in alike or within
            else None,
        }
    return clusters, passages, marks


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    size=st.integers(0, 40),
    at_once=st.sampled_from((1, 7, 100, 1 << 21)),
    threads=st.integers(1, 3),
)
def test_any_portions_and_any_order_give_what_a_plain_count_gives(
    seed: int, size: int, at_once: int, threads: int, tmp_path: Path
) -> None:
    rows = corpus(random.Random(seed), size)
    batches = pa.Table.from_pylist(rows, SKETCHES).to_batches(max_chunksize=1 + seed % 17)
    found = relate(batches, tmp_path, at_once, threads)
    clusters, passages, marks = counted(rows)
    assert found.clusters.equals(pa.Table.from_pylist(clusters, CLUSTERS))
    assert pa.concat_tables([PASSAGES.empty_table(), *found.passages()]).to_pylist() == passages
    assert found.marks(0, size).to_pylist() == [marks[row["doc_id"]] for row in rows]
    assert found.marks(size // 2, size).equals(found.marks(0, size).slice(size // 2))


class _Distinct:
    """So many texts, none of which is equal to another."""

    def __init__(self, size: int) -> None:
        self.content = np.full(size, -1, np.int32)

    def __len__(self) -> int:
        return len(self.content)


def earliest_of(size: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """The earliest copy of each of `size` texts, of which these pairs are near each other."""
    near = np.array(sorted({max(pair) << 32 | min(pair) for pair in pairs}), np.int64)
    earliest, _ = RELATE._clusters(_Distinct(size), near, np.ones(len(near)))
    return earliest.tolist()


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), size=st.integers(2, 60), links=st.integers(0, 80))
def test_copies_of_copies_are_one_cluster(seed: int, size: int, links: int) -> None:
    rng = random.Random(seed)
    pairs = [(a, b) for a, b in (rng.choices(range(size), k=2) for _ in range(links)) if a != b]
    root = list(range(size))
    for a, b in pairs:
        low, high = sorted((root[a], root[b]))
        root = [low if value == high else value for value in root]
    assert earliest_of(size, pairs) == [low if root.count(low) > 1 else -1 for low in root]


def test_a_long_chain_of_copies_takes_few_rounds(monkeypatch) -> None:
    rounds = []

    def lowered(*given: np.ndarray) -> np.ndarray:
        rounds.append(given)
        return usual(*given)

    usual = RELATE._lowered
    monkeypatch.setattr(RELATE, "_lowered", lowered)
    chain = random.Random(1).sample(range(2_000), 2_000)
    assert earliest_of(2_000, pairwise(chain)) == [0] * 2_000
    assert len(rounds) < 12


def among_many(one: Iterable[int], other: Iterable[int], folder: Path) -> list[str]:
    """Who is in clusters, of two texts that strangers stand around: each stranger has some of the hashes 1000 to 1119."""
    rng = random.Random(5)
    hashes = [
        [*rng.sample(range(1000, 1120), 20), *(rng.getrandbits(64) for _ in range(80))] for _ in range(300)
    ]
    hashes[100], hashes[200] = list(one), list(other)
    rows = [
        {"doc_id": f"{number:03}", "starts": [0], "ends": [1], "paragraphs": [0] * len(some), "hashes": some}
        for number, some in enumerate(hashes)
    ]
    batches = pa.Table.from_pylist(rows, SKETCHES).to_batches()
    return relate(batches, folder).clusters["doc_id"].to_pylist()


def test_copies_are_found_though_many_have_the_most_of_what_they_say(tmp_path: Path) -> None:
    frequent = range(1000, 1060)
    assert among_many([*range(20), *frequent], [*range(8, 28), *frequent], tmp_path) == ["100", "200"]


def test_a_little_that_few_say_makes_no_copies_of_texts_that_say_other_frequent_things(
    tmp_path: Path,
) -> None:
    assert among_many([*range(8), *range(1000, 1060)], [*range(4, 12), *range(1060, 1120)], tmp_path) == []


def test_sites_and_hashes_of_all_texts_may_be_more_than_one_array_can_hold() -> None:
    some = pa.table(
        {
            "doc_id": ["a", "b"],
            "site": ["x" * 2**20, "y" * 2**20],
            "published": pa.nulls(2, pa.timestamp("us", tz="UTC")),
            "content_hash": ["0" * 2**20, None],
        }
    )
    rows = pa.concat_tables([some] * 2**10)  # the same buffers again and again: 2 GiB, none of it copied
    texts = import_module("tasks.copies.texts")._in_order(
        rows, np.zeros((2, len(rows)), np.int32), np.zeros((3, 0), np.int32)
    )
    assert texts.site_number.tolist() == [0] * 2**10 + [1] * 2**10
    assert texts.content.tolist() == [0] * 2**10 + [-1] * 2**10
    assert texts.sites(pa.array([0, 2**10])).to_pylist() == some["site"].to_pylist()


def test_clusters_are_made_in_parts_whose_ids_an_array_can_hold(tmp_path, monkeypatch) -> None:
    batches = pa.Table.from_pylist(corpus(random.Random(3), 40), SKETCHES).to_batches()
    whole = relate(batches, tmp_path).clusters
    monkeypatch.setattr(RELATE, "_ROWS", 3)
    parts = relate(batches, tmp_path).clusters
    assert parts.equals(whole)
    assert max(map(len, parts["doc_id"].chunks)) == 3 < whole.num_rows


def test_passages_come_in_tables_that_are_cut_between_passages(tmp_path, monkeypatch) -> None:
    rows = corpus(random.Random(3), 40)
    batches = pa.Table.from_pylist(rows, SKETCHES).to_batches()
    whole = pa.concat_tables(relate(batches, tmp_path).passages())
    monkeypatch.setattr(RELATE, "_ROWS", 3)
    tables = list(relate(batches, tmp_path).passages())
    assert len(tables) == -(-whole.num_rows // 3) > 1
    assert pa.concat_tables(tables).equals(whole)


@pytest.mark.parametrize("at_once", [1, 100, 1_000, 10_000])
def test_a_spool_gives_back_all_rows_part_by_part_and_few_at_a_time(tmp_path, at_once) -> None:
    rng = np.random.default_rng(at_once)
    rows = np.arange(3_000)
    parts = rng.integers(0, PARTS, len(rows)).astype(np.uint16)
    with Spool(tmp_path, np.int64, at_once) as spool:
        for some in np.array_split(rows, 17):
            spool.add(parts[some], some)
        assert list(tmp_path.iterdir()) == []  # the file has no name, and so cannot be left behind
        taken = list(spool.take())
    assert sorted(np.concatenate(taken).tolist()) == rows.tolist()
    largest = int(np.bincount(parts).max())
    assert all(len(some) <= max(at_once, largest) for some in taken)
    last = -1
    for some in filter(len, taken):
        assert parts[some].min() > last
        last = int(parts[some].max())


def test_an_empty_spool_gives_nothing(tmp_path) -> None:
    with Spool(tmp_path, np.int64, 10) as spool:
        spool.add(np.zeros(0, np.uint16), np.zeros(0, np.int64))
        assert list(spool.take()) == []
