"""What a run says about itself: a sentence, a JSON file, a markdown artifact and a page for people.

Names of files, sites and reasons, and the samples' text, come from the input: they are escaped wherever they are shown.
"""

from flows.report.build import finish
from flows.report.markdown import markdown
from flows.report.page import page
from flows.report.summary import Report, Summary, in_words, read_summaries
from flows.report.tables import tables

__all__ = [
    "Report",
    "Summary",
    "finish",
    "in_words",
    "markdown",
    "page",
    "read_summaries",
    "tables",
]
