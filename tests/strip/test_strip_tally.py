"""What a line is made of, told once more by Python's regexes."""

import re
import unicodedata

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.strip.lines.tally import DASH, DIVIDER, LEGAL, MONEY, QUOTE, tally

TEXTS = st.lists(
    st.text(st.sampled_from("abAÉ1٣ .,-'’\t()!?、漢かñ\u0301|–©€„"), max_size=40)
    | st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"]), max_size=20)
)
SIGNS = {DIVIDER: "|·•/>»→\t", DASH: "–—-", LEGAL: "©®™", QUOTE: "\"“”„«»「」『』'‘’"}


def classes(text: str) -> str:
    """Each sign as one letter: l(etter), C(apital), d(igit), n(umber), m(ark), or as it is."""
    kinds = {"Lu": "C", "Nd": "d"}
    return "".join(
        kinds.get(c, {"L": "l", "N": "n", "M": "m"}.get(c[0], "")) or sign
        for sign, c in ((s, unicodedata.category(s)) for s in text)
    )


@given(TEXTS)
@settings(max_examples=300, deadline=None)
@example(["U.S. and the E-U", "don't well-known a.b", "NATO Lands", "extraordinarily long"])
def test_counts(texts: list[str]) -> None:
    said, found = list(map(classes, texts)), tally(pa.array(texts, pa.large_string()))
    assert found.words.tolist() == [len(re.findall("[lCdnm]+(?:['’.,-][lCdnm]+)*", s)) for s in said]
    assert found.digits.tolist() == [s.count("d") for s in said]
    assert found.capitals.tolist() == [s.count("C") for s in said]
    assert found.commas.tolist() == [sum(c in ",，、،" for c in t) for t in texts]
    assert found.brackets.tolist() == [sum(c in "()[]{}" for c in t) for t in texts]
    assert found.emphasis.tolist() == [sum(c in "!?" for c in t) for t in texts]
    assert found.short_words.tolist() == [
        sum(len(token) <= 3 and set(token) <= set("lC") for token in re.findall("[lCdn]+", s)) for s in said
    ]
    assert found.long_words.tolist() == [sum(len(run) >= 9 for run in re.findall("[lC]+", s)) for s in said]
    assert found.capitalised.tolist() == [
        sum(len(re.match("C*", token)[0]) for token in re.findall("[lCdn]+", s))
        for s in said  # type: ignore[index]
    ]
    for bit, signs in SIGNS.items():
        assert found.holds(bit).tolist() == [any(map(signs.__contains__, t)) for t in texts]
    assert found.holds(MONEY).tolist() == [any(unicodedata.category(c) == "Sc" for c in t) for t in texts]
    first = [re.search("[lC]", s) for s in said]
    wanted = [
        unicodedata.category(t[f.start()]) in ("Lu", "Lt", "Lo") if f else False
        for t, f in zip(texts, first, strict=True)
    ]
    assert found.capital.tolist() == wanted


def test_scripts_without_spaces() -> None:
    texts = pa.array(["東京へ", "กรุงเทพ", "Tokyo 東", "서울"], pa.large_string())
    assert tally(texts).unspaced.tolist() == [3, 7, 1, 0]


def test_no_texts() -> None:
    assert tally(pa.array([], pa.large_string())).words.tolist() == []
