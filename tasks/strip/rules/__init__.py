"""Rules: what the wording of a line tells, as data (in data/) that is compiled and matched.

`read` takes a `rule` from TOML, `load` all that a run asks for; `patterns` makes regexes of them, `anchors` and `signs` tell
what a line must hold for one to match; `match` runs them over all lines of a batch, and `claims` takes the best hit of each line.
"""

from tasks.strip.rules.load import compile_shipped, load_rules
from tasks.strip.rules.read import read_rules
from tasks.strip.rules.rule import Rule, RuleError

__all__ = ["Rule", "RuleError", "compile_shipped", "load_rules", "read_rules"]
