"""What is looked for in some lines only is found in all that have it."""

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tasks.strip.lines import Lines
from tasks.strip.lines import table as line_module
from tasks.strip.lines.characters import count, matches
from tasks.strip.model import features as module

SIGNS = "abZé漢ก1٣ \t|·•/>»→–—-$€©™\"“‘’'.:…\u0958\u0301"


@given(st.lists(st.text(st.sampled_from(SIGNS), max_size=20), max_size=8))
@settings(max_examples=200, deadline=None)
@example(["\u0958\u0932\u092e   \u092c\u093e"])  # folded, its first letter is two characters
@example(["1  |  2", "from 1999 to 2024", "at 10:45", "$ 5", "'so' she said", "— No"])
def test_shortcuts(texts: list[str]) -> None:
    lines = Lines(pa.array(["\n".join(texts)], pa.large_string()))
    t = lines.seen
    dividers, dashes = module._dividers_and_dashes(lines)
    np.testing.assert_array_equal(dividers, count(t, module._DIVIDERS))
    np.testing.assert_array_equal(dashes, count(t, module._DASHES))
    flags = module._flags(lines)
    np.testing.assert_array_equal(flags.pop(module._LEGAL_AT), matches(t, "[©®™]"))
    for flag, pattern in zip(flags, module._FLAGS.values(), strict=True):
        np.testing.assert_array_equal(flag, matches(t, pattern), err_msg=pattern)
    quote = matches(lines.seen, line_module._QUOTE)
    np.testing.assert_array_equal(lines.shape.quote, quote[lines.raw_key])
