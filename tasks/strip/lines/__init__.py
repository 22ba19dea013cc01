"""Lines: a batch of texts as one table of lines, as they were meant before a renderer cut them.

`links`, `wrapped` and `pieces` find the breaks that cut a sentence, `joints` takes them out, `fold` and `tally` tell of
each line what finders ask about, and `table` holds it all. `arrays`, `characters`, `sequence` and `tiles` are the array
idioms that all of strip is written in.
"""

from tasks.strip.lines.arrays import Bools, Doubles, Floats, Ints, Octets
from tasks.strip.lines.breaks import breaks
from tasks.strip.lines.table import BULLET, Lines

__all__ = ["BULLET", "Bools", "Doubles", "Floats", "Ints", "Lines", "Octets", "breaks"]
