"""Model: the networks that give each line the probability that it is main text, and what they see of it."""
