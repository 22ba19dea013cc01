"""What holds for every text: nothing counted twice, nothing lost, neighbours in the batch unheard."""

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import CATEGORIES, DOCUMENTS
from tasks.strip import strip_batch, strip_text

# Lines that rules and structure know, lines they do not, and whatever unicode there is.
KNOWN = st.sampled_from(
    [
        "Read more: The ferry returns",
        "Share on Facebook",
        "We use cookies to improve your visit. Accept all",
        "Leave a Reply",
        "Most read",
        "By Ada Lindqvist",
        "June 3, 2021",
        "•••",
        "Photo: Ines Roth/Getty Images",
        "The council met on Monday and agreed to repair the bridge before the winter, the mayor said.",
        "Подписывайтесь на наш канал",
        "请勿转载",
        "شارك على فيسبوك",
        "이 기사를 공유하기",
        "",
        "  ",
        "1.",
        "\u200b",
    ]
)
BREAKS = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\u2028", "\x0b", "\x85", " \n\t"])
LINE = st.one_of(KNOWN, st.text(max_size=60))
TEXT = st.lists(st.tuples(LINE, BREAKS), max_size=25).map(lambda parts: "".join(a + b for a, b in parts))


def _solid(text: str) -> str:
    return "".join(c for c in text if not c.isspace())


@given(TEXT)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_kept_text_and_removals_cover_every_character_once(text: str) -> None:
    result = strip_text(text)
    end = 0
    kept = []
    for span in result.spans:
        assert end <= span.start < span.end <= len(text)
        assert span.category in CATEGORIES
        assert span.rule
        assert 0 < span.score <= 1
        kept.append(text[end : span.start])
        end = span.end
    kept.append(text[end:])
    assert _solid("".join(kept)) == _solid(result.text)


@given(TEXT)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cleaning_again_never_grows_the_text(text: str) -> None:
    once = strip_text(text).text
    assert len(strip_text(once).text) <= len(once)


def _documents(texts: list[str]) -> pa.Table:
    n = len(texts)
    columns = {field.name: pa.nulls(n, field.type) for field in DOCUMENTS}
    columns |= {
        "source": pa.array(["s"] * n),
        "source_index": pa.array(range(n), pa.int64()),
        "doc_id": pa.array([f"d{i}" for i in range(n)]),
        "text": pa.array(texts, pa.large_string()),
    }
    return pa.table(columns, schema=DOCUMENTS)


@given(st.lists(TEXT, min_size=1, max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_document_is_judged_alike_alone_and_in_any_batch(texts: list[str]) -> None:
    texts = [t.encode("utf-8", "replace").decode() for t in texts]
    cleaned, removals = strip_batch(_documents(texts))
    for i, text in enumerate(texts):
        alone = strip_text(text)
        assert cleaned["text"][i].as_py() == alone.text
        assert cleaned["title"][i].as_py() == alone.title
        rows = [r for r in removals.to_pylist() if r["document"] == i]
        assert [(r["start"], r["end"], r["category"], r["rule"], r["score"]) for r in rows] == [
            (s.start, s.end, s.category, s.rule, s.score) for s in alone.spans
        ]
        assert all(text[r["start"] : r["end"]] == r["text"] for r in rows)
        assert cleaned["raw_chars"][i].as_py() == len(text)


def test_a_lone_surrogate_counts_as_one_character() -> None:
    result = strip_text("Read more: the \ud800 ferry\nA body line that stays where it is, as it always did.")
    assert [(s.start, s.category) for s in result.spans] == [(0, "read_more")]
    assert result.text == "A body line that stays where it is, as it always did."
