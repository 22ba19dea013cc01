"""Rules: what the wording of a line tells, as data (in data/) that is compiled and matched.

`load` reads the rules, `patterns` makes regexes of them, `anchors` and `signs` tell what a line must hold for one to match;
`match` runs them over all lines of a batch, and `claims` takes the best hit of each line.
"""

from tasks.strip.rules.load import Rule, RuleError, compile_shipped, load_rules, read_rules

__all__ = ["Rule", "RuleError", "compile_shipped", "load_rules", "read_rules"]
