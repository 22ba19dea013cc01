"""The short form of kills.py, which says what is tried and what has to hold; docs/guarantees.md has the long form."""

import subprocess
import sys
from pathlib import Path


def test_killed_runs_lose_nothing() -> None:
    command = [sys.executable, str(Path(__file__).with_name("kills.py")), "--kills", "12"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("promises broken: 0")
