"""Pages as they would look in a script without spaces, of which the collections have next to none.

The letters are others, in the order of how common they are, the spaces between words are gone, and sentences end as they
do there. What is told by wording is lost by that: such pages are judged by their looks alone.
"""

import random
import re
import unicodedata

#: Of each script the letters from the most common one down, and what stands at the end of a sentence.
SCRIPTS = {
    "Thai": ("านรอกเงมยวลทตสหดะปคบชพใไโแ", " "),
    "Lao": ("ານອກງລມຍວທຕສຫດະປຄບຊພໃໄໂຈແຂ", " "),
    "Burmese": ("ာနသတကမရပလအယဖထခဝဆစဘဒညဗေဟငဇဓ", "။"),
    "Khmer": ("ារនកតសមបយលវអទពងដចហខឆថភជគផឈ", "។"),
}
_COMMON = "etaoinshrdlcumwfgypbvkjxqz"
# How often a space stays: these scripts set some between clauses.
_SPACES = 0.1


def without_spaces(text: str, choose: random.Random) -> str:
    """The text, line by line, in one of the scripts. Expects one in Latin letters; others stay as they are."""
    letters, stop = SCRIPTS[choose.choice(sorted(SCRIPTS))]
    table = {ord(latin): letter for latin, letter in zip(_COMMON, letters, strict=True)}
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    other = bare.lower().translate(table)
    ended = re.sub(r"[.!?]+(?=[\"'”’»)]*(?:[ \n]|$))", stop, other)
    return re.sub(r"(?<=\w) (?=\w)", lambda _: " " if choose.random() < _SPACES else "", ended)
