"""Copies: which records say the same, as a whole or in single passages. Knows tables, and no files of data.

`sketch` keeps a sample of each text's word triples; `relate` finds who has them in common, in bounded memory: what is
more waits in a Spool on the disk.
"""

from tasks.copies.relate import Relations, relate
from tasks.copies.sketch import SKETCHES, sketch

__all__ = ["SKETCHES", "Relations", "relate", "sketch"]
