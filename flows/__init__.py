"""The recipe, the settings, the command line and the report: all that knows Prefect."""

import os

# Shards are what runs in parallel. A thread a core for each matrix product besides would only get in their way, and
# might add up in another order. numpy reads this when it is loaded; what the user has set stands.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
