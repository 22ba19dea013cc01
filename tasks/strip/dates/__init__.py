"""Dates: the point in time that a dateline tells."""

from tasks.strip.dates.datelines import parse_datelines

__all__ = ["parse_datelines"]
