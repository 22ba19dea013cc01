"""Structure: what a line's place among the others tells.

`words` tells how the words of lines are spread over their document, `threads` where readers comment, `title` and `body`
where the title and the article stand. `judge` hears the claims of the rules in that light, with what `lists`, `repeats`
(by way of `near_repeats`) and `edges` find.
"""
