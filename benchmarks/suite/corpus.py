"""Invented pages to measure on: sentences of the example pages, recombined, between their boilerplate.

Sentences are distinct, as their long words are blended anew each time, and boilerplate repeats, as on the pages of a
site. The same seed gives the same bytes.
"""

import gzip
import html
import random
import re
from collections.abc import Iterator
from pathlib import Path

import orjson

EXAMPLES = Path(__file__).parents[2] / "examples/pages"
#: Languages of the examples that are not written in Latin letters, by folder.
_NON_LATIN = ("lanjiang", "nadi-kinare", "verkhnevolzhsk", "steppe")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？।])")
#: In Indic scripts signs of vowels stand between the letters.
_LONG_WORD = re.compile(r"[^\W\d_][^\s\d.,;:!?\"'“”„«»()।。，、；：！？-]{5,}")
#: Lines from this length on are taken for text (in octets, as scripts differ in characters a word).
_PROSE = 120

#: Name of a corpus to (pages, octets of text a page, in Latin letters).
KINDS: dict[str, tuple[int, int, bool]] = {
    "typical": (1500, 9600, True),
    "short": (4000, 1200, True),
    "long": (150, 60_000, True),
    "non-latin": (1000, 9600, False),
}


class Site:
    """One example page, taken apart: the sentences of its text, and the lines above and below it."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text(encoding="utf-8").splitlines()
        prose = [number for number, line in enumerate(lines) if len(line.encode()) >= _PROSE]
        text = [lines[number] for number in prose[1:]] or [lines[number] for number in prose]
        self.name = path.parent.name
        self.sentences = [part for line in text for part in _SENTENCE_END.split(line) if part.strip()]
        words = sorted(set(_LONG_WORD.findall(" ".join(self.sentences))))
        self.beginnings = [word[: len(word) // 2] for word in words]
        self.endings = [word[len(word) // 2 :].lower() for word in words]
        self.above = [line for line in lines[: prose[0]] if line]
        self.below = [line for line in lines[prose[-1] + 1 :] if line]

    def page(self, size: int, dice: random.Random) -> list[tuple[str, bool]]:
        """Lines of a page of about `size` octets, each with whether it is text."""
        lines = [(line, False) for line in (*self.above, *self.below)]
        left = size - sum(len(line.encode()) + 1 for line, _ in lines)
        text: list[tuple[str, bool]] = []
        while left > 0:
            chosen = dice.choices(self.sentences, k=dice.randint(2, 5))
            paragraph = _LONG_WORD.sub(lambda _: self._word(dice), " ".join(chosen))
            left -= len(paragraph.encode()) + 1
            text.append((paragraph, True))
        return lines[: len(self.above)] + text + lines[len(self.above) :]

    def _word(self, dice: random.Random) -> str:
        """A word that hardly any other page has, made of two."""
        return dice.choice(self.beginnings) + dice.choice(self.endings)


def sites(latin: bool) -> list[Site]:
    """The example sites that are text files, in Latin letters or not."""
    found = []
    for path in sorted(EXAMPLES.glob("*/*.txt")):
        if path.parent.name.startswith(_NON_LATIN) != latin:
            site = Site(path)
            if len(site.sentences) > 3:
                found.append(site)
    return found


def pages(kind: str, count: int, seed: int = 1) -> Iterator[tuple[str, list[tuple[str, bool]]]]:
    """(URL, lines) of `count` pages of a kind; sizes vary by half."""
    _, size, latin = KINDS[kind]
    dice = random.Random(f"{kind} {seed}")
    known = sites(latin)
    for number in range(count):
        site = dice.choice(known)
        yield f"https://{site.name}/{number}", site.page(int(size * dice.uniform(0.5, 1.5)), dice)


def write_text(path: Path, kind: str, count: int, seed: int = 1) -> None:
    """A JSONL.gz of id, url and text."""
    with gzip.open(path, "wb", compresslevel=6) as file:
        for number, (url, lines) in enumerate(pages(kind, count, seed)):
            record = {"id": f"{kind}-{number}", "url": url, "text": "\n".join(line for line, _ in lines)}
            file.write(orjson.dumps(record) + b"\n")


def write_html(path: Path, count: int, seed: int = 1) -> None:
    """A JSONL.gz of id, url and html: typical pages with the markup of a news site around their lines."""
    with gzip.open(path, "wb", compresslevel=6) as file:
        for number, (url, lines) in enumerate(pages("typical", count, seed)):
            record = {"id": f"html-{number}", "url": url, "html": as_html(lines)}
            file.write(orjson.dumps(record) + b"\n")


def as_html(lines: list[tuple[str, bool]]) -> str:
    """Text in paragraphs of an article; each other line an item of a list with a link, as menus have it."""
    body = []
    for number, (line, is_text) in enumerate(lines):
        if is_text:
            body.append(f'<p class="paragraph">{html.escape(line)}</p>')
        else:
            item = f'<li class="item item-{number}"><a href="/{number}" data-id="{number}">{html.escape(line)}</a></li>'
            body.append(f'<div class="block"><ul class="list">{item}</ul></div>')
    first = next(number for number, (_, is_text) in enumerate(lines) if is_text)
    last = max(number for number, (_, is_text) in enumerate(lines) if is_text) + 1
    header, article, footer = ("\n".join(part) for part in (body[:first], body[first:last], body[last:]))
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>A page</title>'
        f"<style>{'.block { margin: 0 }' * 40}</style></head>\n<body><header><nav>{header}</nav></header>\n"
        f"<main><article><h1>A page</h1>{article}</article></main>\n<footer>{footer}</footer></body></html>"
    )
