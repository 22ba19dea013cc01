"""What of a text the detectors look at: letters alone, in a few windows spread evenly over the text.

A batch of texts becomes one matrix of code points, each row a *piece*. A text's pieces follow each other;
everything that is not a letter (digits, punctuation, URLs, e-mail addresses, control characters) is a space.
The cost of a long page is thus that of a short one, and each window has its own say.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tasks.language import scripts

SPACE = 0x20


@dataclass(frozen=True, slots=True)
class Look:
    """How closely a text is looked at: in so many `windows` at most, in pieces of so many characters."""

    windows: int
    piece: int

    @property
    def window(self) -> int:
        """Characters a window: what fills the pieces together with the spaces between and around them."""
        return self.piece - 2

    @property
    def whole(self) -> int:
        """Characters up to which a text is seen whole."""
        return self.windows * self.window


GLANCE = Look(windows=8, piece=48)
FULL = Look(windows=12, piece=128)


@dataclass(frozen=True, slots=True)
class Sample:
    """The pieces of a batch of texts; each text has at least one.

    `pieces` is uint32[pieces, characters] of code points, `starts` int64[texts] the first piece of each text,
    and `owner` int64[pieces] the text of each piece.
    """

    pieces: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    owner: npt.NDArray[np.int64]

    def strings(self) -> list[str]:
        """The sampled letters of each text, for detectors that take strings."""
        everything = self.pieces.tobytes().decode("utf-32-le")
        bounds = [*(self.starts * self.pieces.shape[1]).tolist(), len(everything)]
        return [everything[a:b] for a, b in pairwise(bounds)]


def take_sample(texts: Sequence[str], look: Look = FULL) -> Sample:
    """Cuts the windows out of each text and blanks what is not a letter."""
    excerpts = [_excerpt(text, look) for text in texts]
    lengths = np.array([len(excerpt) for excerpt in excerpts], np.int64)
    counts = lengths // look.piece
    code_points = np.frombuffer("".join(excerpts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Sample(
        pieces=_letters_only(code_points).reshape(-1, look.piece),
        starts=np.cumsum(counts) - counts,
        owner=np.repeat(np.arange(len(excerpts)), counts),
    )


def _excerpt(text: str, look: Look) -> str:
    """The windows of one text between spaces, composed (NFC) and filled up to whole pieces."""
    if len(text) > look.whole:
        window = look.window
        step = (len(text) - window) / (look.windows - 1)
        text = " ".join([text[(start := int(step * i)) : start + window] for i in range(look.windows)])
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = f" {text} "
    return text + " " * (-len(text) % look.piece)


def _letters_only(code_points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    kept = letter_table()[np.minimum(code_points, scripts.CODE_POINTS - 1)]
    kept &= ~_addresses(code_points)
    return np.where(kept, code_points, np.uint32(SPACE))


def _addresses(code_points: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Characters of URLs and e-mail addresses: runs of visible ASCII that hold '@', '://' or 'www.'."""
    at: npt.NDArray[np.bool_] = code_points == ord("@")
    scheme = _occurs(code_points, "://")
    web = _occurs(code_points | np.uint32(0x20), "www.")
    hits = at | scheme | web
    if not hits.any():
        return hits
    inside = (code_points > SPACE) & (code_points < 0x7F)
    run = np.cumsum(~inside)
    marked = np.zeros(int(run[-1]) + 1, np.bool_)
    marked[run[hits]] = True
    inside &= marked[run]
    return inside


def _occurs(code_points: npt.NDArray[np.uint32], needle: str) -> npt.NDArray[np.bool_]:
    """True where the needle begins."""
    found = np.zeros(len(code_points), np.bool_)
    places = np.flatnonzero(code_points[: 1 - len(needle)] == ord(needle[0]))
    for offset, character in enumerate(needle):
        places = places[code_points[places + offset] == ord(character)]
    found[places] = True
    return found


@cache
def letter_table() -> npt.NDArray[np.bool_]:
    """Whether a code point below scripts.CODE_POINTS is a letter or a mark on one."""
    category = unicodedata.category
    return np.array([category(chr(c))[0] in "LM" for c in range(scripts.CODE_POINTS)])
