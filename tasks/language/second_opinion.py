"""pycld2 asked safely. It knows more languages than langdetect has profiles for."""

from dataclasses import dataclass

import pycld2

from tasks.language.tags import tag


@dataclass(frozen=True, slots=True)
class Opinion:
    """`found`: (tag, share of the letters), largest first, at most three; empty where it cannot tell."""

    found: tuple[tuple[str, float], ...]
    reliable: bool

    @property
    def first(self) -> str:
        return self.found[0][0] if self.found else "und"


def second_opinion(letters: str) -> Opinion:
    """pycld2's word on a string of letters and spaces (it refuses control characters and surrogates)."""
    try:
        reliable, _, details = pycld2.detect(letters, isPlainText=True, bestEffort=True)
    except pycld2.error:
        # Letters of a Unicode version that it does not know yet.
        return Opinion((), False)
    found = [(tag(code), percent / 100) for _, code, percent, _ in details if percent]
    return Opinion(tuple(item for item in found if item[0] != "und"), reliable)
