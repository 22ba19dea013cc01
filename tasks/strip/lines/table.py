"""A batch of documents as one table of lines, with what the look of each line tells.

Text-only work is done once for each distinct line of the batch (less than half of a crawl's lines are distinct)
and taken to all its places.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.strip.lines.arrays import Bools, Doubles, Ints
from tasks.strip.lines.breaks import even, split
from tasks.strip.lines.characters import (
    BLANK,
    BLANK_BEGINS,
    code_points,
    count,
    first_octets,
    matches,
    octets_of,
)
from tasks.strip.lines.fold import fold
from tasks.strip.lines.joints import BREAK, put_together, without_cuts
from tasks.strip.lines.links import without_links
from tasks.strip.lines.tally import DASH, QUOTE, Tally, tally

_ENDS = r"[.!?…。！？｡।॥؟۔։።][\"'”’»«“‘」』）)\]\s]*$|[.!?…。！？][\"”’»」』]"
_FULL_STOP = r"[.…。｡।॥۔։።][\"'”’»«“‘」』）)\]\s]*$|[。][」』”]"
_SENTENCE = r"[.!?…؟۔।][\"'”’»)]*\s+[\"'“‘«(¿¡„–-]*[\p{Lu}\p{Lo}\d]|[。！？]"
#: A mark or a number in front of an item, a dash of speech, the mark of a subheading.
BULLET = r"^[\s\x{200B}-\x{200F}]*(?:[•‣▪◦●○■□◆◇▲△▼▽▶►→➜✓✔★☆※*·»-]|[–—+]\s|\d{1,2}[.)]\s)"
_QUOTE = r"[\"“”„«»「」『』]|^\s*[–—]\s|['‘’].*['‘’]"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a line looks; arrays with one entry a line."""

    chars: Ints  # code points of the folded line
    words: Doubles  # words; in scripts without spaces, half the characters
    ends: Bools  # closes like a sentence
    full_stop: Bools  # closes with a full stop (headlines rarely do)
    sentences: Ints  # sentence breaks inside the line
    commas: Ints
    digits: Ints
    bullet: Bools
    colon: Bools  # ends in a colon
    quote: Bools  # holds a quotation mark
    capital: Bools  # its first letter is a capital, or its script has none
    separator: Bools  # neither letters nor digits


class Lines:
    """The non-blank lines of a batch, in order; `doc` is not decreasing."""

    def __init__(self, texts: pa.LargeStringArray) -> None:
        raw = even(texts)
        every, lengths, doc = split(raw)
        whole = without_cuts(raw, every, lengths, doc)
        if whole is not raw:
            every, lengths, doc = split(whole)
        ends = np.cumsum(lengths + 1)
        starts = ends - lengths - 1
        starts -= starts[np.searchsorted(doc, np.arange(len(texts)))][doc]
        encoded = every.dictionary_encode()
        distinct = encoded.dictionary
        # Few lines begin with an octet that a blank may begin with.
        some = np.flatnonzero(BLANK_BEGINS[first_octets(*octets_of(distinct))])
        opened = distinct.take(pa.array(some))
        blank, indent = np.zeros(len(distinct), np.bool_), np.zeros(len(distinct), np.int64)
        blank[some] = matches(opened, BLANK)
        indent[some] = code_points(opened) - code_points(pc.utf8_ltrim_whitespace(opened))
        key = encoded.indices.to_numpy().astype(np.int64)
        full = np.flatnonzero(~blank[key])

        self.documents = len(texts)
        #: The distinct lines, in which BREAK may stand. Blanks around a line are nobody's: neither kept nor removed.
        self.raw: pa.LargeStringArray = pc.utf8_trim_whitespace(distinct)
        #: Each entry of `raw` put together, and what a reader sees of it.
        self.written: pa.LargeStringArray = put_together(self.raw)
        self.seen: pa.LargeStringArray = without_links(self.written)
        self.doc: Ints = doc[full]
        #: Index into `raw`, `written` and `seen`.
        self.raw_key: Ints = key[full]
        #: Where the line begins, without the blanks before it, in code points of the raw text.
        self.start: Ints = starts[full] + indent[self.raw_key]
        self.indent: Ints = indent[self.raw_key]
        #: How many blank lines stand directly before the line.
        self.blanks_before: Ints = np.diff(full, prepend=-1) - 1
        self.blanks_before[self.first] = 0
        folded = fold(self.seen).dictionary_encode()
        self.folded: pa.LargeStringArray = folded.dictionary
        #: Index into `folded`; equal for lines that say the same.
        self.key: Ints = folded.indices.to_numpy().astype(np.int64)[self.raw_key]

    def __len__(self) -> int:
        return len(self.doc)

    @cached_property
    def text(self) -> pa.LargeStringArray:
        """The lines, without the blanks around them, put together where they were cut."""
        return self.written.take(pa.array(self.raw_key))

    @cached_property
    def parts(self) -> Ints:
        """Of how many lines of the raw text each line is made; mostly of one."""
        if self.written is self.raw:
            return np.ones(len(self), np.int64)
        return count(self.raw, BREAK)[self.raw_key] + 1

    @cached_property
    def first(self) -> Bools:
        """The first line of its document."""
        return np.diff(self.doc, prepend=-1) != 0

    @cached_property
    def offsets(self) -> Ints:
        """Where each document's lines begin, and one past the last."""
        return np.searchsorted(self.doc, np.arange(self.documents + 1))

    @cached_property
    def doc_begin(self) -> Ints:
        """For each line the first line of its document."""
        return self.offsets[:-1][self.doc]

    @cached_property
    def doc_end(self) -> Ints:
        """For each line one past the last line of its document."""
        return self.offsets[1:][self.doc]

    def matches(self, pattern: str) -> Bools:
        """The lines in which the pattern (RE2) is found, as a reader sees them."""
        return matches(self.seen, pattern)[self.raw_key]

    @cached_property
    def prose(self) -> Bools:
        """Lines that read like running text."""
        s = self.shape
        return (
            ((s.words >= 9) & (s.ends | (s.sentences > 0)))
            | ((s.words >= 12) & (s.sentences > 0))
            | (s.words >= 20)
        )

    @cached_property
    def repetition(self) -> tuple[Ints, Bools]:
        """How often its document says each line, and whether the document has said it before."""
        pair = self.doc * (len(self.folded) + 1) + self.key
        _, first, inverse, counts = np.unique(
            pair, return_index=True, return_inverse=True, return_counts=True
        )
        again = np.ones(len(self), np.bool_)
        again[first] = False
        return counts[inverse], again

    @cached_property
    def folded_chars(self) -> Ints:
        """Code points of each entry of `folded`."""
        return code_points(self.folded)

    @cached_property
    def made_of(self) -> Tally:
        """What each entry of `seen` is made of."""
        return tally(self.seen)

    @cached_property
    def shape(self) -> Shape:
        """How each line looks."""
        t = self.seen
        made_of = self.made_of
        # A run of an unspaced script was counted as one word too.
        some = made_of.unspaced > 0
        words = np.where(some, np.maximum(made_of.words + made_of.unspaced / 2 - 1, 1), made_of.words)
        return Shape(
            chars=self.folded_chars[self.key],
            words=words[self.raw_key],
            ends=matches(t, _ENDS)[self.raw_key],
            full_stop=matches(t, _FULL_STOP)[self.raw_key],
            sentences=count(t, _SENTENCE)[self.raw_key],
            commas=made_of.commas[self.raw_key],
            digits=made_of.digits[self.raw_key],
            bullet=matches(t, BULLET)[self.raw_key],
            colon=matches(t, r"[:：]\s*$")[self.raw_key],
            quote=matches(t, _QUOTE, made_of.holds(QUOTE | DASH))[self.raw_key],
            capital=made_of.capital[self.raw_key],
            separator=(self.folded_chars == 0)[self.key],
        )
