"""Text of a renderer that begins a line at every tag, so that sentences are cut where a link or a word in bold stands.

Such a document gives itself away: some of its lines begin with the comma or full stop of the sentence before.
"""

import numpy as np
import pyarrow as pa

from tasks.strip.lines.arrays import Bools, Ints
from tasks.strip.lines.characters import BLANK, first_octets, matches, octets_of

#: So many lines that begin with what closes a clause, and then say more, make a document one of these.
_FEWEST = 2
_GIVES_AWAY = r"^[,.;)]['\"”’»]?\s+\pL\S*\s+\S+\s+\S|^[，。、；：]\pL{4}"
#: The first octets of these.
_BEGINS = np.zeros(256, np.bool_)
_BEGINS[list(b",.;)\xe3\xef")] = True
_CLOSES = r"^\s*(?:[,.;:!?…)\]»”’](?:\s|$)|[,;)»”]|[،؛؟，。、；：！？）」』])"
_GOES_ON = r"^\s*\p{Ll}"
_ENDS = r"[.!?…:;。！？：；؟]['\"”’»)\]」』]*\s*$"
_SOME_WORDS, _MANY_WORDS = r"^\s*(?:\S+\s+){3}\S", r"^\s*(?:\S+\s+){7}\S"


def cut_sentences(lines: pa.LargeStringArray, doc: Ints) -> Bools:
    """After which lines there is a break within a sentence; `lines`: every line of the documents, blank ones too."""
    out: Bools = np.zeros(len(lines), np.bool_)
    # Hardly any line begins so, which its first octet tells far sooner than a regex.
    at = np.flatnonzero(_BEGINS[first_octets(*octets_of(lines))])
    at = at[matches(lines.take(pa.array(at)), _GIVES_AWAY)]
    at = np.flatnonzero(np.bincount(doc[at], minlength=int(doc.max(initial=0)) + 1)[doc] >= _FEWEST)
    if not len(at):
        return out
    some, own = lines.take(pa.array(at)), doc[at]
    blank, ends, closes = (matches(some, pattern) for pattern in (BLANK, _ENDS, _CLOSES))
    # Whether the break after each line is within a sentence, by how the next line begins ...
    goes_on = np.append((own[1:] == own[:-1]) & ~blank[1:] & ~blank[:-1], False)
    nexts = np.append(closes[1:], False) | (np.append(matches(some, _GOES_ON)[1:], False) & ~ends)
    within = goes_on & nexts
    # ... or because the sentence goes on after that: what stands there is a link or a name.
    short = ~np.append(matches(some, _MANY_WORDS)[1:], True)
    after = np.append(within[1:], False)
    within |= goes_on & ~ends & short & after & matches(some, _SOME_WORDS)
    # Menus and mastheads are in lower case too. A run is a sentence that was cut if it ends like one, or holds a
    # line that closes a clause.
    inner = np.append(False, within[:-1])
    run = np.cumsum(~inner) - 1
    told = np.bincount(run[(ends & ~within) | (closes & inner)], minlength=len(run)) > 0
    out[at] = within & told[run]
    return out
