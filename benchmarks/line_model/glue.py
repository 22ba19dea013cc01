"""Pages with a sidebar glued on: what a page shows of other pages, made of other training pages' titles and sentences.

The collections have few portals, and portals have hundreds of teasers. A teaser looks much like a line of the article; what
gives it away is that it stands in a long row of its like, and speaks of something else.
"""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+")
_BULLETS = ("• ", "", "", "- ", "  • ")
_PARAGRAPHS_A_PAGE, _LEAST_CHARS = 6, 80
# With fewer teasers in its own language a page may get English ones.
_FEW, _TOO_FEW = 40, 12
_CARDS = ("bulleted", "teasers", "headlines", "timed", "cards")
_KINDS = (
    ("bulleted",) * 2 + ("teasers",) * 3 + ("headlines", "timed", "sentences", "cards")
    + ("passage",) * 2 + ("clauses", "remarks")
)  # fmt: skip
_LONG_ROWS, _LONGEST, _SHORTER = {"bulleted", "headlines", "timed"}, 90, 30
# How often the items of a row carry the name of their section, and a label that is the same for all ("Read more").
_SECTIONS, _LABELS = 0.5, 0.3
_MARKS = ("", "", "", "//", "# ", "› ", "• ")
# How often the article is cut to its first paragraphs: a portal shows more of other articles than of its own.
_BRIEF, _BRIEF_LINES = 0.5, (2, 3, 4, 6)


@dataclass(frozen=True, slots=True)
class Teaser:
    """What a page could show of another: its title, the first sentence of a paragraph, and the first two."""

    page: str
    title: str
    sentence: str
    lead: str


class Glue:
    """Teasers and passages of the training pages, by language."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], choose: random.Random) -> None:
        """`rows`: pages with id, lang, title, page_type and gold."""
        self._choose = choose
        self._teasers: dict[str, list[Teaser]] = {}
        self._passages: dict[str, list[tuple[str, list[str]]]] = {}
        for row in rows:
            gold = [line.strip() for line in (row["gold"] or "").split("\n") if line.strip()]
            paragraphs = [line for line in gold if len(line) > _LEAST_CHARS]
            if not paragraphs or row["page_type"] not in (None, "", "article"):
                continue
            title = row["title"] or gold[0][:120]
            for paragraph in paragraphs[:_PARAGRAPHS_A_PAGE]:
                sentences = _SENTENCE_END.split(paragraph)
                teaser = Teaser(row["id"], title, sentences[0], " ".join(sentences[:2]))
                self._teasers.setdefault(row["lang"], []).append(teaser)
            self._passages.setdefault(row["lang"], []).append((row["id"], paragraphs))

    def page(
        self, row: Mapping[str, Any], text: str, label: Callable[[Sequence[str]], tuple[Any, Any]]
    ) -> str | None:
        """The page's text with one or two blocks glued on; None where there is nothing to glue, or on."""
        choose = self._choose
        lines = text.split("\n")
        main = np.flatnonzero(label(lines)[0] > 0)
        kind = choose.choice(_KINDS)
        block = self._block(kind, row["lang"], row["id"])
        if len(main) < 3 or not block:
            return None
        place = choose.choice(("below", "below", "above", "both", "inside", "end", "end"))
        out = list(lines)
        if kind in _CARDS and place != "inside" and choose.random() < _BRIEF:
            kept = choose.choice(_BRIEF_LINES)
            for at in reversed(main[kept:]):
                del out[at]
            main = main[:kept]
        if place in ("below", "both"):
            out[main[-1] + 1 : main[-1] + 1] = [""] * choose.choice((0, 1)) + block
        elif place == "end":
            out += block
        elif place == "inside":
            at = main[choose.randrange(1, len(main))]
            out[at:at] = block[:14]
        if place in ("above", "both"):
            at = choose.choice((0, max(0, main[0] - choose.choice((1, 2, 3, 5)))))
            out[at:at] = block if place == "above" else self._block(kind, row["lang"], row["id"])
        return "\n".join(out)

    def _block(self, kind: str, language: str, page: str) -> list[str]:
        choose = self._choose
        gap = [""] * choose.choice((0, 0, 1))
        bullet = choose.choice(_BULLETS)
        if kind in ("passage", "clauses", "remarks"):
            lines = self._passage(language, page, kind, bullet)
        else:
            lines = self._row(language, page, kind, bullet)
        return [part for line in lines for part in (line, *gap)]

    def _row(self, language: str, page: str, kind: str, bullet: str) -> list[str]:
        choose = self._choose
        found = self._teasers.get(language, [])
        if len(found) < _FEW and choose.random() < 0.5:
            found = self._teasers.get("en", [])
        if len(found) < _TOO_FEW:
            return []
        most = _LONGEST if kind in _LONG_ROWS else _SHORTER
        number = int(np.exp(choose.uniform(np.log(4), np.log(most))))
        decorate = self._decoration(found)
        out: list[str] = []
        for teaser in (choose.choice(found) for _ in range(number)):
            if teaser.page == page:
                continue
            out += decorate(self._item(kind, bullet, teaser))
        return out

    def _item(self, kind: str, bullet: str, teaser: Teaser) -> list[str]:
        choose = self._choose
        head = bullet + self._headline(teaser)
        if kind == "bulleted":
            return [f"{head} {teaser.sentence.rstrip('.') if choose.random() < 0.7 else teaser.sentence}"]
        if kind == "teasers":
            return [head, teaser.sentence if choose.random() < 0.5 else teaser.lead]
        if kind == "headlines":
            return [head]
        if kind == "timed":
            return [f"{choose.randint(0, 23):02d}:{choose.randint(0, 59):02d} {self._headline(teaser)}"]
        if kind == "sentences":
            return [bullet + teaser.sentence]
        date = f"{choose.randint(1, 28)}.{choose.randint(1, 12)}.20{choose.randint(10, 24)}"
        return [head, date, teaser.lead[: choose.randint(80, 200)] + choose.choice(("…", "..."))]

    def _decoration(self, found: Sequence[Teaser]) -> Callable[[list[str]], list[str]]:
        """What stands around every item of a row: above it one of a few names of sections, below it a label."""
        choose = self._choose
        mark = choose.choice(_MARKS)
        sections = [mark + self._words(choose.choice(found), 2) for _ in range(choose.randint(1, 6))]
        above = choose.random() < _SECTIONS
        label = self._words(choose.choice(found), 3) if choose.random() < _LABELS else None
        return lambda item: [
            *([choose.choice(sections)] if above else []), *item, *([label] if label else [])
        ]  # fmt: skip

    def _words(self, teaser: Teaser, most: int) -> str:
        """One word of a title or a few: a label."""
        words = teaser.title.split()
        first = self._choose.randrange(len(words)) if words else 0
        return " ".join(words[first : first + self._choose.randint(1, most)])[:30].capitalize()

    def _headline(self, teaser: Teaser) -> str:
        """The title, or the beginning of a sentence without its full stop."""
        if self._choose.random() < 0.5:
            return teaser.title
        words = teaser.sentence.rstrip(".。").split()
        return (
            " ".join(words[: self._choose.randint(5, 14)])
            if len(words) > 5
            else teaser.sentence.rstrip(".。")
        )

    def _passage(self, language: str, page: str, kind: str, bullet: str) -> list[str]:
        """Some paragraphs of another page: as they are, as the clauses of a policy, or a sentence a line."""
        choose = self._choose
        others = [lines for other, lines in self._passages.get(language, []) if other != page]
        others = others or [lines for other, lines in self._passages.get("en", []) if other != page]
        if not others:
            return []
        lines = choose.choice(others)
        first = choose.randrange(len(lines))
        lines = lines[first : first + choose.randint(3, 16)]
        if kind == "passage":
            heading = [lines[0][:60].rsplit(" ", 1)[0]] if choose.random() < 0.6 else []
            return heading + lines
        sentences = [sentence for line in lines for sentence in _SENTENCE_END.split(line)]
        if kind == "clauses":
            return [f"{bullet}{s[:1].lower()}{s[1:].rstrip('.')};" for s in sentences]
        return sentences
