"""What benchmarks/train_line_model.py has learnt: the weights of the networks, and which words are function words."""

from pathlib import Path

FOLDER = Path(__file__).parent
