"""Evaluate: cleaned records against pages whose main text, snippets or lines people have labelled.

Pages and records are read, each page is scored under each system, and the scores of a group of pages become figures
with intervals. Nothing here is part of cleaning.
"""

from tasks.evaluate.bootstrap import Estimate
from tasks.evaluate.errors import EvaluationError
from tasks.evaluate.evaluate import Evaluation, WorstPage, evaluate
from tasks.evaluate.gold import BODY, GoldPage, read_gold, read_html, select
from tasks.evaluate.lines import CategoryCounts
from tasks.evaluate.records import Record, Removal, read_records, read_removals
from tasks.evaluate.scores import Figures, LineFigures
from tasks.evaluate.systems import C4_LINES, KEEP_ALL, RECORDS, extracted, installed_extractors

__all__ = [
    "BODY",
    "C4_LINES",
    "KEEP_ALL",
    "RECORDS",
    "CategoryCounts",
    "Estimate",
    "Evaluation",
    "EvaluationError",
    "Figures",
    "GoldPage",
    "LineFigures",
    "Record",
    "Removal",
    "WorstPage",
    "evaluate",
    "extracted",
    "installed_extractors",
    "read_gold",
    "read_html",
    "read_records",
    "read_removals",
    "select",
]
