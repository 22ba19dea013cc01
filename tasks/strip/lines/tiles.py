"""Where the rows of documents stand in a matrix, so that its products are the same to the bit whatever else is in it.

The kernels of linear algebra take some rows at a time, and round the last ones, and small matrices, otherwise. What is
said of a line is to be the same in any batch: documents begin at steps that no kernel of OpenBLAS for x86 was found to
round otherwise by, and matrices are filled up. It holds in one thread, which `tasks` has numpy use where it is loaded
first and nothing else is set: three threads, say, share the rows of a matrix at other steps.
"""

from typing import Any

import numpy as np

from tasks.strip.lines.arrays import Ints

# Kernels for AVX2 take 12 rows at a time; those that take 4, 8 or 16 round all of them alike.
_STEP = 12
# Rows of a matrix come in so many: a small one is none of these, and two or four threads share them evenly.
_TILE = 384


def rows_of(offsets: Ints, gap: int = 0) -> tuple[Ints, int]:
    """The row of each line, and how many rows there are to be. `offsets`: where documents begin among the lines; `gap`:
    how many rows at least are empty around each."""
    lengths = np.diff(offsets)
    room = _up(lengths + gap, _STEP)
    start = _up(gap, _STEP) + np.cumsum(room) - room
    rows = np.arange(offsets[-1] - offsets[0]) + np.repeat(start - (offsets[:-1] - offsets[0]), lengths)
    return rows, max(_up(int(start[-1] + room[-1]), _TILE), _TILE)


def _up(rows: Any, step: int) -> Any:
    """The next multiple of a step."""
    return -(-rows // step) * step
