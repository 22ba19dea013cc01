"""HTML to text, within limits on time and size for each page."""

from tasks.extract.batch import extract
from tasks.extract.options import ExtractOptions

__all__ = ["ExtractOptions", "extract"]
