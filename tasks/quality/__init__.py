"""Sizes, content hash and the usual quality signals of cleaned texts."""

from tasks.quality.measure import measure

__all__ = ["measure"]
