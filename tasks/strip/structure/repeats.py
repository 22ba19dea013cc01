"""What a document says twice: copies of a line, pull quotes, the lead said again below the title."""

import numpy as np

from tasks.strip.findings import NONE, Verdicts
from tasks.strip.lines import Bools, Ints, Lines
from tasks.strip.lines.sequence import following
from tasks.strip.structure.body import Body
from tasks.strip.structure.near_repeats import near_repeats

# A near-repeat holds this share of a line's 4-grams in one other line; a quotation may be put together.
_REPEATED_SHARE, _QUOTED_SHARE = 0.9, 0.75
_BELOW_TITLE = 4
# The score of what is removed wherever it stands.
_CERTAIN = 0.95
#: A quotation mark, perhaps behind a bullet or a number; a dash before a sentence; the Q and A of an interview.
SPEECH = (
    r"^(?:[•*・–—-]\s*|[\pL\pN]{1,2}[.)、:]\s*)?[\"“„«「『»‘‚]|^[–—]\s?\p{Lu}.*[.!?…]$"
    r"|^(?:Q|A|R|P|F|D|O|E|В|О|П|问|答|問)[.:：]\s"
)


def repetitions(verdicts: Verdicts, lines: Lines, body: Body, spoken: Bools) -> None:
    """The second time a document says a line, and lines that another line quotes in full. spoken: those that match SPEECH."""
    s = lines.shape
    again = _spare_copies(lines, body)
    title_key = np.where(body.title >= 0, lines.key[body.title], NONE)[lines.doc]
    of_title = lines.key == title_key
    long_enough = (s.words >= 4) | (s.chars >= 25)
    again &= long_enough
    # A copy goes for certain, also where it goes as something else.
    verdicts.score[again & verdicts.removed] = np.maximum(verdicts.score[again & verdicts.removed], _CERTAIN)
    again = (again & ~verdicts.removed) | (of_title & ~verdicts.of("link_list"))
    again &= ~body.is_title
    verdicts.say(again, "duplicate", "structure.repeated-line", _CERTAIN)
    verdicts.say(_near_repeats(verdicts, lines, body, spoken), "duplicate", "structure.pull-quote", 0.92)


def _spare_copies(lines: Lines, body: Body) -> Bools:
    """All copies of a line but one: the first, or the first heading among them.

    A table of contents says the headings before they stand above their sections.
    """
    reads = lines.prose
    heading = ~reads & body.inside & following(reads, lines.doc, False)
    repeated = np.flatnonzero(lines.repetition[0] > 1)
    order = np.lexsort((repeated, ~heading[repeated], lines.key[repeated], lines.doc[repeated]))
    copies = repeated[order]
    spare = np.zeros(len(lines), np.bool_)
    spare[copies] = (np.diff(lines.key[copies], prepend=-1) == 0) & (
        np.diff(lines.doc[copies], prepend=-1) == 0
    )
    return spare


def _near_repeats(verdicts: Verdicts, lines: Lines, body: Body, spoken: Bools) -> Ints:
    """Lines whose words nearly all stand in one longer line of their document: pull quotes, the lead said again."""
    s = lines.shape
    of_title = body.below_title(lines.doc, _BELOW_TITLE) & ~s.full_stop & ~s.bullet
    candidate = ~verdicts.removed & (s.words >= 3) & (s.words <= 40) & ((spoken & body.inside) | of_title)
    kept = ~verdicts.removed & (s.words > 4) | body.is_title
    kept &= body.spread.sharing(candidate, lines.doc)
    share = np.where(spoken, _QUOTED_SHARE, _REPEATED_SHARE)
    return near_repeats(lines.folded, lines.key, lines.doc, candidate, kept, share)
