"""Strip: raw text in, the article out, and an account of every span that was taken away.

    text -> lines/ -> rules/ -> structure/ -> model/ -> verdict.py -> apply.py

Finding and applying are apart: rules, structure and the line model say what they see of each line; one verdict is made
of it; `apply` turns verdicts into text, columns and removals. `strip.py` is the stage as a whole.
"""

from tasks.strip.knowledge import knowledge_digest
from tasks.strip.rules import RuleError
from tasks.strip.strip import Span, Stripped, StripSettings, strip_batch, strip_text
from tasks.strip.verdict import STRICTNESS

__all__ = [
    "STRICTNESS",
    "RuleError",
    "Span",
    "StripSettings",
    "Stripped",
    "knowledge_digest",
    "strip_batch",
    "strip_text",
]
