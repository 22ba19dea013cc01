"""Figures of small texts, counted by hand; hashes of copies; and independence from the batch."""

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas import RECORDS
from tasks.quality import measure


def _one(text: str) -> dict:
    row = measure(pa.array([text], pa.large_string())).to_pylist()[0]
    return row.pop("quality") | row


def _hash(text: str) -> str:
    return _one(text)["content_hash"]


def test_english_paragraphs() -> None:
    figures = _one(
        "The baker gets up at 4 and sells 120 loaves.\n"
        "• Rye, with seeds\n"
        "\n"
        "Who comes first? Nobody knows...\n"
        "  • Rye, with seeds  \n"
        "Read {more}…"
    )
    del figures["content_hash"]
    assert figures == {
        "text_chars": 131,
        "words": 10 + 3 + 5 + 3 + 2,
        "lines": 5,
        "sentences": 4,
        "mean_word_length": pytest.approx((34 + 12 + 24 + 12 + 8) / 23),
        "symbol_word_ratio": pytest.approx(2 / 23),
        "alpha_word_share": pytest.approx(21 / 23),
        "stop_words": 3,
        "bullet_line_share": pytest.approx(2 / 5),
        "ellipsis_line_share": pytest.approx(2 / 5),
        "terminal_line_share": pytest.approx(3 / 5),
        "short_line_share": pytest.approx(3 / 5),
        "duplicate_line_share": pytest.approx(1 / 5),
        "duplicate_char_share": pytest.approx(17 / (44 + 17 + 32 + 17 + 12)),
        "digit_share": pytest.approx(4 / 131),
        "upper_share": pytest.approx(6 / (90 - 4)),
        "brace_count": 2,
    }


def test_empty_text_is_all_zeros() -> None:
    figures = _one("")
    assert len(figures.pop("content_hash")) == 32
    assert set(figures.values()) == {0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's a well-known fact", 5),
        ("rock ’n’ roll, l’été d’Anna", 5),
        ("3.14 and 1,000,000 or 12:30", 6),
        ("end.Start", 2),
        ("---", 0),
        ("我喜欢茶。", 4),
        ("お茶を2杯", 5),
        ("ชาร้อน", 5),
        ("ភ្ញៀវ", 3),
        ("Tee 茶 chai", 3),
        ("한국어 문장입니다", 2),
        ("नमस्ते दुनिया", 2),
        ("cafe\u0301 ole\u0301", 2),
        ("\u0301 \u0e34", 0),
    ],
)
def test_words(text: str, words: int) -> None:
    assert _one(text)["words"] == words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("No end", 0),
        ("One. Two! Three?", 3),
        ("What?! Really...", 2),
        ("He said: “Go.” Version 2.0 came.", 2),
        ("今天下雨。你去吗？不去！", 3),
        ("वह आया। वह गया।", 2),
        ("هل جاء؟ نعم.", 2),
        ("see example.org now", 0),
    ],
)
def test_sentences(text: str, sentences: int) -> None:
    assert _one(text)["sentences"] == sentences


def test_stop_words_are_whole_words_in_any_case() -> None:
    assert _one("The theory, THE other")["stop_words"] == 1
    assert _one("the be to of and that have with")["stop_words"] == 8
    assert _one("tho bé thé haves")["stop_words"] == 0


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("Tea, at five o'clock.", "TEA AT FIVE — O’CLOCK!"),
        ("Die Straße ist naß", "DIE STRASSE IST NASS"),
        ("İstanbul'da ılık", "ISTANBUL'DA ILIK"),
        ("Οδός της θάλασσας", "ΟΔΌΣ ΤΗΣ ΘΆΛΑΣΣΑΣ"),
        ("ﬁne ½ ｆｕｌｌ", "fine 1⁄2 full"),
        ("crème brûlée", unicodedata.normalize("NFD", "crème brûlée")),
        ("tiếng Việt", unicodedata.normalize("NFD", "tiếng Việt")),
        ("한국어", unicodedata.normalize("NFD", "한국어")),
        ("ガラス", unicodedata.normalize("NFD", "ガラス")),
        ("ｶﾞﾗｽ", "ガラス"),
        ("one\ntwo\u00a0three", "one two three"),
        ("", "?!"),
    ],
)
def test_copies_have_the_same_hash(text: str, copy: str) -> None:
    assert _hash(text) == _hash(copy)


@pytest.mark.parametrize(
    ("text", "other"),
    [("tea at 5", "tea at 6"), ("tea", "teas"), ("resume", "résumé"), ("कि", "की"), ("茶", "荼"), ("", "a")],
)
def test_other_texts_have_another_hash(text: str, other: str) -> None:
    assert _hash(text) != _hash(other)


def test_columns_are_those_of_the_record() -> None:
    table = measure(pa.chunked_array([["one"], ["two", None]], pa.string()))
    names = ("text_chars", "words", "content_hash", "quality")
    assert table.schema.equals(pa.schema([RECORDS.field(name) for name in names]))
    assert table.column("words").to_pylist() == [1, 1, 0]
    assert measure(pa.array([], pa.string())).num_rows == 0


_TEXT = st.one_of(
    st.text(max_size=200),
    st.text("aB ß9.,'’…\n•#{}。茶ชิé\u0301ﬁ", max_size=200),
    st.lists(st.sampled_from(["A line.", "", "  • item ", "第一。", "Straße 12"]), max_size=8).map("\n".join),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_TEXT, min_size=1, max_size=6))
@example(["\u0300", "\u3400'A"])
def test_batch_equals_one_by_one(texts: list[str]) -> None:
    batch = measure(pa.array(texts, pa.large_string())).to_pylist()
    assert batch == [measure(pa.array([text])).to_pylist()[0] for text in texts]


@settings(max_examples=150, deadline=None)
@given(_TEXT)
def test_figures_stay_in_their_ranges(text: str) -> None:
    figures = _one(text)
    assert figures["text_chars"] == len(text)
    assert figures["lines"] == sum(bool(line.strip()) for line in text.split("\n"))
    assert figures["words"] <= len(text)
    assert all(0 <= value <= 1 for name, value in figures.items() if name.endswith("share"))
    assert figures["duplicate_line_share"] < 1


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=100))
def test_hash_is_that_of_the_normal_form(text: str) -> None:
    spaced = "\u200b ".join(text.split(" ")) + " …!"
    assert _hash(spaced) == _hash(text)


def test_large_batches_are_cut_without_a_trace() -> None:
    texts = [f"Page {number}. " + "word " * (number * 997 % 5000) for number in range(200)]
    together = measure(pa.array(texts)).to_pylist()
    assert together[::17] == [measure(pa.array([text])).to_pylist()[0] for text in texts[::17]]
