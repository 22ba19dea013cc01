"""One verdict a line: certain rules and plain repetition stand; of the rest the line model decides."""

import numpy as np

from tasks.strip.claims import CERTAIN, Claims
from tasks.strip.findings import NONE, Verdicts
from tasks.strip.model.features import Floats

#: Rule under which a line goes that the model alone finds.
MODEL = "model.lines"
#: Probability of main text from which a line stays.
THRESHOLD = 0.4


def combine(claims: Claims, found: Verdicts, main: Floats, threshold: float) -> None:
    """Bring the model's probabilities of main text (`main`, one a line) into the verdicts `found`, in place.

    A line that a finder is certain of goes under that finder's category. Of all others the model decides: below
    `threshold` a line goes, under the category of the finder that was not certain enough where there is one, else as
    `boilerplate`; from `threshold` up it stays, whatever an uncertain finder said.
    """
    certain = found.removed & (found.score >= CERTAIN)
    keep = ~certain & (main >= threshold)
    found.clear(keep)
    go = ~certain & ~keep
    named = go & ~found.removed & (claims.category != NONE)
    found.category[named], found.rule[named] = claims.category[named], claims.rule[named]
    found.say(go & ~found.removed, "boilerplate", MODEL, 0)
    found.score[go] = np.maximum(found.score[go], 1 - main[go])
