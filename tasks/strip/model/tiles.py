"""Matrices of a size that keeps their products the same to the bit.

For small and odd matrices the linear algebra has kernels of their own, which round otherwise. What is said of a line is to be
the same whatever stands in the batch: matrices are filled up with zeros.
"""

_TILE = 512


def tiled(rows: int) -> int:
    """How many rows there are to be for so many of use."""
    return -(-rows // _TILE) * _TILE
