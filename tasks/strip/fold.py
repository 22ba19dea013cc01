"""The folded form of a line, in which rules are matched and repetitions are found.

Folding evens out what differs between sites and renderers but not in meaning: case, composed and decomposed
letters, kinds of spaces, quotes, dashes and apostrophes, zero-width and bidi marks, Arabic vowel signs and letter
variants, Arabic-Indic digits, and the bullets and punctuation around a line. All of it in Arrow kernels.
"""

import pyarrow as pa
import pyarrow.compute as pc

# Applied in order, as RE2; kernels see a whole column. One class a line, since each names its reason.
_REPLACEMENTS = (
    # Zero-width, bidi, soft hyphen, Arabic tatweel and vowel signs, variation selectors: invisible, or optional in writing.
    (
        r"[\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2069}\x{FEFF}\x{00AD}\x{0640}\x{064B}-\x{0652}\x{FE0F}]+",
        "",
    ),
    (r"[\s\pZ\x{0000}-\x{001F}\x{007F}-\x{009F}]+", " "),
    (r"[’‘ʼ`´ʹ＇]", "'"),
    (r"[“”„‟«»「」『』＂‹›]", '"'),
    (r"[‐‑‒–—―−－]", "-"),
    (r"[：]", ":"),
    (r"[！]", "!"),
    (r"[？]", "?"),
    (r"[，]", ","),
    # Arabic and Persian keyboards write the same letters differently.
    (r"[ىي]", "ی"),
    (r"ك", "ک"),
    (r"[أإآ]", "ا"),
    # Capitals lose what the small letters have: the dot of the Turkish i, Greek accents, the dots of ё.
    (r"i\x{0307}|ı", "i"),
    (r"[άὰᾶ]", "α"),
    (r"[έὲ]", "ε"),
    (r"[ήὴῆ]", "η"),
    (r"[ίὶῖϊΐ]", "ι"),
    (r"[όὸ]", "ο"),
    (r"[ύὺῦϋΰ]", "υ"),
    (r"[ώὼῶ]", "ω"),
    (r"ς", "σ"),
    (r"ё", "е"),
)
# Those that an ASCII line may need. Most lines are ASCII, and each kernel costs.
_ASCII = ((r"[\s\x{0000}-\x{001F}\x{007F}]+", " "), ("`", "'"))
_EDGES = r"^[^\pL\pN\pM\p{Sc}]+|[^\pL\pN\pM\p{Sc}%]+$"


def fold(lines: pa.Array) -> pa.Array:
    """Folded form of each line, with single spaces; bullets and punctuation at the edges are gone."""
    ascii_only = pc.fill_null(pc.string_is_ascii(lines), True)
    # ASCII lines stand before the others, and are taken back to their places.
    simple, other = lines.filter(ascii_only), lines.filter(pc.invert(ascii_only))
    folded = pa.concat_arrays(
        [_fold(simple, _ASCII), _fold(pc.utf8_normalize(other, form="NFC"), _REPLACEMENTS)]
    )
    return folded.take(pc.sort_indices(pc.sort_indices(pc.invert(ascii_only))))


def _fold(lines: pa.Array, replacements: tuple[tuple[str, str], ...]) -> pa.Array:
    folded = pc.utf8_lower(lines)
    for pattern, replacement in replacements:
        folded = pc.replace_substring_regex(folded, pattern, replacement)
    return pc.replace_substring_regex(folded, _EDGES, "")


def fold_patterns(patterns: list[str]) -> list[str]:
    """Patterns of rules in the alphabet of folded lines; their edges and their regex syntax stay as they are."""
    folded = pc.utf8_normalize(pa.array(patterns, pa.large_string()), form="NFC")
    for regex, replacement in _REPLACEMENTS:
        folded = pc.replace_substring_regex(folded, regex, replacement)
    out: list[str] = folded.to_pylist()
    return out
