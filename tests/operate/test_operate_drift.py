"""Which sites are reported as unlike before, and which are not."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.drift import Drift, find_drift
from tasks.write import SiteCounts


def counts(records=40, removed=0.3, lost=0, size=2000, languages=None):  # type: ignore[no-untyped-def]
    raw = records * size
    mix = Counter(languages or {"en": records})
    return SiteCounts(records, raw, round(raw * removed), lost, mix)


USUAL = [{"news.example": counts(removed=share)} for share in (0.28, 0.3, 0.31, 0.33)]


@pytest.mark.parametrize(
    ("now", "measure", "words"),
    [
        (counts(removed=0.85), "removed share", "news.example: removed share 85 %, usually 30 %"),
        (counts(removed=0.02), "removed share", "news.example: removed share 2 %, usually 30 %"),
        (counts(records=10, lost=30), "empty share", "news.example: empty share 75 %, usually 0 %"),
        (counts(size=200), "size", "news.example: 200 characters a page, usually 2,000"),
        (
            counts(languages={"en": 10, "de": 30}),
            "language mix",
            "news.example: 75 % of the pages are in other languages than usual",
        ),
    ],
)
def test_an_outlier_is_named_with_what_it_was(now, measure, words) -> None:
    found = find_drift({"news.example": now}, USUAL)
    assert [(drift.measure, drift.message) for drift in found] == [(measure, words)]


def test_a_site_whose_pages_are_all_lost_is_an_outlier() -> None:
    (drift,) = find_drift({"news.example": SiteCounts(lost=40)}, USUAL)
    assert (drift.measure, drift.value) == ("empty share", 1.0)


@pytest.mark.parametrize(
    ("now", "history"),
    [
        (counts(removed=0.9), USUAL[:2]),  # too little history
        (counts(records=4, removed=0.9), USUAL),  # too few pages now
        (counts(removed=0.9), [{"news.example": counts(records=4)}] * 9),  # too few pages then
        (counts(removed=0.9), [{"other.example": counts()}] * 9),  # another site's history
        (counts(removed=0.4), USUAL),  # within the floor
        (counts(removed=0.9), [{"news.example": counts(removed=share / 10)} for share in (1, 5, 9, 3, 7)]),
    ],
)
def test_what_cannot_be_told_is_not_reported(now, history) -> None:
    assert find_drift({"news.example": now}, history) == []


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), documents=st.integers(5, 60), runs=st.integers(3, 12))
def test_a_site_that_goes_on_as_before_is_hardly_ever_reported(seed, documents, runs) -> None:
    """Documents drawn from one distribution all the time: what differs is chance."""
    chance = random.Random(seed)

    def draw() -> SiteCounts:
        drawn = SiteCounts()
        for _ in range(documents):
            if chance.random() < 0.1:
                drawn.lost += 1
                continue
            size = round(chance.lognormvariate(7.5, 0.3))
            share = min(0.9, max(0.0, chance.gauss(0.3, 0.08)))
            language = "en" if chance.random() < 0.8 else "fr"
            drawn.add(SiteCounts(1, size, round(size * share), 0, Counter({language: 1})))
        return drawn

    reported = sum(bool(find_drift({"s": draw()}, [{"s": draw()} for _ in range(runs)])) for _ in range(20))
    assert reported <= 3


def test_sites_without_a_name_have_one_in_words() -> None:
    assert Drift("", "removed share", 0.5, 0.1).message == "(no site): removed share 50 %, usually 10 %"
