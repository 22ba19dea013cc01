"""The stages, one folder each: ingest, extract, strip, language, quality, write. Only flows/ knows Prefect."""

import os

# A run's shards are what runs in parallel. A thread a core for each matrix product besides would only get in their way,
# and may round otherwise. numpy reads this when it is loaded; what the user has set stands.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
