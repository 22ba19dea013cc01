"""Which line is the title: what is looked at, what is told, and what the shipped finder makes of pages."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tasks.strip import strip_text
from tasks.strip.lines import Lines
from tasks.strip.rules import load_rules
from tasks.strip.rules.claims import claim
from tasks.strip.rules.match import matcher
from tasks.strip.strip import StripSettings
from tasks.strip.structure.body import article, find_body
from tasks.strip.structure.title import Titles, candidates, shipped

RULES = StripSettings(model=False)
TITLE = "Harbour ferry sails again after nine weeks in dock"
ARTICLE = (
    "The ferry to the northern islands sailed again on Monday after nine weeks in the dock, the harbour office said.\n"
    "Islanders who had waited since the storm lined the quay and cheered as the ship left the harbour at noon.\n"
    "The repair of the ferry cost two million, of which the harbour pays half and the islands the rest."
)


def body_of(text: str, told: str | None = None, against: list[float] | None = None):
    lines = Lines(pa.array([text], pa.large_string()))
    claims = claim(lines, matcher(load_rules()))
    return lines, find_body(lines, claims, [told], None if against is None else np.array(against))


@pytest.mark.parametrize(
    "above",
    [
        "",
        "Home\nNews\nSport\nWeather\n\n",
        "The Quay Courier\nMonday 4 March\n\n",
        "Bakers prepare for record pumpkin season\nMayor to open new library on Friday\nHome\nNews\n",
    ],
)
@pytest.mark.parametrize("below", ["", "By Ada Lind\n4 March 2024\n", "4 March 2024, 12:40\nShare\n"])
def test_the_headline_is_found_whatever_stands_above_and_below(above: str, below: str) -> None:
    assert strip_text(f"{above}{TITLE}\n{below}\n{ARTICLE}", settings=RULES).title == TITLE


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Fähre legt nach neun Wochen wieder ab",
            "Die Fähre zu den Inseln hat am Montag nach neun Wochen im Dock wieder abgelegt, wie das Hafenamt mitteilte.\n"
            "Die Bewohner der Inseln standen am Kai und jubelten, als das Schiff gegen Mittag den Hafen verließ.",
        ),
        (
            "Паром снова вышел в море после ремонта",
            "Паром к северным островам в понедельник снова вышел в море после девяти недель ремонта, сообщили в порту.\n"
            "Жители островов собрались на причале и радовались, когда судно в полдень вышло из гавани.",
        ),
        (
            "渡轮停航九周后恢复航行",
            "港务局表示，开往北部岛屿的渡轮在停航九周后于周一恢复航行，岛上居民在码头欢呼，迎接渡轮在中午离开港口。\n"
            "渡轮的维修费用为两百万元，其中一半由港口承担，其余由各岛分担，居民希望渡轮今后不再停航。",
        ),
    ],
)
def test_the_headline_is_found_in_other_languages(title: str, text: str) -> None:
    assert strip_text(f"{title}\n12.03.2024\n\n{text}", settings=RULES).title == title


@pytest.mark.parametrize(
    "text",
    [
        f"{TITLE}\n\nThe ferry has left the dock, the harbour office said on Monday.",
        f"{TITLE}\n{ARTICLE}",
        f"{TITLE}\n" + ARTICLE.split("\n")[0],
    ],
)
def test_a_headline_on_top_of_a_few_sentences_is_the_title(text: str) -> None:
    assert strip_text(text).title == TITLE


@pytest.mark.parametrize(
    "text", [TITLE, f"{TITLE}\nShe waits\nby the water", "Details:\n" + ARTICLE, "Yes.\n" + ARTICLE]
)
def test_a_first_line_that_heads_no_sentence_is_no_title(text: str) -> None:
    assert strip_text(text).title is None


def test_running_text_alone_has_no_title() -> None:
    assert strip_text(ARTICLE, settings=RULES).title is None


def test_the_title_that_the_input_names_is_the_title() -> None:
    lines, body = body_of(f"Ferry news\n{TITLE}\n{ARTICLE}", told="ferry news")
    assert lines.text[int(body.title[0])].as_py() == "Ferry news"


def test_of_a_title_said_twice_the_first_is_the_title() -> None:
    _, body = body_of(f"{TITLE}\nHome\n{TITLE}\n{ARTICLE}")
    assert body.title.tolist() == [0]


def test_what_the_site_says_elsewhere_is_rather_not_the_title() -> None:
    text = f"Bakers prepare for a record season\n{TITLE}\n{ARTICLE}"
    _, alone = body_of(text)
    _, known = body_of(text, against=[0.0 if n != alone.title[0] else 9.0 for n in range(5)])
    assert known.title[0] != alone.title[0]
    _, everywhere = body_of(text, against=[9.0] * 5)  # a copy: all of it stands elsewhere
    assert everywhere.title[0] == alone.title[0]


def test_lines_that_a_rule_is_certain_of_and_lines_below_the_head_are_no_candidates() -> None:
    text = f"Most read\n{TITLE}\n{ARTICLE}\n" + "\n".join(f"Bakers of street {n}" for n in range(20))
    lines = Lines(pa.array([text], pa.large_string()))
    claims = claim(lines, matcher(load_rules()))
    found = article(lines, claims)
    at, seen = candidates(lines, claims, found.first, found.spread)
    assert 0 not in at and 1 in at and at.max() < len(lines) - 10
    assert seen.shape == (len(at), len(shipped().mean)) and np.isfinite(seen).all()


def test_documents_do_not_see_each_other() -> None:
    texts = [f"{TITLE}\n{ARTICLE}", "", ARTICLE, f"Home\n{TITLE}\n4 March 2024\n{ARTICLE}"]
    lines = Lines(pa.array(texts, pa.large_string()))
    claims = claim(lines, matcher(load_rules()))
    together = find_body(lines, claims, [None] * 4).title
    alone = [int(body_of(text)[1].title[0]) for text in texts]
    assert (together - np.where(together >= 0, lines.offsets[:-1], 0)).tolist() == alone


def test_weights_come_back_as_they_were_saved(tmp_path: Path) -> None:
    shipped().save(tmp_path / "title.npz")
    again = Titles.read(tmp_path / "title.npz")
    rows = np.random.default_rng(1).normal(size=(5, len(again.mean))).astype(np.float32)
    offsets = np.array([0, 2, 5])
    np.testing.assert_array_equal(again.scores(rows, offsets), shipped().scores(rows, offsets))
    with pytest.raises(OSError, match="nowhere"):
        Titles.read(tmp_path / "nowhere.npz")
