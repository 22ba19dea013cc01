"""Copies and shared passages, on texts of made-up words of which it is known who copied whom."""

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from schemas import PASSAGES
from tasks.copies import relate, sketch

WORDS = [
    f"{a}{b}{c}"
    for a in "bdfklmnprst"
    for b in ("a", "e", "i", "o", "ou")
    for c in ("n", "r", "st", "lm", "x", "")
]


@dataclass
class Found:
    clusters: pa.Table
    passages: pa.Table
    marks: pa.Table


def related(table: pa.Table) -> Found:
    sketches = sketch(table)
    with tempfile.TemporaryDirectory() as folder:
        found = relate(sketches.to_batches(), Path(folder))
    passages = pa.concat_tables([PASSAGES.empty_table(), *found.passages()])
    marks = found.marks(0, sketches.num_rows).add_column(0, "doc_id", sketches["doc_id"])
    return Found(found.clusters, passages, marks)


def paragraph(rng: random.Random, words: int = 40) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words)).capitalize() + "."


def text(rng: random.Random, paragraphs: int = 8) -> list[str]:
    return [paragraph(rng) for _ in range(paragraphs)]


def records(*rows: tuple[str, str, str]) -> pa.Table:
    """(doc_id, site, text)."""
    ids, sites, texts = zip(*rows, strict=True)
    return pa.table(
        {
            "doc_id": list(ids),
            "site": pa.array(sites, pa.string()),
            "published": pa.nulls(len(ids), pa.timestamp("us", tz="UTC")),
            "content_hash": [" ".join(t.split()) for t in texts],
            "text": list(texts),
        }
    )


def edited(rng: random.Random, words: str, share: float) -> str:
    return " ".join(rng.choice(WORDS) if rng.random() < share else word for word in words.split(" "))


def test_an_edited_and_cut_copy_is_found_and_a_stranger_is_not() -> None:
    rng = random.Random(1)
    one, other = text(rng), text(rng)
    copy = [edited(rng, line, 0.15) for line in one[1:7]] + text(rng, 1)
    found = related(
        records(("b", "y", "\n".join(copy)), ("a", "x", "\n".join(one)), ("c", "x", "\n".join(other)))
    )
    rows = {row["doc_id"]: row for row in found.clusters.to_pylist()}
    assert set(rows) == {"a", "b"}
    assert rows["a"]["earliest"] and not rows["b"]["earliest"]
    assert {row["cluster_id"] for row in rows.values()} == {"a"}
    assert 0.75 < rows["b"]["similarity"] < 0.98
    marks = {row["doc_id"]: row for row in found.marks.to_pylist()}
    assert (marks["b"]["duplicate_of"], marks["a"]["duplicate_of"]) == ("a", None)


def test_the_earliest_is_the_one_published_first() -> None:
    rng = random.Random(2)
    same = "\n".join(text(rng))
    table = records(("a", "x", same), ("b", "y", same), ("c", "z", same))
    times = pa.array([None, 2_000_000, 1_000_000], pa.timestamp("us", tz="UTC"))
    found = related(table.set_column(2, "published", times))
    assert found.clusters["cluster_id"].to_pylist() == ["c"] * 3
    assert found.clusters["similarity"].to_pylist() == [1.0] * 3


def test_short_texts_are_copies_only_when_equal() -> None:
    found = related(records(("a", "x", "Rain."), ("b", "y", "Rain."), ("c", "z", "Rain and wind.")))
    assert found.clusters["doc_id"].to_pylist() == ["a", "b"]


def test_a_shared_paragraph_is_a_passage_though_spelt_otherwise() -> None:
    rng = random.Random(3)
    shared = paragraph(rng, 30) + " The talks in Kiev between the US and the envoys lasted until noon."
    a, b = text(rng, 6), text(rng, 6)
    a.insert(2, shared)
    b.insert(4, shared.replace("Kiev", "Kyiv").replace("US", "U.S."))
    rows = ("a", "x", "\n".join(a)), ("b", "y", "\n".join(b)), ("c", "x", "\n".join(text(rng)))
    found = related(records(*rows))
    assert found.clusters.num_rows == 0
    passages = {row["doc_id"]: row for row in found.passages.to_pylist()}
    assert set(passages) == {"a", "b"}
    assert (passages["a"]["shared_with"], passages["a"]["sites"]) == (["b"], ["y"])
    assert rows[0][2][passages["a"]["start"] : passages["a"]["end"]] == shared
    marks = {row["doc_id"]: row["shared_share"] for row in found.marks.to_pylist()}
    assert marks["a"] == pytest.approx(len(shared) / sum(map(len, a)))


def test_what_a_site_says_twice_is_no_syndication() -> None:
    rng = random.Random(4)
    shared = paragraph(rng)
    rows = [(name, "x", "\n".join([*text(rng, 4), shared])) for name in "ab"]
    assert related(records(*rows)).passages.num_rows == 0


@pytest.mark.parametrize(
    "script",
    [
        "港湾委员会星期二晚上开会决定把渡轮码头的事情推迟到明年春天再说因为议员们认为修理旧桥所需要的钱还没有着落",
        "港の委員会は火曜日の夜に会議を開き渡し船の話を来年の春まで延ばした、古い橋を直すための金がまだ見つからないからだと議員は述べている",
    ],
)
def test_scripts_without_spaces_are_compared_by_characters(script: str) -> None:
    found = related(records(("a", "x", script), ("b", "y", script + "，"), ("c", "z", script[::-1])))
    assert set(found.clusters["doc_id"].to_pylist()) == {"a", "b"}


def test_a_text_that_was_copied_a_thousand_times_is_one_cluster() -> None:
    rng = random.Random(7)
    story = "\n".join(text(rng))
    copies = [edited(rng, story, rng.uniform(0, 0.2)) for _ in range(1_000)]
    others = ["\n".join(text(rng)) for _ in range(200)]
    rows = [(f"{number:04}", "x", said) for number, said in enumerate(copies + others)]
    rng.shuffle(rows)
    found = related(records(*rows))
    assert found.clusters["cluster_id"].to_pylist() == ["0000"] * 1_000


def test_nothing_comes_of_nothing() -> None:
    found = related(records(("a", "x", "")).slice(0, 0))
    assert (found.clusters.num_rows, found.passages.num_rows, found.marks.num_rows) == (0, 0, 0)


def test_pair_f1_on_a_generated_corpus() -> None:
    rng = random.Random(6)
    rows, origin = [], {}
    for number in range(120):
        words = [rng.choice(WORDS) for _ in range(rng.randint(150, 500))]
        for copy in range(rng.choice((1, 1, 2, 3))):
            said = edited(rng, " ".join(words), rng.uniform(0, 0.3) if copy else 0).split(" ")
            if copy:
                at = rng.randint(0, len(said) // 4)
                said = text(rng, 1)[0].split(" ") + said[at : at + rng.randint(len(said) * 2 // 3, len(said))]
            name = f"{number:03}-{copy}"
            origin[name] = number
            lines = [" ".join(said[i : i + 45]) for i in range(0, len(said), 45)]
            rows.append((name, f"s{rng.randint(0, 9)}", "\n".join(lines)))
    found = related(records(*rows))
    cluster = {row["doc_id"]: row["cluster_id"] for row in found.clusters.to_pylist()}
    names = list(origin)
    together = {(a, b) for a in names for b in names if a < b and cluster.get(a, a) == cluster.get(b, b)}
    truth = {(a, b) for a in names for b in names if a < b and origin[a] == origin[b]}
    hits = len(together & truth)
    assert 2 * hits / (len(together) + len(truth)) >= 0.95
