"""From a rule's patterns to one linear-time regex.

Patterns are written in the common subset of Python's and RE2's syntax. Python's parser reads them (to refuse
what RE2 lacks, such as look-around and back-references, and for `tasks.strip.rules.anchors`); RE2 alone runs them.
"""

import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import re2

#: Languages whose words are not set apart by spaces, or carry endings glued on: no word boundaries are asked for.
UNSPACED = frozenset({"zh", "ja", "ko", "th", "lo", "my", "km"})

# Signs that patterns may name beside letters, digits and marks. A line's other signs are read as `_OTHER`, so that
# "letter" is whatever is none of these: a class of a few ranges, where Unicode's own has a thousand and is slow.
_SIGNS = (
    "\x00-/:-@[-`{-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u060c\u061b\u061f\u066a\u06d4\u0964\u0965\u0589"
    "\u2000-\u206f\u20a0-\u20cf\u2116\u2122\u2190-\u245f\u24b6-\u24e9\u2500-\u2775\u2794-\u2bff\u3000-\u3004\u3008-\u3020\u3030"
    "\u30a0\u30fb\ufe30-\ufe6f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffee\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff"
)
_OTHER = "\x7f"
_IS_SIGN = re.compile(f"[{_SIGNS}]")
#: The same as half-open ranges of code points.
SIGN_RUNS = [run.span() for run in re.finditer(f"[{_SIGNS}]+", "".join(map(chr, range(0x1FB00))))]


def is_sign(char: str) -> bool:
    """Whether patterns may name it, though it is no letter, digit or mark."""
    return _IS_SIGN.match(char) is not None


def _letters() -> str:
    """What is left between the signs, as ranges of a class."""
    starts, stops = [stop for _, stop in SIGN_RUNS], [*(start for start, _ in SIGN_RUNS[1:]), 0x110000]
    pairs = zip(starts, stops, strict=True)
    return "".join(f"\\x{{{start:X}}}-\\x{{{stop - 1:X}}}" for start, stop in pairs)


_LETTER = _letters()
_EXPANSIONS = {r"\w": f"[{_LETTER}]", r"\d": r"\p{Nd}", r"\s": " "}
_IN_CLASS = {r"\w": _LETTER, r"\d": r"\p{Nd}", r"\s": " "}
_TOKEN = re.compile(r"\\.|[\[\]]", re.DOTALL)
_FORBIDDEN = re.compile(r"\\[bBAZWDSpPGQE]|\(\?[^:]|\(\?$")

Search = Callable[[bytes], bool]


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why."""


def regex_of(patterns: Sequence[str], at: str, language: str) -> str:
    """One RE2 regex for all patterns. `at`: whole, start, end or anywhere in the folded line."""
    body = "|".join(_expand(p) for p in patterns)
    left, right = ("", "") if language in UNSPACED else (f"(?:^|[^{_LETTER}])", f"(?:[^{_LETTER}]|$)")
    return {
        "whole": f"^(?:{body})$",
        "start": f"^(?:{body}){right}",
        "end": f"{left}(?:{body})$",
        "anywhere": f"{left}(?:{body}){right}",
    }[at]


@functools.cache  # many rules share a condition
def compile_search(regex: str) -> Search:
    """Compile for RE2: tells whether one of the lines of a text, as UTF-8, holds a match. Raises PatternError."""
    options = re2.Options()
    options.never_capture = True
    options.never_nl = True  # nothing but `^` and `$` knows of line breaks
    options.log_errors = False
    options.max_mem = 32 << 20  # patterns with counted repeats crawl without room for their states
    # A set of one: it is not asked where the match lies, for which RE2 would run a second automaton backwards.
    one = re2.Set.SearchSet(options)
    try:
        one.Add(f"(?m){regex}")
        one.Compile()
    except re2.error as e:
        raise PatternError(f"not a linear-time regex: {e.args[0]!r}") from None
    match = one.Match
    return lambda text: bool(match(text))


def parse(pattern: str) -> Any:
    """The syntax tree; raises PatternError for what no linear-time engine runs."""
    if _FORBIDDEN.search(pattern):
        raise PatternError(r"only plain groups (?:…), classes, |, *, +, ?, {m,n}, \w, \d and \s may be used")
    _refuse_unknown_signs(pattern)
    try:
        return _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as e:
        raise PatternError(str(e)) from None


def plain(folded: str) -> str:
    """A folded line as the regexes read it."""
    return "".join(
        c if c.isascii() or unicodedata.category(c)[0] in "LNM" or is_sign(c) else _OTHER for c in folded
    )


def _refuse_unknown_signs(pattern: str) -> None:
    if unknown := [a for a, b in zip(pattern, plain(pattern), strict=True) if a != b]:
        raise PatternError(f"the sign {unknown[0]!r} cannot be told from others")


def _expand(pattern: str) -> str:
    """Give \\w, \\d and \\s their Unicode meaning, which RE2's own lack."""
    meanings = _EXPANSIONS

    def expanded(found: re.Match[str]) -> str:
        nonlocal meanings
        if found[0] in "[]":
            meanings = _IN_CLASS if found[0] == "[" else _EXPANSIONS
        return meanings.get(found[0], found[0])

    return _TOKEN.sub(expanded, pattern)
