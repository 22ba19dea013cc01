"""Lines: a batch of texts as one table of lines, as they were meant before a renderer cut them.

`links`, `wrapped` and `pieces` find the breaks that cut a sentence, `joints` takes them out, `fold` and `tally` tell of
each line what finders ask about. `characters`, `sequence` and `tiles` are the array idioms that all of strip is written in.
"""

from tasks.strip.lines.characters import Bools, Ints
from tasks.strip.lines.table import BULLET, Lines, breaks

__all__ = ["BULLET", "Bools", "Ints", "Lines", "breaks"]
