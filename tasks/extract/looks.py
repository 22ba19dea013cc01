"""What the lines of one look are like, taken together over the page: lines of one kind in boxes that are made alike.

Pages are made from templates. A line that looks like most of the page's prose belongs to it, wherever it stands; one that
looks like forty others, each with a box of its own, is one of forty teasers.
"""

from collections.abc import Hashable, Sequence

from schemas import HINT_HEADING, HINT_ITEM, HINT_MAIN, HINT_PARAGRAPH
from tasks.extract.containers import Boxes
from tasks.extract.hints import Lines, is_prose

_KIND = HINT_HEADING | HINT_PARAGRAPH | HINT_ITEM


def looks(boxes: Boxes, lines: Lines) -> list[bytes]:
    """21 octets for each line, on all lines of the page that look like it.

    Seven for each of three ways to tell a look: by the line's kind and its box; by its box and the one around; by its
    kind, its box and the two around. They are shares, of 255: of the page's prose, how much has the look; of what has
    it, how much is main text, how much links, how much prose. Then come sizes (`_size`): how many lines and boxes have
    it, and how long its lines are in the mean.
    """
    own = [boxes.look[box] for box in lines.box]
    around = [boxes.parent[box] for box in lines.box]
    near = [*zip(own, (boxes.look[box] for box in around), strict=True)]
    kind = [hint & _KIND for hint in lines.hints]
    far = [*zip(kind, near, (boxes.look[boxes.parent[box]] for box in around), strict=True)]
    ways = (_alike([*zip(kind, own, strict=True)], lines), _alike(near, lines), _alike(far, lines))
    return [*map(b"".join, zip(*ways, strict=True))]


def _alike(looks: Sequence[Hashable], lines: Lines) -> list[bytes]:
    """Seven octets for each line, where they look like that."""
    whole: dict[Hashable, _Sums] = {}
    page = 0
    for look, box, hint, chars, linked in zip(
        looks, lines.box, lines.hints, lines.chars, lines.linked, strict=True
    ):
        sums = whole.get(look)
        if sums is None:
            sums = whole[look] = _Sums()
        sums.lines += 1
        sums.chars += chars
        sums.linked += linked
        sums.boxes.add(box)
        if hint & HINT_MAIN:
            sums.main += chars
        if is_prose(chars, linked):
            sums.prose += chars
            page += chars
    octets = {look: sums.octets(page) for look, sums in whole.items()}
    return [octets[look] for look in looks]


class _Sums:
    """All lines of one look: how many, their characters, and how many of these are links, main text, prose."""

    __slots__ = ("boxes", "chars", "lines", "linked", "main", "prose")

    def __init__(self) -> None:
        self.lines = self.chars = self.linked = self.main = self.prose = 0
        self.boxes: set[int] = set()

    def octets(self, page: int) -> bytes:
        """`page`: characters of prose in the whole page."""
        shares = (
            (self.prose, page),
            (self.main, self.chars),
            (self.linked, self.chars),
            (self.prose, self.chars),
        )
        sizes = self.lines, len(self.boxes), self.chars // self.lines
        return bytes((*(255 * part // max(of, 1) for part, of in shares), *map(_size, sizes)))


def _size(number: int) -> int:
    """16 for each time that one more than the number can be halved, and in between in proportion; at most 255."""
    halvings = (number + 1).bit_length() - 1
    return min(16 * (halvings - 1) + (16 * (number + 1) >> halvings), 255)
